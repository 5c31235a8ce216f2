/** What an element says below its drawing, in words. */
import { fixed, integer } from '../format/numbers.js';

/** @typedef {typeof import('../traces/trace.js').figures} Figures */

/** How far a run is. @type {Readonly<Record<'opening'|'training'|'ended', (step: number, most: number) => string>>} */
export const PROGRESS = Object.freeze({
  opening: () => 'Training begins.',
  training: (step, most) => `Step ${integer(step)} of ${integer(most)}.`,
  ended: (step) => `Trained for ${integer(step)} steps.`,
});

/**
 * What a text costs.
 * @param {number} bits  bits a byte
 * @param {{bytes: number, of: number}} [sizes]  bytes that it would take, and those that it has
 * @returns {string}
 */
export const costs = (bits, sizes) =>
  `This text costs ${fixed(bits)} bits per byte${sizes ? `: about ${integer(sizes.bytes)} bytes instead of ${integer(sizes.of)}` : ''}.`;

/**
 * How far a run is, and what the text costs.
 * @param {Pick<import('../../wasm/library/training_run.js').TrainingRun, 'state'|'progress'>|null} run
 * @param {ReturnType<Figures>|null} figures  of the trace that is drawn
 * @param {boolean} cost  whether it is to be said without a run, and in bytes
 * @returns {string} empty where there is nothing to say
 */
export function figuresLine(run, figures, cost) {
  const parts = run
    ? [PROGRESS[run.state === 'closed' ? 'ended' : run.state](run.progress.step, run.progress.maxSteps)]
    : [];
  if (figures && Number.isFinite(figures.decoderBpb) && (run || cost)) {
    // The first byte is given.
    const bytes = 1 + Math.ceil((figures.decoderBpb * (figures.bytes - 1)) / 8);
    parts.push(costs(figures.decoderBpb, cost ? { bytes, of: figures.bytes } : undefined));
  }
  return parts.join(' ');
}
