/** Windows of recorded traces: any part once more, bit for bit, while and after the trace is made. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { SPACING } from '../../wasm/engine/worker/recording.js';
import { LIVELY_TEXT, openLively } from './support/lively_worker.js';
import { assertSameBits, realText } from './support/models.js';
import { aWhile, Client, closeClients } from './support/session.js';
import { joined } from './support/traces.js';

/** @typedef {import('../../wasm/engine/protocol.js').TracePiece} TracePiece */

const TIMEOUT = { timeout: 60_000 };
/** Windows across a snapshot, inside a piece, at both ends, and of one byte. @type {[number, number][]} */
const PLACES = [
  [SPACING - 300, SPACING + 700],
  [130, 140],
  [0, 256],
  [LIVELY_TEXT.length - 300, LIVELY_TEXT.length],
  [9000, 9001],
];

afterEach(closeClients);

/**
 * A window, put together.
 * @param {Client} client
 * @param {number} trace
 * @param {number} from
 * @param {number} to
 * @param {number} [top]
 */
async function windowOf(client, trace, from, to, top) {
  const id = ++client.lastId;
  const before = client.events.length;
  await client.ask(
    { type: 'window', id, trace, from, to, ...(top !== undefined && { top }) },
    'window',
    (event) => event.id === id && event.done,
  );
  return client.events.slice(before).flatMap((e) => (e.type === 'window' && e.id === id ? [e.piece] : []));
}

/**
 * Asserts that the pieces of a window are that part of the whole trace, to the bit.
 * @param {TracePiece[]} pieces
 * @param {import('./support/traces.js').JoinedTrace} whole
 * @param {number} from
 * @param {number} to
 */
function assertPart(pieces, whole, from, to) {
  let at = from;
  for (const piece of pieces) {
    const n = piece.encoderBits.length;
    assert.equal(piece.from, at);
    for (const key of /** @type {const} */ (['encoderEntropy', 'decoderEntropy', 'encoderBits', 'decoderBits'])) {
      assertSameBits(piece[key], Float32Array.from(whole[key].slice(at, at + n)), `${key} from ${at}`);
    }
    for (const [key, Type] of /** @type {const} */ ([
      ['encoderTop', Uint16Array],
      ['decoderTop', Uint16Array],
      ['encoderProbability', Float32Array],
      ['decoderProbability', Float32Array],
    ])) {
      assertSameBits(piece[key], Type.from(whole[key].slice(10 * at, 10 * (at + n))), `${key} from ${at}`);
    }
    for (const [l, level] of piece.levels.entries()) {
      const [first, last] = [level.from, level.from + level.score.length];
      for (const [key, Type] of /** @type {const} */ ([
        ['source', Uint32Array],
        ['score', Float32Array],
        ['sum', Float32Array],
        ['border', Uint8Array],
      ])) {
        assertSameBits(level[key], Type.from(whole.levels[l][key].slice(first, last)), `${key} of level ${l}`);
      }
      // The error of the last token is only known to the piece after it.
      const known = Math.max(0, level.realised.length - 1);
      assertSameBits(
        level.realised.subarray(0, known),
        Float32Array.from(whole.levels[l].realised.slice(first, first + known)),
        `realised of level ${l}`,
      );
    }
    at += n;
  }
  assert.equal(at, to);
}

describe('a window', TIMEOUT, () => {
  for (const thresholds of [undefined, [3, 0.05]]) {
    it(`is the same part of the whole trace, bit for bit, ${thresholds ? 'thresholds moved' : 'as trained'}`, async () => {
      const client = await openLively();
      const whole = joined(await client.trace(LIVELY_TEXT, { thresholds }));
      await client.trace(LIVELY_TEXT, { thresholds, top: 0, record: true });
      const trace = client.lastId;
      assert.ok(whole.levels[2].score.length > 20, 'the top level has tokens');
      for (const [from, to] of PLACES) assertPart(await windowOf(client, trace, from, to), whole, from, to);
    });
  }

  it('without parents has none either', async () => {
    const client = await openLively();
    const whole = joined(await client.trace(LIVELY_TEXT, { withoutParents: true }));
    await client.trace(LIVELY_TEXT, { withoutParents: true, top: 0, record: true });
    assertPart(await windowOf(client, client.lastId, 5000, 5600), whole, 5000, 5600);
  });

  it('keeps as many predictions as are wanted', async () => {
    const client = await openLively();
    await client.trace(LIVELY_TEXT, { top: 0, record: true });
    const trace = client.lastId;
    for (const [wanted, top] of [
      [0, 0],
      [3, 3],
      [99, 10],
    ]) {
      const [piece] = await windowOf(client, trace, 400, 410, wanted);
      assert.equal(piece.top, top);
      assert.equal(piece.decoderTop.length, 10 * top);
    }
  });

  it('in the middle of a trace does not change the trace', async () => {
    const client = await openLively();
    const whole = joined(await client.trace(LIVELY_TEXT));
    const long = Uint8Array.from([...LIVELY_TEXT, ...realText(40_000)]);
    const expected = joined(await client.trace(long, { top: 0 }));
    const id = ++client.lastId;
    const from = client.events.length;
    const begun = client.next('trace', (e) => e.id === id && e.piece.from >= 2000);
    const done = client.next('trace', (e) => e.id === id && e.done);
    client.send({ type: 'trace', id, text: long, top: 0, record: true });
    await begun;
    assertPart(await windowOf(client, id, 300, 900), whole, 300, 900);
    assert.ok(!client.events.slice(from).some((e) => e.type === 'trace' && e.done), 'the trace is still under way');
    await done;
    const pieces = client.events.slice(from).flatMap((e) => (e.type === 'trace' && e.id === id ? [e.piece] : []));
    assert.deepEqual(joined(pieces), expected);
  });

  it('of a trace that another has replaced is refused, and so is one beyond what was traced', async () => {
    const client = await openLively();
    const passage = LIVELY_TEXT.slice(0, 1000);
    await client.trace(passage, { record: true });
    const first = client.lastId;
    /** @param {number} trace @param {number} from @param {number} to */
    const refused = async (trace, from, to) => {
      const id = ++client.lastId;
      return (await client.ask({ type: 'window', id, trace, from, to }, 'failed', (e) => e.id === id)).code;
    };
    for (const [from, to] of [
      [0, 1001],
      [-1, 5],
      [5, 5],
      [0.5, 3],
    ]) {
      assert.equal(await refused(first, from, to), 'bad_input');
    }
    await client.trace(passage, { reader: 'other' });
    assertPart(await windowOf(client, first, 10, 20), joined(await client.trace(passage, { reader: 'other' })), 10, 20);
    await client.trace(passage);
    assert.equal(await refused(first, 0, 10), 'stale_trace', 'its probe reads another text now');
    assert.equal(await refused(client.lastId - 1, 0, 10), 'stale_trace', 'that one was not recorded');
  });

  it('comes from the weights that the trace was made with, whatever training did since', async () => {
    const client = new Client();
    await client.open({ max_steps: 3 });
    await client.data(realText(20_000));
    const text = realText(3000);
    const whole = joined(await client.trace(text));
    await client.trace(text, { top: 0, record: true });
    const trace = client.lastId;
    await client.train();
    assertPart(await windowOf(client, trace, 1000, 1300), whole, 1000, 1300);
    assert.notDeepEqual(joined(await client.trace(text, { reader: 'other' })).decoderBits, whole.decoderBits);
  });

  it('ends when it is cancelled', async () => {
    const client = await openLively();
    await client.trace(LIVELY_TEXT, { top: 0, record: true });
    const trace = client.lastId;
    const id = ++client.lastId;
    const first = client.next('window', (e) => e.id === id);
    client.send({ type: 'window', id, trace, from: 0, to: LIVELY_TEXT.length });
    client.send({ type: 'cancel', id });
    await Promise.race([first, aWhile()]);
    await aWhile();
    assert.ok(!client.events.some((e) => e.type === 'window' && e.id === id && e.done));
  });
});
