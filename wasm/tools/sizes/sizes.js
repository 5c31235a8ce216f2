/**
 * How small this program and others make files, as a table in Markdown: `npm run sizes`, or `npm run sizes -- FILE…` for
 * files of one's own. Every file that is made here is taken apart again and compared. Sizes are bits a byte of whole files;
 * of files below 100 bytes, bytes. A model learns from files above 100,000 bytes only with `--all`, since that takes minutes. The rows at the end hold for the first file: kilobytes a second of computing, both
 * ways, and the most memory.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, runAsProgram, SetupError } from '../setup/run.js';
import { sampleOf, usualSamples } from './measured_files.js';

/** @typedef {import('./measured_files.js').Sample} Sample */

/**
 * A program: what makes `small` of `file`, and what takes it apart again to standard output.
 * @typedef {{name: string, pack: (file: string, small: string) => string[], unpack: (small: string) => string[]}} Packer
 */

/** Names of columns, and the commands. Those that write to standard output get `>`. @type {readonly Packer[]} */
const OTHERS = [
  { name: 'gzip', pack: (file) => ['>', 'gzip', '-9nc', file], unpack: (small) => ['gzip', '-dc', small] },
  {
    name: 'zstd',
    pack: (file, small) => ['zstd', '-19', '--ultra', '-q', '-f', file, '-o', small],
    unpack: (small) => ['zstd', '-dqc', small],
  },
  { name: 'xz', pack: (file) => ['>', 'xz', '-9ec', file], unpack: (small) => ['xz', '-dc', small] },
  { name: 'bzip2', pack: (file) => ['>', 'bzip2', '-9c', file], unpack: (small) => ['bzip2', '-dc', small] },
  {
    name: 'PPMd',
    pack: (file, small) => ['7z', 'a', '-bd', '-t7z', '-m0=ppmd:o=16:mem=256m', small, file],
    unpack: (small) => ['7z', 'x', '-so', small],
  },
  {
    name: 'zpaq',
    pack: (file, small) => ['zpaq', 'a', small, file, '-m5', '-t1'],
    unpack: (small) => ['zpaq', 'x', small, '-to', `${small}.out`, '-f'],
  },
];

/** @param {string} command @param {...string} flags @returns {string[]} */
const own = (command, ...flags) => [process.execPath, path.join(ROOT, `wasm/cli/${command}.js`), '-q', ...flags];

/** @param {string} name @param {...string} flags @returns {Packer} */
const here = (name, ...flags) => ({
  name,
  pack: (file, small) => [...own('compress', ...flags), file, '-o', small],
  unpack: (small) => [...own('decompress', '-c'), small],
});

/** Largest file that a model alone learns from unless all are asked for, in bytes. */
const SHORT = 100_000;

/** @type {readonly Packer[]} */
const OWN = [
  here('counts alone', '--mode', 'counts'),
  here('model alone', '--learn', 'flat', '--mode', 'model'),
  here('both, the default'),
];

/**
 * Runs a command.
 * @param {string[]} command
 * @param {string} small  where its standard output goes, where that is what it makes
 * @returns {{seconds: number, kilobytes: number, out: Buffer}} of computing; the most memory
 */
function measured(command, small) {
  const plain = command[0] === '>' ? command.slice(1) : command;
  const { status, stdout, stderr, error } = spawnSync('time', ['-q', '-f', '%U %S %M', ...plain], {
    maxBuffer: 1 << 28,
  });
  if (error || status !== 0)
    throw new SetupError(`${plain[0]} did not work; apt-get install time 7zip zpaq zstd may help. ${stderr ?? error}`);
  if (command[0] === '>') writeFileSync(small, stdout);
  const [user, system, kilobytes] = (String(stderr).trim().split('\n').pop() ?? '').split(' ').map(Number);
  return { seconds: user + system, kilobytes, out: stdout };
}

/** @typedef {{bytes: number, packing: number, unpacking: number, memory: number}} Outcome  seconds and kilobytes */

/**
 * @param {Packer} packer
 * @param {Sample} sample
 * @param {string} folder
 * @param {boolean} all  whether a model learns from long files, too
 * @returns {Outcome|null} null where the program does not take the file, or would take long
 */
function tried({ name, pack, unpack }, { name: file, bytes }, folder, all) {
  const [original, small] = [path.join(folder, 'original'), path.join(folder, 'original.zpaq')];
  writeFileSync(original, bytes);
  rmSync(small, { force: true });
  if (bytes.length === 0 && name === 'zpaq') return null;
  if (!all && bytes.length > SHORT && pack('', '').includes('--learn')) return null;
  const packing = measured(pack(original, small), small);
  const size = statSync(small).size;
  const unpacking = measured(unpack(small), small);
  const ours = OWN.some((packer) => packer.name === name);
  if (ours && !unpacking.out.equals(bytes)) throw new SetupError(`${file} did not come back by ${name}.`);
  const memory = Math.max(packing.kilobytes, unpacking.kilobytes);
  return { bytes: size, packing: packing.seconds, unpacking: unpacking.seconds, memory };
}

/** @param {Outcome|null} outcome @param {number} length @returns {string} */
function cell(outcome, length) {
  if (!outcome) return '–';
  return length < 100 ? `${outcome.bytes} B` : ((8 * outcome.bytes) / length).toFixed(3);
}

/** @param {readonly string[]} args */
function writeSizes(args) {
  const files = args.filter((arg) => arg !== '--all');
  const samples = files.length > 0 ? files.map(sampleOf) : usualSamples();
  const packers = [...OTHERS, ...OWN];
  const row = (/** @type {(string|number)[]} */ cells) => console.log(`| ${cells.join(' | ')} |`);
  const folder = mkdtempSync(path.join(tmpdir(), 'sizes-'));
  try {
    row(['file', 'bytes', ...packers.map(({ name }) => name)]);
    row(Array.from({ length: packers.length + 2 }, () => '---'));
    /** @type {(Outcome|null)[]|undefined} */
    let first;
    for (const sample of samples) {
      const outcomes = packers.map((packer) => tried(packer, sample, folder, args.includes('--all')));
      first ??= outcomes;
      const { name, bytes } = sample;
      row([name, bytes.length.toLocaleString('en'), ...outcomes.map((outcome) => cell(outcome, bytes.length))]);
    }
    const { length } = samples[0].bytes;
    const speed = (/** @type {number} */ seconds) => (length / 1000 / Math.max(seconds, 0.01)).toFixed(0);
    const each = (/** @type {(outcome: Outcome) => string} */ text) =>
      first?.map((one) => (one ? text(one) : '–')) ?? [];
    row(['compressing, kB/s', '', ...each(({ packing }) => speed(packing))]);
    row(['decompressing, kB/s', '', ...each(({ unpacking }) => speed(unpacking))]);
    row(['memory, MB', '', ...each(({ memory }) => (memory / 1000).toFixed(0))]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await runAsProgram(import.meta.url, async () => writeSizes(process.argv.slice(2)));
