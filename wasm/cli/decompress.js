/** `npm run decompress`: what `compress` made, back to what it was. */
import fs from 'node:fs';
import { decompressed } from '../engine/compressor.js';
import { loadModule } from '../engine/node/surroundings.js';
import { EXTENSION } from '../files/compressed/format.js';
import { aboutFile, UsageError } from './errors.js';
import { createMeter, OUTPUT, weightsOf } from './packing.js';
import { aboutInput, checkOutput, inputOf, STANDARD, writeOut } from './pass_through.js';
import { runProgram } from './program.js';
import { NOTES } from './sentences.js';

/** @typedef {import('./options.js').Arguments} Arguments */

/** @type {import('./options.js').Option[]} */
const READING = [
  { name: 'test', short: 't', help: 'Write nothing: only see whether the file is whole.' },
  { name: 'model', value: 'CHECKPOINT', help: 'The trained model that the file names.' },
  {
    name: 'limit',
    value: 'BYTES',
    whole: [0, Number.MAX_SAFE_INTEGER],
    help: 'Most bytes that the original may have; a longer one is refused.',
  },
];

/** @param {string} input @param {Arguments} args */
function outputOf(input, args) {
  const [file, standard] = [args.get('output'), args.has('stdout')];
  if (file !== undefined && standard) throw new UsageError('one_of_two', { one: '--output', other: '--stdout' });
  if (standard || (input === STANDARD && file === undefined)) return STANDARD;
  if (file !== undefined) return file;
  if (input.endsWith(EXTENSION) && input.length > EXTENSION.length) return input.slice(0, -EXTENSION.length);
  throw new UsageError('no_ending', { file: input, ending: EXTENSION });
}

/** Reads all chunks, and keeps none. @param {AsyncIterable<Uint8Array>} chunks */
async function discard(chunks) {
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return bytes;
}

/**
 * Passes chunks on; errors in a file come with its name.
 * @param {AsyncIterable<Uint8Array>} chunks
 * @param {string} file
 */
async function* about(chunks, file) {
  try {
    yield* chunks;
  } catch (error) {
    throw aboutFile(error, file === STANDARD ? 'standard input' : file);
  }
}

/** @param {Arguments} args */
async function decompress(args) {
  const [input] = args.operands;
  const test = args.has('test');
  const known = aboutInput(input);
  const output = test ? STANDARD : outputOf(input, args);
  if (!test) checkOutput(input, output, args.has('force'));
  const weights = await weightsOf(args.get('model'));
  const meter = createMeter(args.has('quiet'));
  const limit = args.get('limit');
  const original = decompressed(await loadModule(), inputOf(input), {
    weights,
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    onProgress: meter.report,
  });
  const chunks = about(original, input);
  try {
    if (!test) await writeOut(chunks, output, known);
    else {
      const bytes = await discard(chunks);
      if (!args.has('quiet')) process.stderr.write(`${NOTES.whole({ file: input, bytes })}\n`);
    }
  } finally {
    meter.end();
  }
  if (args.has('rm') && !test && input !== STANDARD && output !== STANDARD) fs.unlinkSync(input);
}

await runProgram({
  name: 'decompress',
  summary: `Turns FILE${EXTENSION} back into FILE; - is standard input. A damaged file leaves nothing behind.`,
  operands: ['FILE'],
  groups: [
    ['Reading', READING],
    ['Output', OUTPUT],
  ],
  run: decompress,
});
