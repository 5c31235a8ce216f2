/** The worker's traces: what they say, how pieces join, thresholds and parents. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { adaptiveForward } from '../reference/adaptive.js';
import { softmax } from '../reference/losses.js';
import { lookup, parameterLeaves } from '../reference/model.js';
import { Tape } from '../reference/tape.js';
import { altered, LIVELY, LIVELY_TEXT, lively, openLively } from './support/lively_worker.js';
import { assertClose, named, realText } from './support/models.js';
import { aWhile, Client, closeClients } from './support/session.js';
import { joined } from './support/traces.js';

/** @typedef {import('../reference/tensors.js').ModelSettings} ModelSettings */

/** Three pieces, the last one short. */
const PASSAGE = LIVELY_TEXT.slice(3000, 3600);
const TIMEOUT = { timeout: 60_000 };
const SYMBOLS = 257;

afterEach(closeClients);

/** The passage as the reference in double precision reads it. */
function reference() {
  const tape = new Tape();
  const parameters = lookup(parameterLeaves(tape, named(lively, lively.parameters)));
  const settings = /** @type {ModelSettings} */ (/** @type {unknown} */ (LIVELY));
  return adaptiveForward(tape, settings, parameters, [PASSAGE]).sequences[0];
}

describe('a trace', TIMEOUT, () => {
  it('agrees with the model in double precision', async () => {
    const client = await openLively();
    const pieces = await client.trace(PASSAGE);
    assert.equal(pieces.length, 3);
    const trace = joined(pieces);
    const expected = reference();
    assert.equal(trace.encoderBits.length, PASSAGE.length);
    for (const [l, { scores, mask }] of expected.levels.entries()) {
      const level = trace.levels[l];
      assertClose(level.score, scores, { absolute: 1e-3 }, `scores of level ${l}`);
      assert.deepEqual(level.border, mask ? [...mask] : new Array(scores.length).fill(0), `borders of level ${l}`);
    }
    for (const [l, errors] of expected.squaredErrors.entries()) {
      // The last token's error is against the end of the text, which a trace does not know.
      const { realised } = trace.levels[l + 1];
      assert.ok(Number.isNaN(realised.at(-1)));
      assertClose(
        realised.slice(0, -1),
        errors.data.slice(0, -1),
        { absolute: 1e-5, relative: 1e-4 },
        `errors of level ${l + 1}`,
      );
    }
    for (const [losses, bits] of /** @type {const} */ ([
      [expected.encoderLosses, trace.encoderBits],
      [expected.decoderLosses, trace.decoderBits],
    ])) {
      assert.ok(Number.isNaN(bits.at(-1)));
      const inBits = [...losses.data].slice(0, -1).map((nats) => nats / Math.LN2);
      assertClose(bits.slice(0, -1), inBits, { absolute: 1e-4 }, 'bits');
    }
    assertClose(trace.encoderEntropy, expected.entropies.data, { absolute: 1e-4 }, 'entropies');
  });

  it('keeps the likeliest symbols, best first, as many as wanted', async () => {
    const client = await openLively();
    const { encoderLogits, decoderLogits } = reference();
    for (const [wanted, top] of [
      [0, 0],
      [3, 3],
      [10, 10],
      [99, 10],
      [-1, 0],
      [undefined, 10],
    ]) {
      const trace = joined(await client.trace(PASSAGE, { top: wanted }));
      for (const [logits, symbols, probabilities] of /** @type {const} */ ([
        [encoderLogits, trace.encoderTop, trace.encoderProbability],
        [decoderLogits, trace.decoderTop, trace.decoderProbability],
      ])) {
        assert.equal(symbols.length, PASSAGE.length * Number(top));
        for (let t = 0; t < PASSAGE.length; t += 50) {
          const p = softmax(logits.data.subarray(t * SYMBOLS, (t + 1) * SYMBOLS));
          const best = [...p].sort((a, b) => b - a).slice(0, top);
          const at = t * Number(top);
          assertClose(
            probabilities.slice(at, at + Number(top)),
            best,
            { absolute: 1e-5 },
            `probabilities after byte ${t}`,
          );
          for (let i = 0; i < best.length; i++)
            assertClose([p[symbols[at + i]]], [best[i]], { absolute: 1e-5 }, 'symbols');
        }
      }
    }
  });

  it('joins without a seam: sources are borders below, sums start again after borders', async () => {
    const client = await openLively();
    const { levels } = joined(await client.trace(LIVELY_TEXT));
    assert.ok(levels[2].score.length > 500, `only ${levels[2].score.length} tokens of the top level`);
    const thresholds = [LIVELY.byte_entropy_threshold, LIVELY.meta_uncertainty_threshold].map(Number);
    for (const [l, { source, score, sum, border }] of levels.entries()) {
      const below = levels[l - 1]?.border ?? new Array(LIVELY_TEXT.length).fill(1);
      assert.deepEqual(
        source,
        below.flatMap((mark, i) => (mark === 1 ? [i] : [])),
        `sources of level ${l}`,
      );
      if (l === levels.length - 1) continue;
      let running = 0;
      for (let i = 0; i < score.length; i++) {
        running = i === 0 ? 0 : Math.fround(running + score[i]);
        assert.equal(sum[i], running, `sum ${i} of level ${l}`);
        assert.equal(border[i], Number(i === 0 || running >= Math.fround(thresholds[l])), `border ${i} of level ${l}`);
        if (border[i] === 1) running = 0;
      }
    }
  });

  it('has the thresholds that it is asked for, and those of the settings by default', async () => {
    const client = await openLively();
    const usual = joined(await client.trace(PASSAGE));
    const dense = joined(await client.trace(PASSAGE, { thresholds: [0, 0] }));
    assert.equal(dense.levels[2].score.length, PASSAGE.length);
    const sparse = joined(await client.trace(PASSAGE, { thresholds: [1e9, 1e9] }));
    assert.deepEqual(
      sparse.levels.map(({ score }) => score.length),
      [PASSAGE.length, 1, 1],
    );
    const half = joined(await client.trace(PASSAGE, { thresholds: [0] }));
    assert.equal(half.levels[1].score.length, PASSAGE.length);
    assert.ok(half.levels[2].score.length < PASSAGE.length);
    assert.deepEqual(joined(await client.trace(PASSAGE)), usual, 'those of the settings again');
    assert.deepEqual(usual.encoderBits, dense.encoderBits, 'the encoder does not depend on levels above');
    assert.notDeepEqual(usual.decoderBits, dense.decoderBits);
  });

  it('without parents: the same borders, another decoder', async () => {
    const client = await openLively();
    const usual = joined(await client.trace(PASSAGE));
    const without = joined(await client.trace(PASSAGE, { withoutParents: true }));
    assert.deepEqual(without.levels, usual.levels);
    assert.deepEqual(without.encoderBits, usual.encoderBits);
    assert.notDeepEqual(without.decoderBits, usual.decoderBits);
    const cut = altered((parameter) => {
      for (const l of [0, 1]) parameter(`decoder_blocks.${l}.parent_projection.weight`).fill(0);
    });
    const other = await openLively(cut);
    assert.deepEqual(without, joined(await other.trace(PASSAGE)), 'as with projections of zero');
  });

  it('of the baseline has one level and no borders', async () => {
    const client = new Client();
    await client.open({ model_type: 'baseline' });
    const trace = joined(await client.trace(PASSAGE));
    assert.equal(trace.levels.length, 1);
    assert.ok(trace.levels[0].border.every((mark) => mark === 0));
    assert.deepEqual(trace.encoderBits, trace.decoderBits);
    assert.deepEqual(trace.levels[0].score, trace.encoderEntropy);
  });

  it('ends when it is cancelled, or when another begins', async () => {
    const client = await openLively();
    const long = realText(1_000_000);
    const first = client.next('trace', ({ id }) => id === 101);
    client.send({ type: 'trace', id: 101, text: long });
    await first;
    client.send({ type: 'cancel', id: 999 });
    client.send({ type: 'cancel', id: 101 });
    await aWhile();
    const came = client.all('trace').length;
    await aWhile();
    assert.equal(client.all('trace').length, came, 'nothing comes after a cancel');
    const second = client.next('trace', ({ id }) => id === 102);
    client.send({ type: 'trace', id: 102, text: long });
    await second;
    const { levels } = joined(await client.trace(PASSAGE));
    assert.ok(levels[2].score.length > 10);
    assert.deepEqual(await client.overhear(), [], 'the second has ended');
  });

  it('of one reader does not end that of another', async () => {
    const client = await openLively();
    const long = realText(20_000);
    const finished = client.next('trace', ({ id, done }) => id === 201 && done);
    client.send({ type: 'trace', id: 201, text: long, top: 0, reader: 'sums' });
    const passage = joined(await client.trace(PASSAGE));
    const more = await client.ask(
      { type: 'trace', id: 202, text: PASSAGE, withoutParents: true, reader: 'without' },
      'trace',
      ({ id, done }) => id === 202 && done,
    );
    assert.equal(more.total, PASSAGE.length);
    await finished;
    const alone = client.all('trace').filter(({ id }) => id === 201);
    assert.equal(
      alone.reduce((sum, { piece }) => sum + piece.encoderBits.length, 0),
      long.length,
    );
    assert.deepEqual(joined(await client.trace(PASSAGE)), passage, 'the same answer with other readers at work');
  });

  it('is refused where there is no room for another reader', async () => {
    const client = await openLively();
    let failed = null;
    for (let i = 0; i < 10 && !failed; i++) {
      client.send({ type: 'trace', id: 300 + i, text: PASSAGE, reader: `reader ${i}` });
      await aWhile();
      failed = client.all('failed')[0];
    }
    assert.equal(failed?.code, 'bad_settings');
  });
});
