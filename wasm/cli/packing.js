/** What `compress` and `decompress` share: options, the model, and progress on a terminal. */

import { loadModule } from '../engine/node/surroundings.js';
import { trainedWeights } from '../engine/predictor.js';
import { warnOfNoBorders } from './borders.js';
import { withFile } from './files.js';
import { duration } from './progress.js';
import { PARTS } from './sentences.js';
import { openForReading } from './weights.js';

/** @typedef {import('../engine/compressor.js').Progress} Progress */
/** @typedef {import('./options.js').Option} Option */

/** @type {Option[]} */
export const OUTPUT = [
  { name: 'output', short: 'o', value: 'FILE', help: 'Where to; - is standard output.' },
  { name: 'stdout', short: 'c', help: 'To standard output.' },
  { name: 'force', short: 'f', help: 'Replace an existing file, and write to a terminal.' },
  { name: 'keep', short: 'k', help: 'Keep the input, as without this flag.' },
  { name: 'rm', help: 'Remove the input once the output is written.' },
  { name: 'quiet', short: 'q', help: 'No progress, no figures.' },
];

/**
 * The weights of a checkpoint.
 * @param {string|undefined} file
 * @returns {Promise<import('../engine/predictor.js').Weights|undefined>}
 * @throws {import('./errors.js').RunError} one sentence that names the file
 */
export async function weightsOf(file) {
  if (file === undefined) return undefined;
  const { checkpoint, settings } = await openForReading(file, {});
  await warnOfNoBorders(settings);
  const module = await loadModule();
  return withFile(file, async () => trainedWeights(module, checkpoint, settings));
}

/** @param {number} bytes */
function sizeText(bytes) {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${(bytes / 1000).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * One line: how far, how small, how fast, how long still.
 * @param {Progress} progress
 * @param {number} ms  since the beginning
 * @param {number} columns  of the terminal
 * @returns {string}
 */
export function progressText({ plain, coded, length }, ms, columns) {
  const rate = plain / Math.max(1, ms);
  const parts = PARTS.packing({
    share: length ? plain / length : undefined,
    coded: sizeText(coded),
    plain: sizeText(plain),
    bits: plain > 0 ? (8 * coded) / plain : undefined,
    rate,
    left: length && plain > 0 ? duration((length - plain) / rate) : undefined,
  });
  return parts.join('  ').slice(0, Math.max(1, columns - 1));
}

/** Milliseconds between two drawings. */
const REDRAW = 200;

/**
 * Progress on a terminal, and nothing elsewhere.
 * @param {boolean} quiet
 * @returns {{report: (progress: Progress) => void, end: () => void}}
 */
export function createMeter(quiet) {
  const { stderr } = process;
  const start = performance.now();
  let drawnAt = 0;
  return {
    report(progress) {
      const now = performance.now();
      if (quiet || !stderr.isTTY || now - drawnAt < REDRAW) return;
      drawnAt = now;
      stderr.write(`\r\x1b[K${progressText(progress, now - start, stderr.columns || 80)}`);
    },
    end() {
      if (drawnAt > 0) stderr.write('\r\x1b[K');
    },
  };
}
