/** Whole passes over a text for every byte of it: generation without a cache, and the causality check. */
import { Model } from '../core.js';
import { CoreError } from '../module.js';
import { Sampler } from '../probe.js';
import { tick } from './tick.js';
import { checkGeneration, Output } from './writing.js';

/** @typedef {import('../settings.js').Settings} Settings */
/** @typedef {import('./reading.js').Job} Job */
/** @typedef {import('./reading.js').Post} Post */

/** The longest texts for generation by recomputation, and for the causality check. */
const MOST_RECOMPUTED = 8192;
const MOST_CHECKED = 256;
/** A difference of logits that rounding cannot explain. */
const LEAK = 1e-3;

/**
 * A model for full passes over one text of up to `length` bytes, with the weights of one that reads. The caller closes it.
 * @param {Model} lender
 * @param {Settings} settings
 * @param {number} length
 * @returns {Model}
 */
export function passesWith(lender, settings, length) {
  const own = { batch_size: 1, sequence_length: length, dropout: 0, carry_state: false };
  return new Model(lender.module, { ...settings, ...own }, { lender });
}

/** How many levels have a border at each byte, from the masks of a pass over one text. @param {Model} model @param {number} length */
function depths(model, length) {
  const depth = new Uint8Array(length);
  let places = Array.from({ length }, (_, t) => t);
  for (let l = 0; l < model.borderLevels.length; l++) {
    const { mask } = model.borderMask(l);
    places = places.filter((_, i) => mask[i] === 1);
    for (const t of places) depth[t]++;
  }
  return depth;
}

/**
 * Generation by running the whole pass for every byte.
 * @param {Model} model  that reads
 * @param {Settings} settings
 * @param {import('../protocol.js').Generate} command
 * @param {Job} job
 * @param {Post} post
 * @returns {Promise<void>}
 * @throws {CoreError} `bad_settings`
 */
export async function regenerate(model, settings, command, job, post) {
  checkGeneration(command);
  const { prompt, max_new_bytes, seed } = command;
  const room = prompt.length + max_new_bytes;
  if (room > MOST_RECOMPUTED) {
    throw new CoreError(
      'bad_settings',
      `Recomputing works up to ${MOST_RECOMPUTED} bytes, prompt included: choose a shorter length, or the cache.`,
    );
  }
  const passes = passesWith(model, model.reading(settings), room);
  const sampler = new Sampler(passes.core, seed);
  try {
    const text = new Uint8Array(room);
    text.set(prompt);
    const output = new Output(command, post);
    for (let n = prompt.length; n < room && !job.cancelled; n++) {
      const symbol = sampler.draw(passes.logits(text.subarray(0, n), n, n - 1).decoder, command);
      if (symbol === passes.core.constants.AC_EOS) return output.flush('eos');
      text[n] = symbol;
      passes.forward(text.subarray(0, n + 1), n + 1);
      output.add(symbol, depths(passes, n + 1)[n]);
      output.flush();
      await tick();
    }
    output.flush(job.cancelled ? 'stopped' : 'length');
  } finally {
    sampler.close();
    passes.close();
  }
}

/**
 * Decoder logits of every prefix of a text against those of the full pass over it.
 * @param {Model} model  that reads
 * @param {Settings} settings
 * @param {Uint8Array} text
 * @param {Job} job
 * @param {number} [most]  bytes of the text that count; the work grows with their square
 * @returns {Promise<{positions: number, worst: number, difference: number, leaks: boolean}>} worst position, largest
 *   absolute difference of a logit
 * @throws {CoreError} `empty_text`
 */
export async function checkCausality(model, settings, text, job, most = MOST_CHECKED) {
  const n = Math.min(text.length, most);
  if (n === 0) throw new CoreError('empty_text', 'There is no text to check: choose a passage with something in it.');
  const passes = passesWith(model, model.reading(settings), n);
  try {
    const whole = passes.logits(text.subarray(0, n), n).decoder;
    const symbols = whole.length / n;
    let [worst, difference] = [0, 0];
    for (let length = 1; length <= n && !job.cancelled; length++) {
      const prefix = passes.logits(text.subarray(0, length), length, length - 1).decoder;
      for (let i = 0; i < symbols; i++) {
        const d = Math.abs(prefix[i] - whole[(length - 1) * symbols + i]);
        if (d > difference) [worst, difference] = [length - 1, d];
      }
      await tick();
    }
    return { positions: n, worst, difference, leaks: difference > LEAK };
  } finally {
    passes.close();
  }
}
