/** What the model wrote on the way, as text. */
import { decoded } from '../format/bytes.js';
import { thinned } from './thinning.js';

/** `text`: what it wrote, after the `prompt`. @typedef {{step: number, prompt: string, text: string}} Sample */

/** Samples of a run that are kept, from its beginning to the latest: the page draws them all. */
export const MOST_SAMPLES = 60;

/** @param {import('../../wasm/engine/protocol.js').Sample} event @returns {Sample} */
export function sampleOf({ step, prompt, bytes }) {
  return { step, prompt: decoded(prompt), text: decoded(bytes) };
}

/**
 * @param {readonly Sample[]} samples  by step
 * @param {Sample} sample  takes the place of one of the same step, and of those that come after it
 * @returns {Sample[]}
 */
export function withSample(samples, sample) {
  return thinned([...samples.filter(({ step }) => step < sample.step), sample], MOST_SAMPLES);
}
