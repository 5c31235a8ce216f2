/** What is said of texts that are to be trained on. */
import { ENCODINGS, isOdd } from '../../../wasm/files/formats/encodings.js';
import { isolated } from '../../../wasm/files/formats/names.js';
import { byteSize, count, fixed, integer } from '../../format/numbers.js';

/** @param {number} bits @returns {string} */
export const bitsAByte = (bits) => `${fixed(bits)} bits a byte`;

/** @param {number} places @param {number} first  byte, from 0 @returns {string} */
export const notAllUtf8 = (places, first) =>
  `In ${integer(places)} places, first at byte ${integer(first)}, this is not UTF-8.`;

/**
 * What the button of a download says.
 * @param {number} bytes
 * @param {boolean} known  whether it is just as many
 * @returns {string}
 */
export const downloadLabel = (bytes, known) => `Download ${known ? '' : 'about '}${byteSize(bytes)}`;

/** @param {string} label @returns {string} */
export const encodingName = (label) => ENCODINGS.find((each) => each.label === label)?.name ?? label;

/** A file that is no text. @param {string} [what]  what it is, where that is known @returns {string} */
export const noText = (what) =>
  `It ${what ? `is ${what}, not a text` : 'is no text in any encoding'}. A model can be trained on its bytes all the same.`;

/** A file in another encoding. @param {string} name @param {string} label  of the encoding @returns {string} */
export const otherEncoding = (name, label) => `${isolated(name)} is not UTF-8: it seems to be ${encodingName(label)}.`;

/** What is unusual about files, a sentence each. @param {import('../../../wasm/engine/protocol.js').FoundTexts} found @returns {string[]} */
export function unusual({ files, fields, whole }) {
  const odd = files.filter(isOdd);
  const faulty = odd.filter(({ faults }) => faults);
  const binary = odd.find(({ encoding }) => encoding === 'binary');
  if (binary) return [noText(binary.what)];
  const list = [];
  if (faulty.length > 0 && faulty.length === odd.length) {
    const faults = faulty.reduce((sum, file) => sum + Number(file.faults), 0);
    list.push(`It is UTF-8 but for ${count(faults, 'place')}, where its bytes are no character.`);
  } else if (odd.length === 1) list.push(otherEncoding(odd[0].name, odd[0].encoding));
  else if (odd.length > 1) list.push(`${count(odd.length, 'file')} are not UTF-8.`);
  if (fields.length > 0)
    list.push(
      whole
        ? 'It is a table: choose the column that is the text.'
        : 'It holds records: choose the field that is the text.',
    );
  return list;
}
