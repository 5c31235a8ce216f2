// tier: slow
/**
 * Cached generation against the full forward pass, over 100,000 bytes of a book, with weights and thresholds for which
 * every level is conditioned: the same bits in the logits, the same borders.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import { allFinite } from '../../wasm/engine/finite.js';
import { levelCount } from '../../wasm/engine/kinds.js';
import { Probe } from '../../wasm/engine/probe.js';
import { livelyModel } from './support/lively.js';
import { assertSameBits, conditioned, module, realText } from './support/models.js';

const BYTES = 100_000;
/** Bytes whose logits are taken from one full pass; each pass reads everything before them, too. */
const PART = 50_000;
/** Bytes of a window that continues the one before it: not a divisor of a part. */
const WINDOW = 4099;
/** The fewest positions that parents must condition at each level below the top. */
const LEAST_CONDITIONED = 500;
const HIDDEN = 10;

const text = realText(BYTES);
/** Marks for the rule given: words, and at full stops sentences. Other rules read none. */
const marks = text.map((byte) => (byte === 46 ? 2 : Number(byte === 32)));

/**
 * Levels with a border at each byte, from the masks of a full pass over one text.
 * @param {Model} model
 * @param {number} levels
 * @param {number} length
 */
function borderDepths(model, levels, length) {
  const depths = new Uint8Array(length);
  let places = Array.from({ length }, (_, t) => t);
  for (let l = 0; l < levels - 1; l++) {
    const { mask } = model.borderMask(l);
    places = places.filter((_, i) => mask[i] === 1);
    for (const t of places) depths[t]++;
  }
  return depths;
}

/**
 * Logits of the first bytes, read in windows that continue one another.
 * @param {Model} model
 */
function inWindows(model) {
  const symbols = model.core.constants.AC_SYMBOLS;
  const found = new Float32Array(PART * symbols);
  model.forget();
  for (let from = 0; from < PART; from += WINDOW) {
    const to = Math.min(PART, from + WINDOW);
    const next = Int32Array.of(text[to]);
    found.set(
      model.logits(text.subarray(from, to), to - from, 0, next, marks.subarray(from, to)).decoder,
      from * symbols,
    );
  }
  return found;
}

/** @param {Partial<import('../../wasm/engine/settings.js').Settings>} changes */
function check(changes) {
  const { settings, parameters } = livelyModel({ hidden_size: HIDDEN, ...changes }, text, marks);
  const levels = levelCount(settings);
  const model = new Model(module, { ...settings, batch_size: 1, sequence_length: BYTES });
  model.setParameters(parameters);
  const probe = new Probe(module, settings);
  probe.copyFrom(parameters);
  const symbols = probe.core.constants.AC_SYMBOLS;
  const depths = new Uint8Array(BYTES);

  for (let from = 0; from < BYTES; from += PART) {
    const to = from + PART;
    const full = model.logits(text.subarray(0, to), to, from, undefined, marks).decoder;
    assert.equal(full.length, PART * symbols);
    assert.ok(allFinite(full), 'logits are numbers');
    const cached = new Float32Array(full.length);
    for (let t = from; t < to; t++) {
      const step = probe.feed(text[t], true, marks[t]);
      depths[t] = step.depth - 1;
      cached.set(probe.core.floats(step.logits, symbols), (t - from) * symbols);
    }
    assertSameBits(cached, full, `logits after the bytes ${from} to ${to}`);
    if (from === 0 && model.carries) assertSameBits(inWindows(model), full, 'logits in windows');
  }
  assertSameBits(depths, borderDepths(model, levels, BYTES), 'borders');
  const counts = levels === 1 ? [] : conditioned(model);
  for (const [l, count] of counts.entries()) {
    assert.ok(count >= LEAST_CONDITIONED, `only ${count} positions of level ${l} are conditioned`);
  }
  return { tokens: model.tokens(), conditioned: counts };
}

describe('cached generation is the full pass, bit for bit', () => {
  for (let levels = 1; levels <= 5; levels++) {
    it(`${levels} level${levels > 1 ? 's' : ''}`, (t) => {
      const { tokens, conditioned: counts } = check({ num_levels: levels });
      assert.equal(counts.length, levels - 1);
      t.diagnostic(`tokens a level: ${tokens.join(', ')}; conditioned: ${counts.join(', ')}`);
    });
  }

  const residual = /** @type {const} */ ({ wiring: 'residual', carry_state: true });
  for (const [name, changes] of Object.entries({
    'two levels': {
      num_levels: 2,
      level_widths: '10,24',
      ngram_order: 4,
      ngram_rows: 90,
      span_order: 3,
      token_embeddings: true,
      recall: true,
    },
    'three levels, borders at rises and at words': {
      num_levels: 3,
      level_rules: 'rise,whitespace',
      level_thresholds: '0.02',
      level_widths: '12,20,7',
    },
    'two levels, scored by the encoder': {
      num_levels: 2,
      level_widths: '10,24',
      encoder_scores: true,
      level_rules: 'rise',
      level_thresholds: '0.02',
      ngram_order: 3,
      ngram_rows: 90,
    },
    'three levels, scored by the encoder': { num_levels: 3, encoder_scores: true, level_rules: 'accumulated,rise' },
    'five levels': { num_levels: 5, level_rules: 'accumulated,accumulated,every_nth,random', level_blocks: '1,3' },
    'borders of a list': { num_levels: 3, level_rules: 'given,given' },
    'accumulated, then a rise or a word’s end': {
      num_levels: 3,
      level_rules: 'accumulated_word_end,accumulated_rise',
      level_thresholds: '8,0.05',
    },
  })) {
    it(`residual stream, ${name}`, (t) => {
      const { tokens, conditioned: counts } = check({ ...residual, ...changes });
      assert.equal(counts.length, changes.num_levels - 1);
      t.diagnostic(`tokens a level: ${tokens.join(', ')}`);
    });
  }

  it('flat', () => {
    check({ ...residual, model_type: 'flat', level_blocks: '3' });
  });

  it('baseline', () => {
    check({ model_type: 'baseline', num_levels: 2 });
  });
});
