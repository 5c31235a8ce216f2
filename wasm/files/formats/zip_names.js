/**
 * Names of a zip archive's entries. They are UTF-8 where the archive says so, or where they are valid UTF-8; else they are in
 * the code page of the machine that packed them, which the archive does not name, and which is guessed from all of them.
 */

import { crc32 } from './crc.js';
import { likeliestEncoding } from './encodings.js';
import { joined } from './joined.js';

/** The upper half of code page 437, which the format's description assumes and browsers do not know. */
const UPPER_437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
/** Code pages of Cyrillic names, the likeliest first. */
const CYRILLIC = ['ibm866', 'windows-1251', 'koi8-r'];
const UNICODE_PATH = 0x7075;

/**
 * A field that follows an entry's name.
 * @param {Uint8Array} extra
 * @param {number} id
 * @returns {Uint8Array|null} a view of its content; null where it is not there
 */
export function extraField(extra, id) {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === id && end <= extra.length) return extra.subarray(at + 4, end);
    at = end;
  }
  return null;
}

/** @param {Uint8Array} bytes @returns {string|null} null where they are not UTF-8 */
function utf8(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * The name in UTF-8 that Info-ZIP and others write beside one in a code page.
 * @param {Uint8Array} name
 * @param {Uint8Array} extra
 * @returns {string|null}
 */
function besideName(name, extra) {
  const field = extraField(extra, UNICODE_PATH);
  if (!field || field.length < 5 || field[0] !== 1) return null;
  const crc = new DataView(field.buffer, field.byteOffset).getUint32(1, true);
  return crc === crc32(name) ? utf8(field.subarray(5)) : null;
}

/** @param {Uint8Array} bytes  code page 437 */
const from437 = (bytes) =>
  Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : UPPER_437[byte - 128])).join('');

/** What shows a code page: parts of a path that are not ASCII, without their extension. @param {Uint8Array} name */
function tellingPart(name) {
  const parts = from437(name).split('/');
  const kept = parts.filter((part) => /[^\0-\x7f]/.test(part)).map((part) => part.replace(/\.[\w]{1,8}$/, ''));
  return Uint8Array.from(kept.join(''), (letter) =>
    letter < '\x80' ? letter.charCodeAt(0) : 128 + UPPER_437.indexOf(letter),
  );
}

/**
 * @param {readonly {name: Uint8Array, extra: Uint8Array}[]} raw  as the archive's directory has them
 * @returns {string[]}  of each its name; different bytes in one code page make different names
 */
export function decodeNames(raw) {
  const known = raw.map(({ name, extra }) => besideName(name, extra) ?? utf8(name));
  const unknown = raw.filter((_, i) => known[i] === null).map(({ name }) => name);
  if (unknown.length === 0) return known.map(String);
  const label = likeliestEncoding(joined(unknown.map(tellingPart)), 'ibm437', CYRILLIC);
  const decoder = label === 'ibm437' ? null : new TextDecoder(label);
  const names = unknown.map((name) => decoder?.decode(name) ?? from437(name));
  const distinct = new Set(unknown.map(from437)).size;
  // An encoding that can't tell two of them apart is not theirs.
  const sound = new Set(names).size === distinct ? names : unknown.map(from437);
  let next = 0;
  return known.map((name) => name ?? sound[next++]);
}
