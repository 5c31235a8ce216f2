/** `npm run compress`: a file into a smaller one. */
import fs from 'node:fs';
import { compressed } from '../engine/compressor.js';
import { loadModule } from '../engine/node/surroundings.js';
import { EXTENSION } from '../files/compressed/format.js';
import { RunError, UsageError } from './errors.js';
import { createMeter, OUTPUT, weightsOf } from './packing.js';
import { aboutInput, checkOutput, inputOf, STANDARD, writeOut } from './pass_through.js';
import { runProgram } from './program.js';
import { NOTES } from './sentences.js';

/** @typedef {import('./options.js').Arguments} Arguments */

/** @type {import('./options.js').Option[]} */
const PREDICTION = [
  {
    name: 'mode',
    value: 'mix|counts|model',
    choices: ['mix', 'counts', 'model'],
    otherwise: 'mix; counts for files under 8 KB, above 10 MB or of unknown length, unless a model is named',
    help: 'Who predicts: a language model mixed with counts of what came before, or one of them alone.',
  },
  { name: 'model', value: 'CHECKPOINT', help: 'A trained model, which decompressing needs too.' },
  {
    name: 'learn',
    value: 'flat|hierarchy|model',
    choices: ['flat', 'hierarchy', 'model'],
    otherwise: 'flat where the mode is mix and no model is given',
    help: 'Let a model learn from the file as it goes: a fresh one, flat or with levels, which decompressing does not need, or the one of --model.',
  },
  { name: 'without-parents', help: 'Predict without the parents of a hierarchy, to see what they bring.' },
  { name: 'include-weights', help: 'Put the model’s weights into the file, in half precision.' },
  { name: 'name', help: 'Put the file’s name and time into the file.' },
];

/** @param {string} input @param {Arguments} args */
function outputOf(input, args) {
  const [file, standard] = [args.get('output'), args.has('stdout')];
  if (file !== undefined && standard) throw new UsageError('one_of_two', { one: '--output', other: '--stdout' });
  if (standard || (input === STANDARD && file === undefined)) return STANDARD;
  return file ?? `${input}${EXTENSION}`;
}

/** Passes chunks on and counts their bytes. @param {AsyncIterable<Uint8Array>} chunks @param {{bytes: number}} count */
async function* counted(chunks, count) {
  for await (const chunk of chunks) {
    count.bytes += chunk.length;
    yield chunk;
  }
}

/**
 * Refuses options that do not go together.
 * @param {Arguments} args
 * @param {string|undefined} mode
 * @param {boolean} given  whether there is a model
 * @param {string|undefined} learn
 */
function checkPrediction(args, mode, given, learn) {
  const needs = (/** @type {string} */ option) => new UsageError('needs_model', { option });
  if (mode === 'counts' && given) throw new UsageError('counts_alone', { option: '--model' });
  if (mode === 'counts' && learn) throw new UsageError('counts_alone', { option: '--learn' });
  if (mode === 'model' && !given && !learn) throw new UsageError('mode_model');
  if (args.has('include-weights') && !given) throw needs('--include-weights');
  if (learn === 'model' && !given) throw needs('--learn model');
  if (learn && learn !== 'model' && given) throw new UsageError('learns_from_nothing', { learn });
  if (learn && args.has('include-weights')) throw new UsageError('weights_learn');
}

/**
 * @param {Arguments} args
 */
async function compress(args) {
  const [input] = args.operands;
  const output = outputOf(input, args);
  const about = aboutInput(input);
  if (output === STANDARD && process.stdout.isTTY && !args.has('force')) throw new UsageError('terminal');
  checkOutput(input, output, args.has('force'));
  const mode = /** @type {'mix'|'counts'|'model'|undefined} */ (args.get('mode'));
  const weights = await weightsOf(args.get('model'));
  const learn = /** @type {'flat'|'hierarchy'|'model'|undefined} */ (args.get('learn'));
  checkPrediction(args, mode, weights !== undefined, learn);
  const meter = createMeter(args.has('quiet'));
  const [read, written] = [{ bytes: 0 }, { bytes: 0 }];
  const start = performance.now();
  const named = args.has('name') && about.name !== undefined && about.modified !== undefined;
  const chunks = compressed(await loadModule(), counted(inputOf(input), read), {
    mode,
    weights,
    learn,
    includeWeights: args.has('include-weights'),
    withoutParents: args.has('without-parents'),
    length: about.size,
    ...(named ? { name: about.name, time: Math.max(0, Math.floor(Number(about.modified) / 1000)) } : {}),
    onProgress: meter.report,
  });
  try {
    await writeOut(counted(chunks, written), output, about);
  } finally {
    meter.end();
  }
  if (about.size !== undefined && read.bytes !== about.size) {
    if (output !== STANDARD) fs.rmSync(output, { force: true });
    throw new RunError('changed', { file: input });
  }
  if (args.has('rm') && input !== STANDARD && output !== STANDARD) fs.unlinkSync(input);
  if (!args.has('quiet') && output !== STANDARD) {
    const [from, to] = [read.bytes, written.bytes];
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(`${NOTES.compressed({ file: input, from, to, seconds })}\n`);
  }
}

await runProgram({
  name: 'compress',
  summary: `Compresses a file to FILE${EXTENSION}; - is standard input. The same bytes come out on every machine.`,
  operands: ['FILE'],
  groups: [
    ['Prediction', PREDICTION],
    ['Output', OUTPUT],
  ],
  run: compress,
});
