/** Where the text comes from: files that were named, WikiText-103, or the sample text. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { splitText } from '../engine/corpus.js';
import { UnreachableError } from '../files/formats/error.js';
import { HUGGING_FACE } from '../files/formats/host.js';
import { readTextColumn } from '../files/formats/parquet.js';
import { openRemoteFile } from '../files/formats/random_access.js';
import { joinDocuments, kindOf, readDocuments } from '../files/formats/text.js';
import { readWikiText } from '../files/formats/wikitext.js';
import { RunError, shown, UsageError } from './errors.js';
import { readBytes, streamBytes, withFile, withLocalFile } from './files.js';
import { isAddress, STANDARD_INPUT } from './places.js';

/** @typedef {import('../engine/settings.js').Settings} Settings */
/** @typedef {import('./options.js').Arguments} Arguments */
/** @typedef {{train: Uint8Array, heldOut: Uint8Array, description: string}} Texts */

const SAMPLE = fileURLToPath(new URL('../../public/samples/moby-dick.txt', import.meta.url));
const SAMPLE_WRITER = fileURLToPath(new URL('../tools/setup/samples.js', import.meta.url));

/** Parts of the data set are fetched from here; Hugging Face's own tools know the variable too. */
const hostOfDataSets = () => process.env.HF_ENDPOINT || HUGGING_FACE;

/**
 * @param {string} name  a file or an address
 * @param {number} maxDocuments
 */
function readParquet(name, maxDocuments) {
  if (isAddress(name)) return withFile(name, async () => readTextColumn(await openRemoteFile(name), { maxDocuments }));
  return withLocalFile(name, (file) => readTextColumn(file, { maxDocuments }));
}

/**
 * The text of files, joined.
 * @param {string[]} files
 * @param {string[]} parquets
 * @param {number} maxDocuments  of all files together
 * @returns {Promise<Uint8Array>}
 */
export async function readTexts(files, parquets, maxDocuments = Infinity) {
  /** @type {(string|Uint8Array)[]} */
  const documents = [];
  const left = () => maxDocuments - documents.length;
  /** @param {(string|Uint8Array)[]} more */
  const add = (more) => {
    for (const document of more) documents.push(document);
  };
  for (const name of files) {
    const bytes = await readBytes(name);
    add(await withFile(name, () => readDocuments(bytes, { name: path.basename(name), maxDocuments: left() })));
  }
  for (const name of parquets) if (left() > 0) add(await readParquet(name, left()));
  return joinDocuments(documents);
}

/**
 * A text for reading once, front to back: plain text as it comes from the disk, other files as their text.
 * @param {string} name
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
export async function* streamText(name) {
  if (name === STANDARD_INPUT) {
    // It can't be looked at first and read from its beginning then.
    yield await readTexts([name], []);
    return;
  }
  let plain = false;
  for await (const chunk of streamBytes(name)) {
    // Marks of byte order, after which the text would have to be converted, start with these bytes.
    plain ||= kindOf(chunk, name) === 'text' && ![0xef, 0xfe, 0xff].includes(chunk[0]);
    if (!plain) break;
    yield chunk;
  }
  if (!plain) yield await readTexts([name], []);
}

/** @returns {Promise<Uint8Array>} */
async function readSample() {
  try {
    return await readBytes(SAMPLE);
  } catch {
    // A build product: another program makes it from the packages that carry the text.
    await promisify(execFile)(process.execPath, [SAMPLE_WRITER]);
    return readBytes(SAMPLE);
  }
}

/**
 * @param {Settings} settings
 * @param {boolean} ownHeldOut  whether the end of the training part is to be held out, not the validation part
 * @param {(sentence: string) => void} say
 * @returns {Promise<Texts>}
 */
async function wikiText(settings, ownHeldOut, say) {
  const host = hostOfDataSets();
  const documents = Number(settings.max_documents);
  say(`Reading the first ${documents} documents of WikiText-103 from ${new URL(host).host} …`);
  const train = joinDocuments(await readWikiText('train', { maxDocuments: documents, host }));
  const description = 'WikiText-103 raw';
  if (ownHeldOut) return { ...splitText(train, Number(settings.val_fraction)), description };
  const maxDocuments = Number(settings.val_max_documents);
  return { train, heldOut: joinDocuments(await readWikiText('validation', { maxDocuments, host })), description };
}

/**
 * @param {Arguments} args
 * @param {Settings} settings
 * @param {(sentence: string) => void} say
 * @returns {Promise<Texts>}
 */
async function defaultTexts(args, settings, say) {
  if (!URL.canParse(hostOfDataSets())) throw new RunError(`HF_ENDPOINT is no address: ${shown(hostOfDataSets())}.`);
  try {
    return await wikiText(settings, args.settings.val_fraction !== undefined, say);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const why = `WikiText-103 cannot be had: ${error.message}`;
    let sample;
    try {
      sample = await readSample();
    } catch {
      throw new RunError(`${why} The sample text is not there either: name a text with --text-file.`);
    }
    say(`${why} Training on the sample text (Moby Dick) in its place.`);
    return { ...splitText(sample, Number(settings.val_fraction)), description: 'Moby Dick' };
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
    throw new UsageError('Either name a text for validation or give --val-fraction, not both.');
  }
  if (!named && heldOutNamed)
    throw new UsageError('A text for validation needs one for training: --text-file or --parquet.');
  if (!named) return defaultTexts(args, settings, say);
  const train = await readTexts(files, parquets, Number(settings.max_documents));
  const description = [...files, ...parquets].map((name) => shown(path.basename(name))).join(', ');
  if (!heldOutNamed) return { ...splitText(train, Number(settings.val_fraction)), description };
  const heldOut = await readTexts(heldOutFiles, heldOutParquets, Number(settings.val_max_documents));
  return { train, heldOut, description };
}

/**
 * What tells one training text from another.
 * @param {Uint8Array} text
 * @returns {string}
 */
export function digestOf(text) {
  return createHash('sha256').update(text).digest('hex');
}
