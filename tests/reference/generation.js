/**
 * Cached generation: one byte a step, a higher level moving only when the one below puts a border. What is kept between
 * steps is the state of each block and, for each level, a running sum, a token count and an active parent.
 */

import { namedLinear } from './adaptive.js';
import { BorderRule } from './borders.js';
import { blockStep, initialStates } from './gru.js';
import { entropy } from './losses.js';
import { lookup, parameterLeaves } from './model.js';
import { gather } from './rows.js';
import { Tape } from './tape.js';
import { baselineSize } from './tensors.js';

/** @typedef {import('./tape.js').Matrix} Matrix */
/** @typedef {import('./tensors.js').ModelSettings} ModelSettings */
/** @typedef {import('./tensors.js').Parameters} Parameters */

/**
 * @typedef {object} Step
 * @property {Float64Array} logits  [257], of the symbol after the byte just read
 * @property {number} borders  how many levels, from the bytes up, put a border at the byte
 *
 * @typedef {object} Generator
 * @property {(byte: number) => Step} step
 */

/** The blocks of a model with their states, stepped by name. */
class Blocks {
  /** @type {Map<string, Matrix[]>} */
  #states = new Map();

  /** @param {Parameters} parameters */
  constructor(parameters) {
    this.tape = new Tape(); // never played back; a fresh one for each byte, so that it does not grow without end
    this.parameter = lookup(parameterLeaves(this.tape, parameters));
  }

  /** @param {string} prefix @param {Matrix} x  [1][H] @returns {Matrix} [1][H], the block's output */
  step(prefix, x) {
    const before = this.#states.get(prefix) ?? initialStates(this.tape, x.cols);
    const after = blockStep(this.tape, this.parameter, prefix, x, before);
    this.#states.set(prefix, after);
    return after[1];
  }

  /** @param {string} name @param {Matrix} x */
  linear(name, x) {
    return namedLinear(this.tape, this.parameter, name, x);
  }

  /** The embedding of a byte; begins a new step. @param {number} byte @returns {Matrix} [1][H] */
  begin(byte) {
    this.tape = new Tape();
    return gather(this.tape, this.parameter('byte_embedding.weight'), [byte]);
  }
}

/**
 * @param {ModelSettings} settings
 * @param {Parameters} parameters
 * @returns {Generator}
 */
function adaptiveGenerator({ num_levels: L, hidden_size: H, ...settings }, parameters) {
  if (settings.border_mode === 'teacher_forced') {
    throw new Error('Teacher-forced borders look at the next byte, which is not known while generating.');
  }
  const blocks = new Blocks(parameters);
  const thresholdOf = (/** @type {number} */ l) =>
    l === 0 ? settings.byte_entropy_threshold : settings.meta_uncertainty_threshold;
  const rules = Array.from({ length: L - 1 }, (_, l) => new BorderRule(thresholdOf(l)));
  const tokensSeen = new Array(L).fill(0);
  const none = blocks.tape.leaf(1, H);
  const activeParents = new Array(L - 1).fill(none);

  /** How much of its threshold the input that level l has just read uses up. @param {number} l @param {Matrix} h */
  const scoreOf = (l, h) => {
    const { tape } = blocks;
    if (l === 0) return entropy(tape, blocks.linear('byte_encoder_head', h)).data[0];
    return tape.softplus(blocks.linear(`meta_uncertainty_heads.${l - 1}`, h)).data[0];
  };

  /**
   * Level l reads x; levels above follow where it puts a border.
   * @param {number} l
   * @param {Matrix} x  [1][H]
   * @returns {{output: Matrix, borders: number}} the level's decoder output, and the borders from this level up
   */
  const read = (l, x) => {
    const encoded = blocks.step(`encoder_blocks.${l}.gru`, x);
    let output = encoded;
    let border = false;
    if (l < L - 1) {
      border = rules[l].next(scoreOf(l, encoded));
      const parent = blocks.linear(`decoder_blocks.${l}.parent_projection`, border ? none : activeParents[l]);
      output = blocks.step(`decoder_blocks.${l}.gru.gru`, blocks.tape.add(x, parent));
    }
    if (l >= 1 && tokensSeen[l] > 0) activeParents[l - 1] = output;
    tokensSeen[l] += 1;
    return { output, borders: border ? 1 + read(l + 1, encoded).borders : 0 };
  };

  return {
    step(byte) {
      const { output, borders } = read(0, blocks.begin(byte));
      return { logits: blocks.linear('byte_decoder_head', output).data, borders };
    },
  };
}

/**
 * @param {ModelSettings} settings
 * @param {Parameters} parameters
 * @returns {Generator}
 */
function baselineGenerator(settings, parameters) {
  const blocks = new Blocks(parameters);
  const { blocks: count } = baselineSize(settings.hidden_size, settings.num_levels);
  return {
    step(byte) {
      let x = blocks.begin(byte);
      for (let k = 0; k < count; k++) x = blocks.tape.add(x, blocks.step(`blocks.${k}.gru_block.gru`, x));
      return { logits: blocks.linear('byte_head', x).data, borders: 0 };
    },
  };
}

/**
 * A generator at the start of a text. Feed it a prompt byte by byte, then what was drawn from its logits.
 * @param {ModelSettings} settings
 * @param {Parameters} parameters  unchanged, and not copied
 * @returns {Generator}
 * @throws {Error} with teacher-forced borders
 */
export function createGenerator(settings, parameters) {
  return settings.model_type === 'baseline'
    ? baselineGenerator(settings, parameters)
    : adaptiveGenerator(settings, parameters);
}
