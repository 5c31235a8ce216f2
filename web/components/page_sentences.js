/** What parts that load after the first drawing say of training, its text, writing, the strip, and a new version of the page. */
import { reasonText } from '../../wasm/engine/stopping.js';
import { byteSize, count, fixed, integer, significant } from '../format/numbers.js';

/** States of training, as readers see them. @type {Readonly<Record<'idle'|'training'|'paused'|'finished', string>>} */
export const STATES = Object.freeze({ idle: 'Ready', training: 'Training', paused: 'Paused', finished: 'Finished' });

/** A newer version of the page is there. @param {boolean} busy  whether a training goes on @returns {string} */
export const updateReady = (busy) =>
  `A newer version of this page is ready${busy ? '; it waits until the training is over.' : '.'}`;

/**
 * Why training ended.
 * @param {import('../../wasm/engine/protocol.js').StopReason} reason
 * @param {import('../../wasm/engine/settings.js').Settings} settings
 * @returns {string}
 */
export function endedWords(reason, settings) {
  const text = reasonText(reason, settings);
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

/** Where a sample was written. @param {number} step @returns {string} */
export const stepName = (step) => `step ${integer(step)}`;

/** How fast training would be. @param {number} stepsPerSecond @returns {string} */
export const speedHere = (stepsPerSecond) => `about ${significant(stepsPerSecond)} steps/s`;

/** Before what keeps training from beginning. */
export const CANNOT_TRAIN = 'This can’t be trained: ';

/** The range of a setting, and its default. @param {import('../../wasm/engine/settings.js').NamedSetting} setting @returns {string} */
export function rangeOf({ type, min, max, positive, default: usual }) {
  if (type === 'choice' || type === 'flag') return '';
  if (type === 'text') return `Up to ${max} characters.`;
  if (type === 'list') return '';
  const shown = (/** @type {number} */ n) => (Number.isInteger(n) ? integer(n) : String(n));
  const least = positive ? `above ${min}` : String(min);
  return `${least} to ${shown(Number(max))}, default ${shown(Number(usual))}.`;
}

/** The part of a text that is evaluated. @param {number} bytes @returns {string} */
export const heldOut = (bytes) => `${byteSize(bytes)} held out`;

/** The other part. @param {number} bytes @returns {string} */
export const toTrainOn = (bytes) => `${byteSize(bytes)} to train on`;

/**
 * How far files are read, after their name.
 * @param {{bytes: number, total: number}|null} loaded  null where that is not known
 * @returns {string}
 */
export const readOf = (loaded) => `…${loaded ? ` ${byteSize(loaded.bytes)} of about ${byteSize(loaded.total)}` : ''}`;

/** @param {number} bpb  bits per byte @returns {string} */
export const gzipNeeds = (bpb) => `gzip needs ${fixed(bpb)} bits for each held-out byte.`;

/** Stands in place of a chart whose code did not come. */
export const CHART_PROBLEM = 'The chart could not be loaded: reload the page. The table below says the same.';

/** Why the model stopped writing, where the length that was asked for is not the reason. @type {Readonly<Record<string, string>>} */
const ENDINGS = Object.freeze({ length: '', eos: ' The model ended the text.', stopped: ' Stopped.' });

/**
 * How much the model wrote, how fast, and why it ended.
 * @param {Pick<import('../state/store.js').Generation, 'count'|'bytesPerSecond'|'reason'>} generation
 * @returns {string}
 */
export const written = ({ count: bytes, bytesPerSecond, reason }) =>
  `${count(bytes, 'byte')}, ${integer(bytesPerSecond)} a second.${ENDINGS[reason ?? 'length']}`;

/**
 * Which part of the passage the strip shows.
 * @param {{from: number, span: number}} view  bytes
 * @param {number} n  bytes of the passage
 * @returns {string}
 */
export function shownBytes({ from, span }, n) {
  const [first, last] = [Math.floor(from) + 1, Math.min(n, Math.ceil(from + span))];
  return first === 1 && last === n
    ? `all ${count(n, 'byte')}`
    : `bytes ${integer(first)}–${integer(last)} of ${integer(n)}`;
}

/** How far the model has read the passage. @param {number} percent @returns {string} */
export const readSoFar = (percent) => ` · ${percent} % read`;

/**
 * How many places a search found, and which of them is shown.
 * @param {number} hit  from 0; below 0 where none is chosen
 * @param {number} n
 * @param {boolean} [more]  whether only the first n were looked for
 * @returns {string}
 */
export function hitCount(hit, n, more = false) {
  const total = `${integer(n)}${more ? '+' : ''}`;
  if (n === 0) return 'none';
  return hit < 0 ? total : `${integer(hit + 1)} of ${total}`;
}
