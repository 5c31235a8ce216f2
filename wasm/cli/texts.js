/** Where the text comes from: files that were named, WikiText-103, or the sample text. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs, { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { splitText } from '../engine/corpus.js';
import { DELIMITERS } from '../files/formats/csv.js';
import { detectEncoding, ENCODINGS } from '../files/formats/encodings.js';
import { FormatError, UnreachableError } from '../files/formats/error.js';
import { HUGGING_FACE } from '../files/formats/host.js';
import { readTextColumn } from '../files/formats/parquet.js';
import { openRemoteFile } from '../files/formats/random_access.js';
import { joinDocuments, kindOf } from '../files/formats/records.js';
import { readWikiText } from '../files/formats/wikitext.js';
import { Intake } from '../files/texts/intake.js';
import { TextStatistics } from '../files/texts/statistics.js';
import { RunError, UsageError } from './errors.js';
import { readBytes, streamBytes, withFile, withLocalFile } from './files.js';
import { isAddress, STANDARD_INPUT } from './places.js';
import { warn, warnSentence } from './program.js';
import { LINES, NOTES, shown } from './sentences.js';

/** @typedef {import('../engine/settings.js').Settings} Settings */
/** @typedef {import('./options.js').Arguments} Arguments */
/** @typedef {{train: Uint8Array, heldOut: Uint8Array, description: string}} Texts */

/** The sample text: in the project's folder, or in the site that the package carries. */
const SAMPLES = ['../../public/samples/moby-dick.txt', '../../dist/samples/moby-dick.txt'].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
);
const SAMPLE_WRITER = fileURLToPath(new URL('../tools/setup/sample_texts.js', import.meta.url));

/** Parts of the data set are fetched from here; Hugging Face's own tools know the variable too. */
const hostOfDataSets = () => process.env.HF_ENDPOINT || HUGGING_FACE;

/**
 * How files are to be read, where that is not left to a guess. `field` null takes a table as it is.
 * @typedef {{field?: string|null, encoding?: string, delimiter?: string}} Reading
 */

/** @type {import('./options.js').Option[]} */
export const READING = [
  {
    name: 'field',
    value: 'NAME',
    help: 'The field of JSON Lines or Parquet, or the column of a table, that is the text.',
    otherwise: '“text” or a similar name, else the first',
  },
  { name: 'whole-tables', help: 'Take CSV as it is: header, delimiters and all.' },
  {
    name: 'encoding',
    value: 'NAME',
    choices: ['detected', 'bytes', ...ENCODINGS.map(({ label }) => label)],
    otherwise: 'detected',
    help: 'The encoding of texts that are not UTF-8; “bytes” keeps them as they are.',
  },
  {
    name: 'delimiter',
    value: DELIMITERS.map(({ label }) => label).join('|'),
    choices: DELIMITERS.map(({ label }) => label),
    otherwise: 'guessed',
    help: 'What stands between the cells of a table.',
  },
];

/**
 * @param {Arguments} args
 * @returns {Reading}
 */
export function readingOf(args) {
  const field = args.has('whole-tables') ? null : args.get('field');
  return { field, encoding: args.get('encoding'), delimiter: args.get('delimiter') };
}

/** @param {string} file @param {number} nulls  records whose text is null */
function warnOfNulls(file, nulls) {
  if (nulls > 0) warn('null_texts', { file, count: nulls });
}

/**
 * @param {string} name  a file or an address
 * @param {number} maxDocuments
 * @param {Reading} reading
 */
async function readParquet(name, maxDocuments, { field }) {
  let nulls = 0;
  const onNull = () => nulls++;
  const options = { maxDocuments, column: field ?? undefined, onNull };
  const rows = isAddress(name)
    ? await withFile(name, async () => readTextColumn(await openRemoteFile(name), options))
    : await withLocalFile(name, (file) => readTextColumn(file, options));
  warnOfNulls(name, nulls);
  return rows;
}

/**
 * Warns of what had to be guessed about a file, and of what could not be used.
 * @param {string} file
 * @param {import('../engine/protocol.js').FoundTexts} found
 * @param {Reading} reading
 */
function warnOfReading(file, { files, left, field, delimiter, whole }, { encoding, field: wanted }) {
  if (whole && wanted === undefined) {
    const cells = DELIMITERS.find(({ label }) => label === delimiter)?.name.toLowerCase() ?? 'various signs';
    warn('table', { file, cells, field: String(field) });
  }
  for (const { name, encoding: detected, faults = 0 } of files) {
    const own = name === path.basename(file) ? shown(file) : `${shown(name)} in ${shown(file)}`;
    if (faults > 0) warn('faults', { file: own, faults });
    else if (!['utf-8', 'binary'].includes(detected) && (encoding ?? 'detected') === 'detected') {
      warn('encoding', { file: own, encoding: detected });
    }
  }
  for (const { why } of left) warnSentence(why);
}

/**
 * @param {string} file
 * @param {number} maxDocuments
 * @param {Reading} reading
 * @returns {Promise<{text: Uint8Array, documents: number}>}
 */
async function readText(file, maxDocuments, reading) {
  const bytes = await readBytes(file);
  if (bytes.length === 0) return { text: bytes, documents: 1 };
  const intake = new Intake(undefined, Number.POSITIVE_INFINITY);
  const name = path.basename(file);
  return withFile(file, async () => {
    const found = await intake.inspect([{ name, file: bytes }], reading.delimiter).catch((error) => {
      throw intake.left.length === 1 && intake.left[0].cause instanceof FormatError ? intake.left[0].cause : error;
    });
    warnOfReading(file, found, reading);
    const field = reading.field === undefined ? found.field : reading.field;
    if (field !== null && found.fields.length > 0 && !found.fields.includes(field))
      throw new FormatError(`It has no field of text called ${JSON.stringify(field)}.`, 'no_text_field', { field });
    const text = await intake.take({ field, encoding: reading.encoding ?? 'detected' }, maxDocuments);
    warnOfNulls(file, intake.nulls);
    return { text: new Uint8Array(await text.arrayBuffer()), documents: intake.taken };
  });
}

/**
 * The text of files, joined.
 * @param {string[]} files
 * @param {string[]} parquets
 * @param {number} [maxDocuments]  of all files together
 * @param {Reading} [reading]
 * @returns {Promise<Uint8Array>}
 */
export async function readTexts(files, parquets, maxDocuments = Infinity, reading = {}) {
  /** @type {(string|Uint8Array)[]} */
  const texts = [];
  let left = maxDocuments;
  for (const file of files) {
    if (left <= 0) break;
    const { text, documents } = await readText(file, left, reading);
    texts.push(text);
    left -= documents;
  }
  for (const name of parquets) {
    if (left <= 0) break;
    const rows = await readParquet(name, left, reading);
    for (const row of rows) texts.push(row);
    left -= rows.length;
  }
  return joinDocuments(texts);
}

/**
 * Whether a file's bytes are its text, so that they can be read as they come.
 * @param {string} name
 * @param {Reading} reading
 * @returns {Promise<boolean>}
 */
async function isPlain(name, { encoding = 'detected' }) {
  if (!fs.statSync(name, { throwIfNoEntry: false })?.isFile()) return false;
  const statistics = new TextStatistics();
  /** @type {Uint8Array|null} */
  let head = null;
  for await (const chunk of streamBytes(name)) {
    head ??= Uint8Array.from(chunk);
    if (kindOf(head, name) !== 'text') return false;
    statistics.add(chunk);
  }
  if (!head) return true;
  const detected = detectEncoding(head, statistics.result());
  if (detected.encoding === 'binary' || encoding === 'bytes') return true;
  return detected.encoding === 'utf-8' && detected.mark === 0 && !detected.faults;
}

/**
 * A text for reading once, front to back: plain text as it comes from the disk, other files as their text.
 * @param {string} name
 * @param {Reading} [reading]
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
export async function* streamText(name, reading = {}) {
  // Standard input can't be looked at first and then read from its beginning.
  if (name !== STANDARD_INPUT && (await isPlain(name, reading))) yield* streamBytes(name);
  else yield await readTexts([name], [], Infinity, reading);
}

/** @returns {Promise<Uint8Array>} */
async function readSample() {
  const there = SAMPLES.find((file) => existsSync(file));
  if (there) return readBytes(there);
  // A build product: another program makes it from the packages that carry the text.
  await promisify(execFile)(process.execPath, [SAMPLE_WRITER]);
  return readBytes(SAMPLES[0]);
}

/**
 * @param {Settings} settings
 * @param {boolean} ownHeldOut  whether the end of the training part is to be held out, not the validation part
 * @param {(sentence: string) => void} say
 * @returns {Promise<Texts>}
 */
async function wikiText(settings, ownHeldOut, say) {
  const host = hostOfDataSets();
  const documents = settings.max_documents;
  say(LINES.reading({ documents, host: new URL(host).host }));
  const train = joinDocuments(await readWikiText('train', { maxDocuments: documents, host }));
  const description = 'WikiText-103 raw';
  if (ownHeldOut) return { ...splitText(train, settings.val_fraction), description };
  const maxDocuments = settings.val_max_documents;
  return { train, heldOut: joinDocuments(await readWikiText('validation', { maxDocuments, host })), description };
}

/**
 * @param {Arguments} args
 * @param {Settings} settings
 * @param {(sentence: string) => void} say
 * @returns {Promise<Texts>}
 */
async function defaultTexts(args, settings, say) {
  if (!URL.canParse(hostOfDataSets())) throw new RunError('no_host', { host: hostOfDataSets() });
  try {
    return await wikiText(settings, args.settings.val_fraction !== undefined, say);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const message = NOTES.no_wikitext({ error });
    let sample;
    try {
      sample = await readSample();
    } catch {
      throw new RunError('no_sample', { message });
    }
    say(NOTES.sample_instead({ message }));
    return { ...splitText(sample, settings.val_fraction), description: 'Moby Dick' };
  }
}

/**
 * What to train on and what to hold out.
 * @param {Arguments} args  --text-file, --parquet and their like for validation
 * @param {Settings} settings
 * @param {(sentence: string) => void} say
 * @returns {Promise<Texts>}
 * @throws {UsageError|RunError}
 */
export async function trainingTexts(args, settings, say) {
  const [files, parquets] = [args.all('text-file'), args.all('parquet')];
  const [heldOutFiles, heldOutParquets] = [args.all('val-text-file'), args.all('val-parquet')];
  const named = files.length + parquets.length > 0;
  const heldOutNamed = heldOutFiles.length + heldOutParquets.length > 0;
  if (heldOutNamed && args.settings.val_fraction !== undefined) {
    throw new UsageError('two_held_out');
  }
  if (!named && heldOutNamed) throw new UsageError('held_out_alone');
  if (!named) return defaultTexts(args, settings, say);
  const reading = readingOf(args);
  const train = await readTexts(files, parquets, settings.max_documents, reading);
  const description = [...files, ...parquets].map((name) => shown(path.basename(name))).join(', ');
  if (!heldOutNamed) return { ...splitText(train, settings.val_fraction), description };
  const heldOut = await readTexts(heldOutFiles, heldOutParquets, settings.val_max_documents, reading);
  return { train, heldOut, description };
}

/** Bytes of a held-out text that are looked for in the text to train on. */
const ALIKE = 4096;

/**
 * Whether the held-out text is part of the training text, so that its bits per byte say nothing about new texts.
 * @param {Pick<Texts, 'train'|'heldOut'>} texts
 * @returns {boolean}
 */
export function isTrainedOn({ train, heldOut }) {
  const { buffer, byteOffset, length } = train;
  return (
    heldOut.length > 0 && Buffer.from(buffer, byteOffset, length).includes(Buffer.from(heldOut.subarray(0, ALIKE)))
  );
}

/**
 * What distinguishes one training text from another.
 * @param {Uint8Array} text
 * @param {Uint8Array} [marks]  of its bytes, where it came with a list of borders
 * @returns {string}
 */
export function digestOf(text, marks = new Uint8Array()) {
  return createHash('sha256').update(text).update(marks).digest('hex');
}
