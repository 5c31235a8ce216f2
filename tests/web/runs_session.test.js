import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSession } from '../../web/state/runs/gate.js';
import { emptyPoints } from '../../web/state/runs/points.js';
import { zipFiles } from '../../web/storage/archive.js';
import { noise, point, run } from './support/runs.js';
import { browser, own, session } from './support/sessions.js';

test('a session is saved as one file, and can be opened in another browser', async () => {
  const { bytes, digest } = await session();
  assert.equal(await isSession(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)])), true);
  const to = browser();
  await to.shelf.add(run({ name: 'first' }), emptyPoints());
  to.store.runs.list.value = (await to.shelf.list()).runs;
  await to.importSession('old.zip', bytes);
  const { reason, fields } = to.store.notice.value ?? {};
  assert.deepEqual([reason, fields], ['session_taken', { name: 'old.zip', added: 2 }]);
  const { runs } = await to.shelf.list();
  assert.deepEqual(runs.map(({ name }) => name).sort(), ['first', 'first 2', 'second']);
  const first = runs.find(({ name }) => name === 'first 2');
  assert.ok(first);
  assert.equal(first.notes, 'good');
  assert.equal(runs.find(({ name }) => name === 'second')?.counterpart, first.id);
  const weights = await to.shelf.weights(first);
  assert.deepEqual([weights?.saved.step, weights?.saved.elapsedMs], [10, 77]);
  assert.deepEqual(weights?.bytes, noise(100_000));
  assert.deepEqual(await to.shelf.points(first.id), { train: [point(1), point(10)], validation: [point(0)] });
  assert.deepEqual((await to.shelf.text(digest))?.bytes, own);
});

test('the reader’s own texts are only in it on request', async () => {
  const { bytes, digest } = await session(false);
  const to = browser();
  await to.importSession('old.zip', bytes);
  assert.equal(await to.shelf.hasText(digest), false);
});

test('a damaged file, or one that is no session, is refused in a sentence, and changes nothing', async () => {
  const { bytes } = await session();
  /** @param {Record<string, string>} parts */
  const zip = async (parts) => {
    const files = Object.entries(parts).map(([name, text]) => ({ name, bytes: Buffer.from(text), squeeze: true }));
    const blob = await zipFiles(
      (async function* () {
        yield* files;
      })(),
    );
    return new Uint8Array(await blob.arrayBuffer());
  };
  // The first block of the first file gets a kind that there is not, whatever it holds.
  const spoiled = bytes.slice();
  spoiled[30 + spoiled[26] + spoiled[28]] |= 7;
  const cases = /** @type {const} */ ([
    [noise(50), 'damaged_zip'],
    [bytes.slice(0, bytes.length - 30), 'damaged_zip'],
    [spoiled, 'damaged_packing'],
    [await zip({ 'a.txt': 'hello' }), 'not_a_session'],
    [await zip({ 'session.json': '{"format": "another", "runs": []}' }), 'not_a_session'],
    [await zip({ 'session.json': 'no json' }), 'part_json'],
  ]);
  for (const [wrong, why] of cases) {
    const to = browser();
    await to.importSession('odd.zip', wrong);
    const { kind, reason, fields } = to.store.notice.value ?? {};
    assert.deepEqual([kind, reason], ['problem', why]);
    assert.deepEqual([fields?.name, fields?.added], ['odd.zip', 0]);
    assert.deepEqual((await to.shelf.list()).runs, []);
  }
  assert.equal(await isSession(new Blob(['PK'])), false);
});

test('a storage that fills up halfway keeps what it has, and says so', async () => {
  const { bytes } = await session();
  const full = Object.assign(new Error('full'), { name: 'QuotaExceededError' });
  const to = browser((deed, table) => (deed === 'put' && table === 'weights' ? full : null));
  await to.importSession('old.zip', bytes);
  assert.equal(to.store.runs.problem.value?.reason, 'full');
});
