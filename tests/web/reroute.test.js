/** Borders that the page computes for moved thresholds, compared with those that the worker traces. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { reroute } from '../../web/traces/reroute.js';
import { emptyTrace, figures, withPiece } from '../../web/traces/trace.js';
import { LIVELY, LIVELY_TEXT, openLively } from '../wasm/support/lively_worker.js';
import { closeClients } from '../wasm/support/session.js';
import { routeOf } from './support/store.js';

/** @typedef {import('../../web/traces/trace.js').Trace} Trace */

const ROUTE = routeOf(LIVELY);
const TRAINED = [LIVELY.byte_entropy_threshold, LIVELY.meta_uncertainty_threshold];
const TEXT = LIVELY_TEXT.slice(0, 6000);
const TIMEOUT = { timeout: 60_000 };

afterEach(closeClients);

/** @param {Trace} trace @param {import('../../wasm/engine/protocol.js').TracePiece[]} pieces */
function filled(trace, pieces) {
  for (const piece of pieces)
    trace = withPiece(trace, piece, piece.from + piece.encoderBits.length === trace.text.length);
  return trace;
}

/** The values of a level, without the unused end of its arrays. @param {Trace} trace @param {number} l @param {string[]} fields */
function levelOf(trace, l, fields) {
  const level = trace.levels[l];
  return fields.map((field) => Array.from(/** @type {any} */ (level)[field].subarray(0, level.count)));
}

const SPANS = ['source', 'end'];
const ALL = [...SPANS, 'score', 'sum', 'border', 'realised'];

test(
  'a moved threshold gives the worker’s borders at once, and its pieces then make the trace whole',
  TIMEOUT,
  async () => {
    const client = await openLively();
    const base = filled(emptyTrace(TEXT, TRAINED), await client.trace(TEXT, { thresholds: TRAINED }));
    for (const [moved, thresholds] of /** @type {[number, number[]][]} */ ([
      [0, [TRAINED[0] * 1.7, TRAINED[1]]],
      [0, [TRAINED[0] * 0.4, TRAINED[1] * 2]],
      [1, [TRAINED[0], TRAINED[1] * 1.6]],
    ])) {
      const pieces = await client.trace(TEXT, { thresholds });
      const expected = filled(emptyTrace(TEXT, thresholds), pieces);
      const rerouted = reroute(base, thresholds, 7, ROUTE);
      assert.ok(rerouted);
      assert.equal(rerouted.id, 7);
      for (let l = 0; l <= moved; l++) {
        assert.deepEqual(
          levelOf(rerouted, l, ['source', 'end', 'score', 'sum', 'border']),
          levelOf(expected, l, ['source', 'end', 'score', 'sum', 'border']),
        );
      }
      assert.deepEqual(levelOf(rerouted, moved + 1, SPANS), levelOf(expected, moved + 1, SPANS));
      assert.equal(rerouted.levels[moved + 1].known, 0);
      for (let l = moved + 2; l < rerouted.levels.length; l++) assert.equal(rerouted.levels[l].count, 0);
      assert.ok(Number.isNaN(figures(rerouted).decoderBpb), 'the decoder’s figures are not known');
      assert.equal(rerouted.traced, 0);

      const half = filled(rerouted, pieces.slice(0, 5));
      assert.equal(half.levels[moved + 1].count, expected.levels[moved + 1].count, 'what was computed stays');
      const whole = filled(rerouted, pieces);
      for (let l = 0; l < whole.levels.length; l++) assert.deepEqual(levelOf(whole, l, ALL), levelOf(expected, l, ALL));
      assert.deepEqual(whole.decoderBits, expected.decoderBits);
      assert.deepEqual(whole.encoderTop, expected.encoderTop);
      assert.deepEqual(whole.decoderTop, expected.decoderTop);
      assert.deepEqual(figures(whole), figures(expected));
    }
  },
);

test('rerouting a rerouted trace uses only what is known', TIMEOUT, async () => {
  const client = await openLively();
  const base = filled(emptyTrace(TEXT, TRAINED), await client.trace(TEXT, { thresholds: TRAINED }));
  const first = reroute(base, [TRAINED[0] * 2, TRAINED[1]], 1, ROUTE);
  assert.ok(first);
  const second = reroute(first, [TRAINED[0] * 2, TRAINED[1] * 2], 2, ROUTE);
  assert.ok(second);
  assert.equal(second.levels[1].count, first.levels[1].count, 'spans of level 1 are still known');
  assert.equal(second.levels[2].count, 0, 'those of level 2 are not: nothing is known of the scores below');
});

test('nothing is rerouted where nothing moved, or not all was read', TIMEOUT, async () => {
  const client = await openLively();
  const pieces = await client.trace(TEXT, { thresholds: TRAINED });
  const half = filled(emptyTrace(TEXT, TRAINED), pieces.slice(0, 3));
  assert.equal(reroute(half, [1, 1], 1, ROUTE), null);
  const whole = filled(half, pieces.slice(3));
  assert.equal(reroute(whole, TRAINED, 1, ROUTE), null);
  assert.equal(reroute(whole, [1], 1, ROUTE), null);
});
