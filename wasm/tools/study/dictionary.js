/**
 * Writes the long text of the studies: every article that the index of Debian’s package dict-gcide names, once, in an
 * order shuffled by the core’s own numbers. `node wasm/tools/study/dictionary.js FILE`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Instance } from '../../engine/module.js';
import { loadModule } from '../../engine/node/surroundings.js';
import { buildCore } from '../build.js';
import { runAsProgram, SetupError } from '../setup/run.js';

const FOLDER = '/usr/share/dictd';
const SEED = 1;
/** The format’s digits; its numbers have the highest first. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** @param {string} text  a number of an index @returns {number} */
const numberOf = (text) => [...text].reduce((sum, digit) => sum * DIGITS.length + DIGITS.indexOf(digit), 0);

/**
 * The places of a dictionary’s articles, each once, in the order of the file.
 * @param {string} index  a line an entry: headword, offset and length, with tabs between
 * @returns {{offset: number, length: number}[]} bytes
 */
export function placesOf(index) {
  const lines = index.split('\n').filter((line) => line !== '');
  const lengths = new Map(lines.map((line) => line.split('\t').slice(1, 3).map(numberOf)).map(([at, n]) => [at, n]));
  return [...lengths].map(([offset, length]) => ({ offset, length })).sort((a, b) => a.offset - b.offset);
}

await runAsProgram(import.meta.url, async () => {
  const [file] = process.argv.slice(2);
  if (!file) throw new SetupError('Name the file to write: node wasm/tools/study/dictionary.js FILE');
  const [index, articles] = ['gcide.index', 'gcide.dict.dz'].map((name) => path.join(FOLDER, name));
  if (!existsSync(index)) throw new SetupError(`There is no ${index}: install Debian’s package dict-gcide.`);
  await buildCore();
  const { call } = new Instance(await loadModule());
  const all = gunzipSync(readFileSync(articles));
  const places = placesOf(readFileSync(index, 'utf8'));
  const parts = places.map((_, i) => {
    const { offset, length } = places[call.acw_shuffled(SEED, 0, places.length, i) >>> 0];
    return all.subarray(offset, offset + length);
  });
  writeFileSync(file, Buffer.concat(parts));
  console.log(`${file}: ${places.length} articles`);
});
