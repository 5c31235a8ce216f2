/**
 * What the preset “quick start” was chosen by: bits per byte of held-out text after a minute of training.
 * `npm run -s bench:quick-start -- FILE…` tries every row of the table on every text, the last tenth of each held out.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Corpus, splitText } from '../../engine/corpus.js';
import { loadModule, spawnReplica } from '../../engine/node/surroundings.js';
import { PRESETS } from '../../engine/presets.js';
import { Group, workersFor } from '../../engine/replicas.js';
import { defaults } from '../../engine/settings.js';
import { Trainer } from '../../engine/trainer.js';
import { buildCore } from '../build.js';
import { runAsProgram, SetupError } from '../setup/run.js';
import { table } from './tables.js';

/** @typedef {import('../../engine/settings.js').Settings} Settings */

/** What was tried: changes to the preset itself, which is the first row. @type {Partial<Settings>[]} */
const TRIED = [
  {},
  { sequence_length: 128, batch_size: 4, learning_rate: 3.5e-3 },
  { hidden_size: 128, sequence_length: 128, batch_size: 4, learning_rate: 5e-3 },
  { hidden_size: 64, sequence_length: 128, batch_size: 4, learning_rate: 5e-3 },
];

/** Steps by which a step's time is known, after some that warm the program up. */
const [WARM_UP, TIMED] = [10, 60];

/**
 * Trains for a time, with a schedule that ends as the time does.
 * @param {WebAssembly.Module} module
 * @param {Uint8Array} text
 * @param {Settings} settings
 * @param {number} seconds
 * @returns {Promise<{steps: number, seconds: number, encoderBpb: number, decoderBpb: number}>}
 */
async function trainFor(module, text, settings, seconds) {
  const workers = workersFor(settings, availableParallelism());
  const group = await Group.open(module, settings, workers, spawnReplica);
  try {
    const corpus = new Corpus(module, splitText(text, settings.val_fraction), settings);
    const begun = { state: group.state(), trainer: new Trainer(group, corpus, settings) };
    for (let i = 0; i < WARM_UP; i++) await begun.trainer.advance();
    let start = performance.now();
    for (let i = 0; i < TIMED; i++) await begun.trainer.advance();
    const step = (performance.now() - start) / TIMED;
    group.restore(begun.state);
    const planned = { ...settings, max_steps: Math.max(1, Math.floor((seconds * 1000) / step)) };
    const trainer = new Trainer(group, corpus, planned);
    start = performance.now();
    while (!trainer.finished && performance.now() - start < seconds * 1000) await trainer.advance();
    const took = (performance.now() - start) / 1000;
    const result = await trainer.evaluate();
    if (!result) throw new SetupError('The text is too short to hold a part of it out.');
    return { steps: trainer.step, seconds: took, encoderBpb: result.encoderBpb, decoderBpb: result.decoderBpb };
  } finally {
    group.close();
  }
}

/** @returns {{seconds: number, files: string[]}} */
function readOptions() {
  const { values, positionals } = parseArgs({ options: { seconds: { type: 'string' } }, allowPositionals: true });
  const seconds = Number(values.seconds ?? 60);
  if (!(seconds > 0)) throw new SetupError('--seconds is a number above 0.');
  if (positionals.length === 0) throw new SetupError('Name the text files to train on.');
  return { seconds, files: positionals };
}

await runAsProgram(import.meta.url, async () => {
  const { seconds, files } = readOptions();
  await buildCore();
  const module = await loadModule();
  /** @type {string[][]} */
  const rows = [];
  for (const changes of TRIED) {
    const settings = defaults({ ...PRESETS.quick_start.changes, val_max_batches: 1000, ...changes });
    const { hidden_size: hidden, sequence_length: length, batch_size: batch, learning_rate: rate } = settings;
    const row = [`${hidden}`, `${length} × ${batch}`, `${rate}`];
    row.push(`${settings.byte_entropy_threshold}, ${settings.meta_uncertainty_threshold}`);
    for (const file of files) {
      const result = await trainFor(module, Uint8Array.from(readFileSync(file)), settings, seconds);
      row.push(`${result.steps}`, `${result.encoderBpb.toFixed(3)} / ${result.decoderBpb.toFixed(3)}`);
      process.stderr.write(`${row.join('  ')}\n`);
    }
    rows.push(row);
  }
  const heads = files.flatMap((file) => ['steps', path.basename(file, path.extname(file))]);
  console.log(table(['hidden size', 'length × batch', 'learning rate', 'thresholds', ...heads], rows));
});
