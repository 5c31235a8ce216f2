/** Models whose every level has conditioning parents on real text. */
import assert from 'node:assert/strict';
import { Model } from '../../../wasm/engine/core.js';
import { levelCount } from '../../../wasm/engine/kinds.js';
import { Probe } from '../../../wasm/engine/probe.js';
import { module, small } from './models.js';

/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */

const TRAINING_STEPS = 60;
/** Bytes on which scores are measured. */
const MEASURED = 20000;
/** Roughly the bytes in a token of level 1, and the share of the threshold 1 that a token of a higher level adds. */
const BYTES_A_TOKEN = 3;
const COST = 0.4;
/** From the tenth to the ninetieth percentile of scores, before the softplus. */
const SPREAD = 3;

/**
 * Scores of a level's tokens on a text.
 * @param {Settings} settings
 * @param {Float32Array} parameters
 * @param {Uint8Array} text
 * @param {number} level
 * @param {Uint8Array} [marks]
 */
function scores(settings, parameters, text, level, marks) {
  const probe = new Probe(module, settings);
  probe.copyFrom(parameters);
  /** @type {number[]} */
  const found = [];
  const before = new Array(probe.levels).fill(0);
  for (let from = 0; from < text.length; from += probe.pieceLength) {
    const piece = probe.tracePiece(text, from, Math.min(text.length, from + probe.pieceLength), 0, before, marks);
    found.push(...piece.levels[level].score);
  }
  const mean = found.reduce((sum, x) => sum + x, 0) / found.length;
  return { mean, found };
}

/**
 * Weights trained briefly, so that entropies vary; then the byte threshold is set to the entropy of a few bytes, and each
 * uncertainty head is shifted and scaled so that its scores scatter about a share of the threshold.
 * @param {Partial<Settings>} changes
 * @param {Uint8Array} text
 * @param {Uint8Array} [marks]  of its bytes
 * @returns {{settings: Settings, parameters: Float32Array}}
 */
export function livelyModel(changes, text, marks) {
  let settings = small({ meta_uncertainty_threshold: 1, ...changes });
  const model = new Model(module, settings);
  const [length, batch] = [settings.sequence_length, settings.batch_size];
  for (let step = 0; step < TRAINING_STEPS; step++) {
    const from = step * length * batch;
    const own = marks?.subarray(from, from + length * batch);
    model.forward(text.subarray(from, from + length * batch), length, { training: true, marks: own });
    model.backward();
    model.update(5e-3);
  }
  const parameters = model.parameters.slice();
  const passage = text.subarray(0, MEASURED);
  const levels = levelCount(settings);
  if (levels > 1) {
    const { mean } = scores(settings, parameters, passage, 0, marks);
    settings = { ...settings, byte_entropy_threshold: BYTES_A_TOKEN * mean };
  }
  for (let l = 1; l < levels - 1; l++) {
    const part = (/** @type {string} */ name) => {
      const heads = settings.wiring === 'residual' ? `levels.${l}.uncertainty_head` : `meta_uncertainty_heads.${l - 1}`;
      const tensor = model.tensors.find((t) => t.name === `${heads}.${name}`);
      assert.ok(tensor);
      return parameters.subarray(tensor.offset, tensor.offset + tensor.size);
    };
    // Before the softplus a score is linear in the head's weights.
    const linear = scores(settings, parameters, passage, l, marks).found.map((u) => Math.log(Math.expm1(u)));
    assert.ok(linear.length > 50, `level ${l} has only ${linear.length} tokens`);
    // The start of a text has unusual scores, which must not set the scale.
    linear.sort((a, b) => a - b);
    const [low, middle, high] = [0.1, 0.5, 0.9].map((share) => linear[Math.floor(share * linear.length)]);
    const scatter = high - low;
    part('weight').forEach((w, i, all) => {
      all[i] = (w * SPREAD) / scatter;
    });
    part('bias')[0] = ((part('bias')[0] - middle) * SPREAD) / scatter + Math.log(Math.expm1(COST));
  }
  return { settings, parameters };
}
