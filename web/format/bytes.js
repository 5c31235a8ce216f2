/** Bytes as readable characters: UTF-8 taken apart into clusters, and a sign for whatever has no shape of its own. */

/**
 * Bytes that are shown as one sign.
 * @typedef {'char'|'space'|'newline'|'tab'|'control'|'invalid'} ClusterKind
 * @typedef {{from: number, length: number, text: string, kind: ClusterKind}} Cluster
 */

/** The symbol that ends a text. */
const END_OF_TEXT = 256;

/** @param {number} byte @returns {string} two digits */
export function hex(byte) {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/**
 * How many bytes the UTF-8 character at `at` takes: 0 where there is none, −1 where the bytes so far could begin one
 * that `end` cuts off. Overlong forms, surrogates and anything above U+10FFFF are none (RFC 3629).
 * @param {ArrayLike<number>} bytes
 * @param {number} at
 * @param {number} [end]
 * @returns {number} 0 to 4, or −1
 */
export function characterLength(bytes, at, end = bytes.length) {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 0;
  for (let i = 1; i < length; i++) {
    if (at + i >= end) return -1;
    const byte = bytes[at + i];
    let [least, most] = [0x80, 0xbf];
    if (i === 1) {
      if (lead === 0xe0) least = 0xa0;
      else if (lead === 0xed) most = 0x9f;
      else if (lead === 0xf0) least = 0x90;
      else if (lead === 0xf4) most = 0x8f;
    }
    if (byte < least || byte > most) return 0;
  }
  return length;
}

/** @param {ArrayLike<number>} bytes @param {number} at @param {number} length */
function codePoint(bytes, at, length) {
  if (length === 1) return bytes[at];
  let code = bytes[at] & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) code = (code << 6) | (bytes[at + i] & 0x3f);
  return code;
}

/**
 * Bytes as text, all of them: a mark of byte order is a character like any other.
 * @param {Uint8Array} bytes  what is not valid UTF-8 becomes U+FFFD
 * @returns {string}
 */
export const decoded = (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** Joiners, variation selectors, soft hyphens and tags: a line of text needs them as they are. @param {number} code */
const belongsToText = (code) =>
  code === 0xad ||
  (code >= 0x200b && code <= 0x200d) ||
  (code >= 0x2060 && code <= 0x2064) ||
  (code >= 0xfe00 && code <= 0xfe0f) ||
  (code >= 0xe0000 && code <= 0xe0fff);

/**
 * Characters that only change their neighbours or have no shape, so that drawn alone they would be invisible.
 * @param {number} code
 */
function isShapeless(code) {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0xa0) ||
    code === 0xad ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0xfeff ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    (code >= 0xe0000 && code <= 0xe0fff)
  );
}

/** @param {number} code @param {number} from @param {number} length @returns {Cluster} */
function clusterOf(code, from, length) {
  if (code === 0x20) return { from, length, text: '␣', kind: 'space' };
  if (code === 0x0a) return { from, length, text: '⏎', kind: 'newline' };
  if (code === 0x09) return { from, length, text: '⇥', kind: 'tab' };
  if (code < 0x20) return { from, length, text: String.fromCodePoint(0x2400 + code), kind: 'control' };
  if (code === 0x7f) return { from, length, text: '␡', kind: 'control' };
  if (isShapeless(code))
    return { from, length, text: `U+${code.toString(16).toUpperCase().padStart(4, '0')}`, kind: 'control' };
  return { from, length, text: String.fromCodePoint(code), kind: 'char' };
}

/** The sign that begins at a byte. @param {Uint8Array} bytes @param {number} at @returns {Cluster} */
function clusterFrom(bytes, at) {
  const length = characterLength(bytes, at);
  if (length > 0) return clusterOf(codePoint(bytes, at, length), at, length);
  return { from: at, length: 1, text: hex(bytes[at]), kind: 'invalid' };
}

/**
 * Groups bytes into the signs they are shown as, in order and without gaps.
 * @param {Uint8Array} bytes
 * @param {number} [from]  where a sign begins
 * @param {number} [to]    where one does, or the end
 * @returns {Cluster[]}
 */
export function clusters(bytes, from = 0, to = bytes.length) {
  /** @type {Cluster[]} */
  const list = [];
  for (let at = from; at < to; ) {
    const cluster = clusterFrom(bytes, at);
    list.push(cluster);
    at += cluster.length;
  }
  return list;
}

/** The sign that a byte is part of. @param {Uint8Array} bytes @param {number} at @returns {Cluster} */
export function clusterAt(bytes, at) {
  const from = backToCharacter(bytes, at);
  const cluster = clusterFrom(bytes, from);
  return at < from + cluster.length ? cluster : clusterFrom(bytes, at);
}

/**
 * A symbol of the model (0–256) by itself, as in a list of predictions.
 * @param {number} symbol
 * @returns {{text: string, kind: string}}
 */
export function symbolSign(symbol) {
  if (symbol === END_OF_TEXT) return { text: 'end', kind: 'control' };
  if (symbol >= 0x80) return { text: hex(symbol), kind: 'invalid' };
  return clusterOf(symbol, 0, 1);
}

/**
 * What a byte is, in words, for those who do not see its sign.
 * @param {Uint8Array} bytes
 * @param {Cluster} cluster
 * @returns {string}
 */
export function spoken(bytes, cluster) {
  const names = { space: 'space', newline: 'line feed', tab: 'tab' };
  if (cluster.kind in names) return names[/** @type {keyof typeof names} */ (cluster.kind)];
  if (cluster.kind === 'invalid') return `byte ${hex(bytes[cluster.from])}, not valid UTF-8`;
  if (cluster.kind === 'control') return `control character ${hex(bytes[cluster.from])}`;
  return cluster.text;
}

/** @param {Uint8Array} bytes @returns {string[]} */
const labelSigns = (bytes) =>
  clusters(bytes).map(({ from, length, text, kind }) => {
    if (kind === 'space') return ' ';
    return kind === 'control' && belongsToText(codePoint(bytes, from, length))
      ? decoded(bytes.subarray(from, from + length))
      : text;
  });

/**
 * A piece of text on one line, white space made visible where it matters, for labels. Longer ones lose their middle.
 * @param {Uint8Array} bytes
 * @param {number} [most]  signs
 * @returns {string}
 */
export function excerpt(bytes, most = 60) {
  const signs = labelSigns(bytes.length > 8 * most ? bytes.subarray(0, 4 * most) : bytes);
  if (bytes.length > 8 * most) {
    const tail = labelSigns(bytes.subarray(backToCharacter(bytes, bytes.length - 4 * most)));
    return `${signs.slice(0, Math.ceil(most / 2)).join('')} … ${tail.slice(-Math.floor(most / 2)).join('')}`;
  }
  if (signs.length <= most) return signs.join('');
  return `${signs.slice(0, Math.ceil(most / 2)).join('')} … ${signs.slice(-Math.floor(most / 2)).join('')}`;
}

/**
 * The nearest place at or before `at` that does not cut a character in two.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {number}
 */
export function backToCharacter(bytes, at) {
  for (let back = 0; back < 4 && at - back >= 0; back++) {
    if ((bytes[at - back] & 0xc0) !== 0x80) return at - back;
  }
  return at;
}
