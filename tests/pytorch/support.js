/** Starts the PyTorch package and the command line for tests. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { tool } from '../../wasm/tools/setup/tools.js';

/** A folder for the files of a test file. */
export const folder = mkdtempSync(path.join(tmpdir(), 'pytorch-'));
after(() => rmSync(folder, { recursive: true }));

/** A file in it. @param {string} name */
export const at = (name) => path.join(folder, name);

/** The package's environment: one thread, so that sums have one order. */
export const env = { ...process.env, PYTHONPATH: path.join(ROOT, 'wasm/pytorch'), OMP_NUM_THREADS: '1' };
export const execute = promisify(execFile);

/** @param {string[]} args */
export const python = (...args) => execute(tool('python3-torch'), args, { env, cwd: ROOT, maxBuffer: 1 << 26 });

/** @param {string} command @param {string[]} args */
export const cli = (command, ...args) =>
  execute(process.execPath, [path.join(ROOT, 'wasm/cli', `${command}.js`), ...args], { maxBuffer: 1 << 28 });

/** What the package says, by name. @type {Readonly<Record<string, string>>} */
const SENTENCES = JSON.parse(readFileSync(path.join(ROOT, 'wasm/pytorch/adaptive_compressor/sentences.json'), 'utf8'));

/**
 * A sentence of the package.
 * @param {string} reason  its name
 * @param {Record<string, unknown>} [fields]  what it speaks of; NaN and ANY of wording.js where that is not known
 * @returns {string}
 */
export function said(reason, fields = {}) {
  assert.ok(Object.hasOwn(SENTENCES, reason), reason);
  return SENTENCES[reason].replace(/\{(\w+)(?::g)?\}/g, (_, name) => {
    assert.ok(Object.hasOwn(fields, name), `${reason} speaks of ${name}`);
    return String(fields[name]);
  });
}

/** Lines of JSON that a training wrote. @param {string} output @returns {Record<string, number>[]} */
export const figures = (output) =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** @param {ArrayLike<number>} found @param {ArrayLike<number>} expected @param {string} what */
export function assertNear(found, expected, what) {
  assert.equal(found.length, expected.length, what);
  for (let i = 0; i < expected.length; i++)
    assert.ok(Math.abs(found[i] - expected[i]) < 2e-4, `${what}, ${i}: ${found[i]}, not ${expected[i]}`);
}

const words = ['the ', 'whale ', 'swam ', 'past ', 'a ', 'ship, ', 'and '];
writeFileSync(at('text.txt'), Array.from({ length: 4000 }, (_, i) => words[(i * i + (i >> 3)) % 7]).join(''));

const SIZE = ['--hidden-size', '16', '--num-levels', '3', '--sequence-length', '48', '--batch-size', '4'];
const RULE = ['--byte-entropy-threshold', '12', '--meta-uncertainty-threshold', '0.2', '--learning-rate', '0.003'];
/** Flags of a small model. */
export const SMALL = Object.freeze([...SIZE, ...RULE]);
/** Flags of a residual stream, with carried state and a threshold that training steers. */
const RESIDUAL = [
  ...['--wiring', 'residual', '--num-levels', '3', '--carry-state', '--segment-length', '480'],
  ...['--level-rules', 'rise,accumulated', '--level-thresholds', '0.05,2', '--level-target-rates', '5'],
  ...['--ngram-order', '3', '--ngram-rows', '30', '--span-order', '3', '--recall', '--encoder-scores'],
  ...['--level-widths', '16,12,20', '--level-blocks', '1'],
  ...['--level-learning-rate-factors', '1,0.5', '--clip-norm', '1', '--dropout', '0.1'],
  ...['--weight-averaging', '0.25'],
];
const MIRROR = [
  '--dropout',
  '0.2',
  '--schedule',
  'cosine',
  '--warmup-steps',
  '4',
  '--weight-decay',
  '0.1',
  '--seed',
  '7',
];
/** Kinds of model, by the flags that choose them. @type {Readonly<Record<string, string[]>>} */
export const KINDS = Object.freeze({
  adaptive: MIRROR,
  baseline: ['--model-type', 'baseline', '--no-shuffle', '--val-fraction', '0.2', '--dropout', '0.5'],
  residual: RESIDUAL,
  flat: [...RESIDUAL, '--model-type', 'flat'],
});
export const COMMON = Object.freeze(['--text-file', at('text.txt'), '--log-every', '1', '--eval-every', '50']);
