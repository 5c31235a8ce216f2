/** What the table of sizes is made of: files that Debian has, this project's texts, and bytes that are hard to compress. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../setup/run.js';

/** @typedef {{name: string, bytes: Uint8Array}} Sample */

/** @param {Uint8Array} bytes @param {number} length */
const first = (bytes, length) => bytes.subarray(0, length);

/** Bytes that say nothing about the next one. @param {number} length @returns {Uint8Array} */
function noise(length) {
  let x = 1;
  return Uint8Array.from({ length }, () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x >>> 24;
  });
}

/** Files of Debian's packages, those of them that are there: name, place, whether it lies there packed by gzip. */
const DEBIAN = Object.freeze([
  ['GPL-3', '/usr/share/common-licenses/GPL-3', false],
  ['changelog of libharfbuzz', '/usr/share/doc/libharfbuzz-icu0/changelog.gz', true],
  ['word list', '/usr/share/dict/american-english', false],
  ['C source (zlib’s enough.c)', '/usr/share/doc/zlib1g-dev/examples/enough.c', false],
  ['HTML page (libarmadillo)', '/usr/share/doc/libarmadillo11/docs.html', false],
  ['PDF (libtasn1)', '/usr/share/doc/libtasn1-doc/libtasn1.pdf', false],
  ['PNG (valgrind)', '/usr/share/doc/valgrind/html/images/kcachegrind_xtree.png', false],
]);

/**
 * @param {string} file
 * @returns {Sample}
 */
export function sampleOf(file) {
  return { name: path.basename(file), bytes: new Uint8Array(readFileSync(file)) };
}

/** @returns {Sample[]} */
export function usualSamples() {
  const whale = sampleOf(path.join(ROOT, 'public/samples/moby-dick.txt')).bytes;
  const debian = DEBIAN.filter(([, file]) => existsSync(String(file))).map(([name, file, packed]) => {
    const bytes = readFileSync(String(file));
    return { name: String(name), bytes: new Uint8Array(packed ? gunzipSync(bytes) : bytes) };
  });
  return [
    { name: 'Moby Dick, the sample', bytes: whale },
    { name: 'Moby Dick, first 100,000 bytes', bytes: first(whale, 100_000) },
    { name: 'Moby Dick, first 10,000 bytes', bytes: first(whale, 10_000) },
    ...debian,
    { name: 'noise', bytes: noise(100_000) },
    { name: 'one byte', bytes: Uint8Array.of(65) },
    { name: 'no byte', bytes: new Uint8Array() },
  ];
}
