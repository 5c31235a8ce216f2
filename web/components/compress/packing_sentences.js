/** What is said of files while they are compressed, and of what they cost. */
import { byteSize, duration, fixed, integer, percent } from '../../format/numbers.js';

/** What stands beside the bars of sizes. */
export const SIZES = Object.freeze({
  original: 'The file',
  own: 'Here',
  counts: 'Counts alone',
  alone: 'The model alone',
  mixed: 'Both, mixed',
  model: 'The model',
  mixedWithoutParents: 'Both, parents off',
  modelWithoutParents: 'Parents off',
});

/** Fewer bytes than this between two sizes are no difference worth a word. */
const SAME = 1;

/** @param {number} bytes  that something saved @returns {string} */
function saved(bytes) {
  if (Math.abs(bytes) < SAME) return 'save nothing';
  return bytes < 0 ? `cost ${byteSize(-bytes)} more than they save` : `save ${byteSize(bytes)}`;
}

/** @param {number} bytes  that the model’s predictions saved beside counts @returns {string} */
export const modelSaved = (bytes) => `Beside counts, the model’s predictions ${saved(bytes)}.`;

/** @param {number} bytes  that the parents saved @returns {string} */
export const parentsSaved = (bytes) =>
  `What the levels above the bytes pass down to them: the parents ${saved(bytes)}.`;

/**
 * What a stretch of a file cost.
 * @param {{bits: number, bytes: number, first: number}} stretch  `first`: where it begins, from 0
 * @returns {string}
 */
export const stretchCost = ({ bits, bytes, first }) =>
  `${fixed(bits, 0)} bits for the ${integer(bytes)} bytes from byte ${integer(first)} on. The deeper the colour, the dearer.`;

/**
 * How far a job is.
 * @param {{share: number, paused: boolean, begun: boolean, bits: number, speed: number, left: number}} progress  `share` of the
 *   file, 0 to 1; `begun`: whether anything is done; bits a byte, bytes a second, milliseconds
 * @returns {string}
 */
export const howFar = ({ share, paused, begun, bits, speed, left }) =>
  `${percent(share)}${paused ? ', paused' : ''}${begun ? `, ${fixed(bits, 3)} bits a byte, ${byteSize(speed)} a second, ${duration(left)} left` : ''}`;
