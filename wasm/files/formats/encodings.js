/** Which encoding a file has, as far as its bytes show, and its text as UTF-8. */

/**
 * Encodings to choose from, by the names that TextDecoder knows.
 * @type {readonly {label: string, name: string}[]}
 */
export const ENCODINGS = Object.freeze([
  { label: 'utf-8', name: 'UTF-8' },
  { label: 'utf-16le', name: 'UTF-16, little endian' },
  { label: 'utf-16be', name: 'UTF-16, big endian' },
  { label: 'windows-1252', name: 'Western (Windows-1252, ISO 8859-1)' },
  { label: 'iso-8859-2', name: 'Central European (ISO 8859-2)' },
  { label: 'windows-1250', name: 'Central European (Windows-1250)' },
  { label: 'iso-8859-15', name: 'Western (ISO 8859-15)' },
  { label: 'macintosh', name: 'Western (Mac OS)' },
  { label: 'windows-1251', name: 'Cyrillic (Windows-1251)' },
  { label: 'koi8-r', name: 'Cyrillic (KOI8-R)' },
  { label: 'windows-1253', name: 'Greek (Windows-1253)' },
  { label: 'windows-1254', name: 'Turkish (Windows-1254)' },
  { label: 'windows-1255', name: 'Hebrew (Windows-1255)' },
  { label: 'windows-1256', name: 'Arabic (Windows-1256)' },
  { label: 'shift_jis', name: 'Japanese (Shift JIS)' },
  { label: 'euc-jp', name: 'Japanese (EUC-JP)' },
  { label: 'gb18030', name: 'Chinese (GB 18030)' },
  { label: 'big5', name: 'Chinese (Big5)' },
  { label: 'euc-kr', name: 'Korean (EUC-KR)' },
]);

/** First bytes of files that are no texts. @type {readonly [number[], string][]} */
const BINARIES = [
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG picture'],
  [[0xff, 0xd8, 0xff], 'a JPEG picture'],
  [[0x47, 0x49, 0x46, 0x38], 'a GIF picture'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Office document'],
  [[0x7f, 0x45, 0x4c, 0x46], 'a program'],
  [[0x4d, 0x5a, 0x90], 'a program'],
  [[0x00, 0x61, 0x73, 0x6d], 'a WebAssembly module'],
  [[0x42, 0x5a, 0x68], 'a bzip2 archive'],
  [[0xfd, 0x37, 0x7a, 0x58], 'an xz archive'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a Zstandard archive'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'a 7-Zip archive'],
];

/** @param {Uint8Array} bytes @param {readonly number[]} start */
const startsWith = (bytes, start) => start.every((byte, i) => bytes[i] === byte);

/**
 * What a file's bytes are: `utf-8`, another encoding, or `binary`. `mark`: bytes of its byte-order mark. `what`: which
 * kind of file, where a binary one says so. `faults`: places where it is not valid UTF-8, though it is UTF-8 by and large.
 * @typedef {{encoding: string, mark: number, what?: string, faults?: number}} Detected
 */

/**
 * Whether the reader should be told, or choose, how a file is encoded.
 * @param {Pick<Detected, 'encoding'|'faults'>} detected
 * @returns {boolean}
 */
export const isOdd = ({ encoding, faults = 0 }) => encoding !== 'utf-8' || faults > 0;

/** Share of a byte's positions (even or odd ones) at which it is 0. @param {Uint8Array} bytes @param {0|1} parity */
function zeros(bytes, parity) {
  let count = 0;
  for (let i = parity; i < bytes.length; i += 2) if (bytes[i] === 0) count++;
  return count / Math.max(1, bytes.length / 2);
}

/** @param {Uint8Array} head  the first bytes @returns {Detected|null} what they say alone */
function fromHead(head) {
  if (startsWith(head, [0xef, 0xbb, 0xbf])) return { encoding: 'utf-8', mark: 3 };
  if (startsWith(head, [0xff, 0xfe])) return { encoding: 'utf-16le', mark: 2 };
  if (startsWith(head, [0xfe, 0xff])) return { encoding: 'utf-16be', mark: 2 };
  const found = BINARIES.find(([start]) => startsWith(head, start));
  if (found) return { encoding: 'binary', mark: 0, what: found[1] };
  const [even, odd] = [zeros(head, 0), zeros(head, 1)];
  if (odd > 0.4 && even < 0.05) return { encoding: 'utf-16le', mark: 0 };
  if (even > 0.4 && odd < 0.05) return { encoding: 'utf-16be', mark: 0 };
  return null;
}

/**
 * Share of what is not ASCII that must be whole UTF-8 characters for a text with faults to be UTF-8 all the same. Other
 * encodings make next to none by chance.
 */
const LEAST_VALID = 0.6;

/** Largest share of control characters that a text may have. */
const MOST_CONTROLS = 0.005;

/**
 * @param {Uint8Array} head  the first bytes, 64 KiB say
 * @param {import('../texts/statistics.js').Statistics} statistics  of the whole
 * @returns {Detected}
 */
export function detectEncoding(head, statistics) {
  const { invalid, controls, bytes, wide } = statistics;
  const found = fromHead(head);
  if (found) return found;
  if (controls / bytes > MOST_CONTROLS) return { encoding: 'binary', mark: 0 };
  if (invalid === 0) return { encoding: 'utf-8', mark: 0 };
  const mostly = wide / (wide + invalid) >= LEAST_VALID;
  return mostly ? { encoding: 'utf-8', mark: 0, faults: invalid } : { encoding: likeliestEncoding(head), mark: 0 };
}

/** @param {string} text @param {RegExp} expression */
const count = (text, expression) => text.match(expression)?.length ?? 0;

/**
 * A text's decoded form, or null where the encoding can't be it.
 * @param {Uint8Array} bytes
 * @param {string} label
 */
function decoded(bytes, label) {
  try {
    // As a stream, since the sample's last character may be cut.
    return new TextDecoder(label, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

/** East Asian encodings, each with what its texts are full of. @type {[string, RegExp][]} */
const EASTERN = [
  ['shift_jis', /[\p{Script=Hiragana}\u30a1-\u30fa]/gu],
  ['euc-jp', /[\p{Script=Hiragana}\u30a1-\u30fa]/gu],
  ['euc-kr', /\p{Script=Hangul}/gu],
  // The most frequent characters, simplified and traditional.
  ['gb18030', /[的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年]/gu],
  ['big5', /[的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年]/gu],
];

/**
 * The likeliest encoding of what is not UTF-8.
 * @param {Uint8Array} bytes
 * @param {string} [western]  the answer where most letters are A to Z
 * @param {readonly string[]} [cyrillic]  labels to choose from where no East Asian encoding fits, the likeliest first
 * @returns {string} its label
 */
export function likeliestEncoding(bytes, western = 'windows-1252', cyrillic = ['windows-1251', 'koi8-r']) {
  let [high, letters] = [0, 0];
  for (const byte of bytes) {
    if (byte >= 0x80) high++;
    else if ((byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)) letters++;
  }
  // Western languages have few letters beyond A to Z.
  if (high <= letters) return western;
  let [best, score] = ['', 0];
  for (const [label, expression] of EASTERN) {
    const text = decoded(bytes, label);
    const share = text === null ? 0 : count(text, expression) / text.length;
    if (share > score) [best, score] = [label, share];
  }
  if (score > 0.08) return best;
  // Text is mostly small letters, and Cyrillic encodings take each other's small letters for capitals.
  const small = cyrillic.map((label) => count(decoded(bytes, label) ?? '', /[а-яё]/gu));
  return cyrillic[small.indexOf(Math.max(...small))];
}

/**
 * Text as UTF-8, piece by piece.
 * @param {AsyncIterable<Uint8Array>} pieces
 * @param {string} label  of an encoding
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>}
 */
export async function* toUtf8(pieces, label) {
  const [decoder, encoder] = [new TextDecoder(label), new TextEncoder()];
  for await (const piece of pieces) yield encoder.encode(decoder.decode(piece, { stream: true }));
  yield encoder.encode(decoder.decode());
}
