import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyPoints } from '../../web/state/runs/points.js';
import { createShelf, TakenError } from '../../web/state/runs/shelf.js';
import { memoryDatabase } from '../../web/storage/memory.js';
import { noise, point, run } from './support/runs.js';

/** @param {Parameters<typeof memoryDatabase>[0]} [fault] */
async function shelved(fault) {
  const database = memoryDatabase(fault);
  const shelf = createShelf(database, 'me');
  const kept = await shelf.add(run(), emptyPoints());
  /** @param {number} step */
  const save = (step) =>
    shelf.change(kept.id, { step }, { weights: { bytes: noise(64, step), step, elapsedMs: step * 10 } });
  const weights = () => /** @type {Map<string, Uint8Array>} */ (database.tables.get('weights'));
  /** @param {string} slot */
  const damage = (slot) => {
    const bytes = /** @type {Uint8Array} */ (weights().get(`${kept.id}/${slot}`));
    bytes[11] ^= 4;
  };
  const latest = async () => {
    const { runs } = await shelf.list();
    return shelf.weights(runs[0]);
  };
  return { database, shelf, id: kept.id, save, weights, damage, latest };
}

test('new weights replace the older of the two kept; the latest stay until they are written', async () => {
  const { save, weights, latest, id } = await shelved();
  assert.equal(await latest(), null);
  assert.equal((await save(1)).saved?.slot, 'a');
  assert.equal((await save(2)).saved?.slot, 'b');
  assert.deepEqual([...weights().keys()].sort(), [`${id}/a`, `${id}/b`]);
  const third = await save(3);
  assert.deepEqual([third.saved?.slot, third.saved?.step, third.before?.slot, third.before?.step], ['a', 3, 'b', 2]);
  assert.deepEqual((await latest())?.bytes, noise(64, 3));
});

test('damaged weights are noticed: the earlier ones take their place, if there are any', async () => {
  const { save, damage, latest } = await shelved();
  await save(1);
  await save(2);
  damage('b');
  const found = await latest();
  assert.deepEqual([found?.saved.step, found?.bytes], [1, noise(64, 1)]);
  damage('a');
  assert.equal(await latest(), null);
});

test('the last weights of a run replace both of the two kept', async () => {
  const { shelf, save, weights, id, latest } = await shelved();
  await save(1);
  await save(2);
  const end = await shelf.change(id, {}, { weights: { bytes: noise(9), step: 3, elapsedMs: 1 }, last: true });
  assert.deepEqual([end.before, [...weights().keys()]], [null, [`${id}/a`]]);
  assert.equal((await latest())?.saved.step, 3);
});

for (const deed of /** @type {const} */ (['put', 'end'])) {
  test(`a failure halfway (${deed}) changes nothing`, async () => {
    let broken = false;
    const full = Object.assign(new Error('full'), { name: 'QuotaExceededError' });
    const { shelf, save, latest, id } = await shelved((what, table) =>
      broken && what === deed && (deed === 'end' || table === 'runs') ? full : null,
    );
    await save(1);
    await save(2);
    broken = true;
    await assert.rejects(save(3), { name: 'QuotaExceededError' });
    await assert.rejects(shelf.change(id, { name: 'other' }, { points: { train: [point(1)], validation: [] } }));
    broken = false;
    const { runs } = await shelf.list();
    assert.deepEqual([runs[0].name, runs[0].step, (await latest())?.saved.step], ['a run', 2, 2]);
    assert.deepEqual(await shelf.points(id), emptyPoints());
  });
}

test('a tab that lost a run to another can’t overwrite it', async () => {
  const { database, shelf, id, save, latest } = await shelved();
  await save(1);
  const other = createShelf(database, 'you');
  await assert.rejects(other.change(id, { name: 'stolen' }), TakenError);
  assert.equal((await other.claim(id))?.owner, 'you');
  await assert.rejects(save(2), TakenError);
  await assert.rejects(shelf.change(id, { notes: 'x' }), TakenError);
  assert.equal((await latest())?.saved.step, 1);
  assert.equal((await other.change(id, { name: 'mine now' })).name, 'mine now');
  await other.remove([id]);
  await assert.rejects(other.change(id, {}), TakenError);
  assert.equal(await other.claim(id), null);
});

test('invalid records are counted, and the others are there', async () => {
  const { database, shelf } = await shelved();
  await database.transaction(['runs'], true, async (tx) => {
    await tx.put('runs', 'one', { id: 'one', settings: 'none' });
    await tx.put('runs', 'two', 7);
    await tx.put('runs', 'three', run({ id: 'four' }));
  });
  const { runs, damaged } = await shelf.list();
  assert.equal(runs.length, 1);
  assert.deepEqual(damaged, ['one', 'three', 'two']);
  await shelf.remove(damaged);
  assert.deepEqual((await shelf.list()).damaged, []);
});

test('texts are kept by digest, and deleted once no run needs them', async () => {
  const { shelf } = await shelved();
  for (const digest of ['x', 'y']) await shelf.keepText(digest, { name: digest, bytes: noise(20) });
  assert.equal(await shelf.hasText('x'), true);
  assert.deepEqual((await shelf.text('x'))?.bytes, noise(20));
  await shelf.dropTexts(['y']);
  assert.deepEqual([await shelf.hasText('x'), await shelf.hasText('y')], [false, true]);
  assert.equal(await shelf.text('x'), null);
});
