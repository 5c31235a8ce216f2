/**
 * How fast whole steps of all workers are, messages and updates included: steps are taken on a text that is made up, with
 * models that are made for it and given back.
 */
import { Corpus } from '../corpus.js';
import { forwardFlops } from '../flops.js';
import { Group } from '../replicas.js';
import { learningRate } from '../schedule.js';

/** @typedef {import('../settings.js').Settings} Settings */

/**
 * Where workers come from, and when to stop.
 * @typedef {object} Way
 * @property {() => import('../replica_answers.js').Link} [spawn]  without it there is one worker alone
 * @property {import('../replicas.js').Meet} [meet]
 * @property {() => Promise<void>} pause  called between steps, as training does
 * @property {() => boolean} ended  whether nobody wants to know any more
 */

/** Milliseconds and steps of a look at least. */
const [LOOK_MS, LOOK_STEPS] = [150, 3];
/** So many looks in a row that are as fast as each other end it. */
const SAME_LOOKS = 3;
/** Milliseconds after which no other look begins. */
const MOST_MS = 1500;
/** A look that is so many times as fast as those before shows that code was still being compiled then. */
export const MUCH_BETTER = 1.1;
/** Batches of the text. */
const BATCHES = 16;
/** Letters in it, of which about as many are spaces as in English. */
const LETTERS = new TextEncoder().encode(' e t aoinshrdlcu');

/**
 * Bytes like text: hardly an n-gram comes twice, so that sparse tensors have as many rows to update, and words are as long.
 * @param {number} length
 * @param {number} [seed]
 * @returns {Uint8Array<ArrayBuffer>} the same for the same seed
 */
export function madeUpText(length, seed = 1) {
  let random = seed;
  return Uint8Array.from({ length }, () => {
    random = (Math.imul(random, 1664525) + 1013904223) | 0;
    return LETTERS[random >>> 28];
  });
}

/**
 * Floating-point operations a millisecond of each of some groups, which take turns, once their code is compiled well.
 * @param {Group[]} groups
 * @param {Settings} settings
 * @param {Way} way
 * @returns {Promise<number[]|null>} null where nobody wants to know any more
 */
async function speedsOf(groups, settings, { pause, ended }) {
  const { batch_size: batch, sequence_length: length } = settings;
  const text = { train: madeUpText(BATCHES * batch * length + 1), heldOut: new Uint8Array(0) };
  const corpus = new Corpus(groups[0].lead.module, text, settings);
  const rate = learningRate(settings, 0);
  /** Of the looks at each since code was last found to be faster. */
  const sums = groups.map(() => ({ flops: 0, ms: 0 }));
  let step = 0;
  /** @param {Group} group @returns {Promise<number>} floating-point operations */
  const take = async (group) => {
    const { tokens } = await group.step(corpus.trainingBatch(step), step, rate);
    step++;
    await pause();
    return 3 * forwardFlops(settings, tokens, group.lead.blocks);
  };
  // The first step is not counted: it compiles and takes memory.
  for (const group of groups) await take(group);
  const startedAt = performance.now();
  // Code may be compiled well in the middle of a look, or behind one.
  for (let same = 0; same < SAME_LOOKS && performance.now() - startedAt < MOST_MS; same++) {
    for (const [i, group] of groups.entries()) {
      const from = performance.now();
      let [flops, steps, ms] = [0, 0, 0];
      for (; steps < LOOK_STEPS || ms < LOOK_MS; steps++) {
        if (ended()) return null;
        flops += await take(group);
        ms = performance.now() - from;
      }
      const sum = sums[i];
      if (flops * sum.ms > MUCH_BETTER * sum.flops * ms || sum.ms === 0) {
        same = 0;
        sums[i] = { flops, ms };
      } else sums[i] = { flops: sum.flops + flops, ms: sum.ms + ms };
    }
  }
  return sums.map(({ flops, ms }) => flops / ms);
}

/**
 * Measures with workers that are started for it and ended.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings
 * @param {number[]} counts  of workers; several are measured in turns
 * @param {Way} way
 * @returns {Promise<number[]|null>} floating-point operations a millisecond of all workers together, for each count; null
 *   where it was ended
 * @throws {import('../module.js').CoreError} `worker`, `too_big`, `not_finite`
 */
export async function wholeSteps(module, settings, counts, way) {
  /** @type {Group[]} */
  const groups = [];
  try {
    for (const workers of counts)
      groups.push(await Group.open(module, { ...settings, workers }, workers, way.spawn, way));
    return await speedsOf(groups, settings, way);
  } finally {
    for (const group of groups) group.close();
  }
}
