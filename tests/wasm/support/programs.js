/** Other programs that write files of the formats read here. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tool } from '../../../wasm/tools/setup/tools.js';

const MOST_OUTPUT = 1 << 28;

/**
 * Runs a program.
 * @param {string} name  a key of the tools, or a program that every Debian has
 * @param {readonly string[]} args
 * @param {{input?: Uint8Array|string, cwd?: string}} [options]
 * @returns {Buffer} its standard output
 */
export function program(name, args, options = {}) {
  const essential = ['gzip', 'iconv'].includes(name);
  return execFileSync(essential ? name : tool(name), args, { ...options, stdio: 'pipe', maxBuffer: MOST_OUTPUT });
}

/** What scripts start with: `value` from the test, and `packed` to return bytes. */
const PRELUDE = `
import base64, io, json, sys
def packed(data): return base64.b64encode(data).decode()
def unpacked(text): return base64.b64decode(text)
value = json.load(sys.stdin)
result = None
`;

/**
 * Runs a Python script that makes a `result` of a `value`; bytes go in and out as base64.
 * @param {string} script
 * @param {unknown} value
 * @param {string} [python]  a key of the tools
 * @returns {any}
 */
export function python(script, value, python = 'python3') {
  const whole = `${PRELUDE}${script}\njson.dump(result, sys.stdout)\n`;
  return JSON.parse(program(python, ['-c', whole], { input: JSON.stringify(value) }).toString());
}

/** @param {Uint8Array} bytes */
export const toBase64 = (bytes) => Buffer.from(bytes).toString('base64');

/** @param {string} text */
export const fromBase64 = (text) => new Uint8Array(Buffer.from(text, 'base64'));

/**
 * Writes files below a folder.
 * @param {string} folder
 * @param {Record<string, Uint8Array>} files  names may have folders in them
 */
export function writeFiles(folder, files) {
  for (const [name, bytes] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}
