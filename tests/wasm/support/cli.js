/** Runs the commands as separate programs, each test file in its own folder. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { outcomeOf, UsageError } from '../../../wasm/cli/errors.js';
import { LINES } from '../../../wasm/cli/sentences.js';
import { readSetting } from '../../../wasm/engine/settings.js';
import { readCheckpoint } from '../../../wasm/files/checkpoint/checkpoint.js';
import { module, realText } from './models.js';

const FOLDER = new URL('../../../wasm/cli/', import.meta.url);
/** Commands must not take settings from the environment of whoever runs the tests. */
const { PATH = '', HOME = '' } = process.env;

/**
 * @typedef {object} Result
 * @property {number|null} status
 * @property {string} stdout
 * @property {string} stderr
 * @property {number} chunks   in which standard output arrived
 */

/**
 * @param {string} command  its file in wasm/cli/, without `.js`
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {Record<string, string>} [options.env]
 * @param {Uint8Array} [options.input]  standard input
 * @param {(stdout: string, child: import('node:child_process').ChildProcess) => void} [options.watch]  called with all of
 *   standard output so far
 * @returns {Promise<Result>}
 */
export function cli(command, args, { cwd = tmpdir(), env = {}, input, watch } = {}) {
  const file = fileURLToPath(new URL(`${command.replaceAll('-', '_')}.js`, FOLDER));
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {}).end(input);
  const result = { status: /** @type {number|null} */ (null), stdout: '', stderr: '', chunks: 0 };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    result.stdout += text;
    result.chunks++;
    watch?.(result.stdout, child);
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    result.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ ...result, status }));
  });
}

/**
 * The line on standard error for an error.
 * @param {string} command
 * @param {unknown} error
 */
export const lineOf = (command, error) => `${command.replace('-', ':')}: ${outcomeOf(error).line}\n`;

/** The line on standard error for a warning. @param {string} sentence */
export const warningOf = (sentence) => `${LINES.warning({ sentence })}\n`;

/** A setting that can't have this value. @param {string} option  as typed @param {string} raw @returns {UsageError} */
export function wrongSetting(option, raw) {
  const { error } = readSetting(option.replace(/^--/, '').replaceAll('-', '_').toLowerCase(), raw);
  assert.ok(error);
  return new UsageError('setting', { option, error });
}

/** The error that something fails with. @param {() => unknown} work @returns {Promise<unknown>} */
export async function failureOf(work) {
  try {
    await work();
  } catch (error) {
    return error;
  }
  assert.fail('it did not fail');
}

/** A model that trains in no time. */
export const TINY = [
  '--hidden-size',
  '12',
  '--sequence-length',
  '24',
  '--batch-size',
  '4',
  '--byte-entropy-threshold',
  '12',
];

/**
 * A folder for the files of one test file, with a real text in it, and the commands run there.
 * @param {number} [bytes]
 */
export function workFolder(bytes = 6000) {
  const folder = mkdtempSync(path.join(tmpdir(), 'cli-test-'));
  const at = (/** @type {string} */ name) => path.join(folder, name);
  const text = realText(bytes);
  writeFileSync(at('text.txt'), text);

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {Parameters<typeof cli>[2]} [options]
   */
  const succeeds = async (command, args, options) => {
    const result = await cli(command, args, { cwd: folder, ...options });
    assert.equal(result.status, 0, result.stderr);
    return result;
  };

  /**
   * Expects an error: its sentence on standard error, and its status.
   * @param {string} command
   * @param {string[]} args
   * @param {unknown} error
   * @param {Parameters<typeof cli>[2]} [options]
   */
  const refuses = async (command, args, error, options) => {
    const result = await cli(command, args, { cwd: folder, ...options });
    assert.deepEqual([result.stderr, result.status], [lineOf(command, error), outcomeOf(error).status]);
    return result;
  };

  /**
   * Trains a model whose levels all get tokens, and one with teacher-forced borders.
   * @returns {Promise<{model: string, leaky: string}>} their files
   */
  const trainModels = async () => {
    const [model, leaky] = [at('model.safetensors'), at('leaky.safetensors')];
    const args = ['--text-file', at('text.txt'), ...TINY, '--learning-rate', '0.01', '--max-steps', '40'];
    await Promise.all([
      succeeds('train', [...args, '--meta-uncertainty-threshold', '0.2', '--output', model]),
      succeeds('train', [...args, '--border-mode', 'teacher_forced', '--output', leaky]),
    ]);
    return { model, leaky };
  };

  /** @param {string} name */
  const checkpoint = (name) => readCheckpoint(module, readFileSync(at(name)));

  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { folder, at, text, textFile: at('text.txt'), succeeds, refuses, trainModels, checkpoint, remove };
}
