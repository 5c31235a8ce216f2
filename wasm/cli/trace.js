/** `npm run trace`: how a checkpoint's model reads a text, byte by byte and level by level. */
import { Probe } from '../engine/probe.js';
import { BORDERS, marksOf, takesBorders } from './borders.js';
import { RunError, UsageError } from './errors.js';
import { settingOptions } from './options.js';
import { standardOutput } from './output.js';
import { runProgram } from './program.js';
import { READING, readingOf, readTexts, streamText } from './texts.js';
import { FORMATS, Rows } from './trace_format.js';
import { openForReading, readModel } from './weights.js';

const NOTES = `JSON is one object: the settings that matter (model_type, hidden_size, num_levels, byte_entropy_threshold,
meta_uncertainty_threshold), and “rows”, a line each. TSV has the same rows, with a line of names first.
A row is a token of one level. Rows of a level are in order; those of higher levels come some bytes late.
  level, position     0 is the bytes
  source              position of the level below that it came from; null at level 0
  score               entropy of the encoder's prediction (level 0, nats), predicted squared error above
  sum                 running sum with the score, before a reset; null at the top
  border              whether it became a token of the level above; null at the top
  realised            squared error of its prediction, known once the next token came; null before, and at level 0
and at level 0, where index t is what the model said after byte t about byte t + 1:
  byte                0 to 255
  encoder_entropy, decoder_entropy    of the predictions, nats
  encoder_bits, decoder_bits          that the byte after it cost; null at the very end
  encoder_top, decoder_top            likeliest symbols, best first: [symbol, probability]; 256 is the end of the text
Numbers are rounded to seven digits. The text is streamed: memory does not grow with it, except with --borders.`;

/**
 * The text, with the marks of its bytes where a rule reads them: these are about the whole of it, so it does not come as it
 * is read then.
 * @param {string} name
 * @param {import('./options.js').Arguments} args
 * @param {import('../engine/settings.js').Settings} settings
 * @returns {Promise<{chunks: AsyncIterable<Uint8Array>|Iterable<Uint8Array>, marks?: Uint8Array}>}
 */
async function textOf(name, args, settings) {
  if (!(await takesBorders(args, settings))) return { chunks: streamText(name, readingOf(args)) };
  const text = await readTexts([name], [], Infinity, readingOf(args));
  return { chunks: [text], marks: await marksOf(args, text) };
}

/**
 * Cuts a stream into pieces, each with the byte after it where there is one.
 * @param {AsyncIterable<Uint8Array>|Iterable<Uint8Array>} chunks
 * @param {number} size  bytes of a piece
 * @returns {AsyncGenerator<{bytes: Uint8Array, count: number}, void, void>} `count`: bytes without that one
 */
async function* piecesOf(chunks, size) {
  let rest = new Uint8Array();
  for await (const chunk of chunks) {
    const text = new Uint8Array(rest.length + chunk.length);
    text.set(rest);
    text.set(chunk, rest.length);
    let from = 0;
    for (; from + size < text.length; from += size) yield { bytes: text.subarray(from, from + size + 1), count: size };
    rest = text.subarray(from);
  }
  if (rest.length > 0) yield { bytes: rest, count: rest.length };
}

/** @param {import('./options.js').Arguments} args */
async function trace(args) {
  const [file] = args.operands;
  const name = args.get('text-file');
  if (name === undefined) throw new UsageError('text_missing');
  const format = FORMATS[args.get('format') === 'tsv' ? 'tsv' : 'json']();
  const top = Number(args.get('top') ?? 10);
  const { checkpoint, settings } = await openForReading(file, args.settings);
  const model = await readModel(file, checkpoint, settings);
  const probe = new Probe(model.module, settings, model);
  probe.configure([], !args.has('without-parents'));
  const before = new Array(probe.levels).fill(0);
  const rows = new Rows(probe.levels);
  let total = 0;
  const { chunks, marks } = await textOf(name, args, settings);
  for await (const { bytes, count } of piecesOf(chunks, probe.pieceLength)) {
    const { model_type, hidden_size, num_levels, byte_entropy_threshold, meta_uncertainty_threshold } = settings;
    let text =
      total === 0
        ? format.start({ model_type, hidden_size, num_levels, byte_entropy_threshold, meta_uncertainty_threshold })
        : '';
    const piece = probe.tracePiece(bytes, 0, count, top, before, marks?.subarray(total));
    for (const row of rows.of(piece, bytes.subarray(0, count))) text += format.row(row);
    total += count;
    await standardOutput.write(text);
  }
  if (total === 0) throw new RunError('text_empty');
  await standardOutput.write([...rows.rest()].map((row) => format.row(row)).join('') + format.end());
}

await runProgram({
  name: 'trace',
  summary: 'Writes what a model makes of every byte of a text, and of the tokens of every level, to standard output.',
  operands: ['CHECKPOINT'],
  groups: [
    [
      'Trace',
      [
        { name: 'text-file', value: 'FILE', help: 'The text: plain text, or what train takes.' },
        BORDERS,
        ...READING,
        {
          name: 'format',
          value: 'json|tsv',
          choices: ['json', 'tsv'],
          otherwise: 'json',
          help: 'How the trace is written.',
        },
        { name: 'top', value: 'N', whole: [0, 10], otherwise: '10', help: 'Likeliest symbols kept a byte.' },
        { name: 'without-parents', help: 'Set every parent vector to zero, which shows what the hierarchy is worth.' },
      ],
    ],
    ['Borders', settingOptions(['byte_entropy_threshold', 'meta_uncertainty_threshold'], 'the checkpoint’s')],
  ],
  notes: NOTES,
  run: trace,
});
