/** Borders that the reader brings with a text: --borders FILE. */
import { borderLevelsOf } from '../engine/config.js';
import { loadModule } from '../engine/node/surroundings.js';
import { readBorders } from '../files/texts/borders.js';
import { UsageError } from './errors.js';
import { readBytes, withFile } from './files.js';
import { warn } from './program.js';

/** @typedef {import('./options.js').Arguments} Arguments */
/** @typedef {import('../engine/settings.js').Settings} Settings */

/** @type {import('./options.js').Option} */
export const BORDERS = {
  name: 'borders',
  value: 'FILE',
  help: 'Borders of your own, for the rule given: a line each, with the position of a byte of the text, from 0, and optionally the highest level that gets a token there (default 1).',
};

/** @type {import('./options.js').Option} */
export const HELD_OUT_BORDERS = {
  name: 'val-borders',
  value: 'FILE',
  help: 'Likewise of a text that --val-text-file or --val-parquet names.',
};

/**
 * Whether a level has its borders from a list.
 * @param {Settings} settings
 */
async function needsBorders(settings) {
  return borderLevelsOf(await loadModule(), settings).some(({ marked }) => marked);
}

/**
 * Marks of a text by a file.
 * @param {string} file
 * @param {number} length  of the text
 */
async function readMarks(file, length) {
  const list = await readBytes(file);
  return withFile(file, async () => readBorders(list, length));
}

/** Whether another text is held out. @param {Arguments} args */
const hasOwnHeldOut = (args) => args.has('val-text-file') || args.has('val-parquet');

/**
 * Whether borders are to be read: where a rule asks for them.
 * @param {Arguments} args
 * @param {Settings} settings
 * @returns {Promise<boolean>}
 * @throws {UsageError}
 */
export async function takesBorders(args, settings) {
  const needed = await needsBorders(settings);
  if (needed && !args.has('borders')) throw new UsageError('borders_missing');
  if (!needed && args.has('borders')) warn('borders_unused');
  return needed;
}

/**
 * Likewise before training, where the text may come from elsewhere and another one may be held out.
 * @param {Arguments} args
 * @param {Settings} settings
 * @returns {Promise<boolean>}
 * @throws {UsageError}
 */
export async function takesTrainingBorders(args, settings) {
  if (!(await takesBorders(args, settings))) return false;
  if (!args.has('text-file') && !args.has('parquet')) throw new UsageError('borders_alone');
  if (hasOwnHeldOut(args) && !args.has('val-borders')) throw new UsageError('held_out_borders_missing');
  return true;
}

/**
 * The marks of a text, by --borders.
 * @param {Arguments} args
 * @param {Uint8Array} text
 * @returns {Promise<Uint8Array>} [length of the text]
 * @throws {import('./errors.js').RunError}
 */
export function marksOf(args, { length }) {
  return readMarks(String(args.get('borders')), length);
}

/**
 * Those of a text to train on and of the one that is held out, which is its end or another one.
 * @param {Arguments} args
 * @param {{train: Uint8Array, heldOut: Uint8Array}} texts
 * @returns {Promise<NonNullable<import('../engine/corpus.js').Texts['marks']>>}
 * @throws {import('./errors.js').RunError}
 */
export async function trainingMarks(args, { train, heldOut }) {
  const file = String(args.get('borders'));
  if (hasOwnHeldOut(args)) {
    const own = String(args.get('val-borders'));
    return { train: await readMarks(file, train.length), heldOut: await readMarks(own, heldOut.length) };
  }
  const all = await readMarks(file, train.length + heldOut.length);
  return { train: all.subarray(0, train.length), heldOut: all.subarray(train.length) };
}

/**
 * Warns where a model that takes its borders from a list is to read a text that comes without one.
 * @param {Settings} settings
 */
export async function warnOfNoBorders(settings) {
  if (await needsBorders(settings)) warn('no_borders');
}
