/** What an element says below its drawing, in words. */
import { fixed, integer } from '../format/numbers.js';

/** @typedef {typeof import('../traces/trace.js').figures} Figures */

/**
 * How far a run is, and what the text costs.
 * @param {Pick<import('../../wasm/library/training_run.js').TrainingRun, 'state'|'progress'>|null} run
 * @param {ReturnType<Figures>|null} figures  of the trace that is drawn
 * @param {boolean} cost  whether it is to be said without a run, and in bytes
 * @returns {string} empty where there is nothing to say
 */
export function figuresLine(run, figures, cost) {
  const parts = run ? [progressWords(run)] : [];
  if (figures && Number.isFinite(figures.decoderBpb) && (run || cost)) {
    // The first byte is given.
    const bytes = 1 + Math.ceil((figures.decoderBpb * (figures.bytes - 1)) / 8);
    const instead = cost ? `: about ${integer(bytes)} bytes instead of ${integer(figures.bytes)}` : '';
    parts.push(`This text costs ${fixed(figures.decoderBpb)} bits per byte${instead}.`);
  }
  return parts.join(' ');
}

/** @param {Pick<import('../../wasm/library/training_run.js').TrainingRun, 'state'|'progress'>} run @returns {string} */
function progressWords({ state, progress: { step, maxSteps } }) {
  if (state === 'opening') return 'Training begins.';
  if (state === 'training') return `Step ${integer(step)} of ${integer(maxSteps)}.`;
  return `Trained for ${integer(step)} steps.`;
}
