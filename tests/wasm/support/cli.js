/** Runs the commands as programs of their own, in folders of their own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { realText } from './models.js';

const FOLDER = new URL('../../../wasm/cli/', import.meta.url);
/** Settings of commands must not come from whoever runs the tests. */
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
 * @param {(stdout: string, child: import('node:child_process').ChildProcess) => void} [options.watch]  hears all of
 *   standard output so far
 * @returns {Promise<Result>}
 */
export function cli(command, args, { cwd = tmpdir(), env = {}, watch } = {}) {
  const file = fileURLToPath(new URL(`${command}.js`, FOLDER));
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
 * A folder for the files of one test file, with a real text in it.
 * @param {number} [bytes]
 */
export function workFolder(bytes = 6000) {
  const folder = mkdtempSync(path.join(tmpdir(), 'cli-test-'));
  const at = (/** @type {string} */ name) => path.join(folder, name);
  const text = realText(bytes);
  writeFileSync(at('text.txt'), text);
  return { folder, at, text, textFile: at('text.txt'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
