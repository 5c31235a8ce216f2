/** Text that arrives in pieces with borders in it, turned into runs that a page can append one after the other. */
import { characterLength, clusters, hex } from './bytes.js';

/**
 * `text`: characters as they are. `hex`: a byte that is not valid UTF-8. `control`: the sign of a control character.
 * `border`: levels that put a border after what came before.
 * @typedef {{kind: 'text'|'hex'|'control', text: string}|{kind: 'border', levels: number}} Run
 */

/**
 * Runs of bytes from `from` on. A character that the end cuts off is left for the next call, unless `final`.
 * @param {Uint8Array} bytes
 * @param {Uint8Array} borders  how many levels put a border at each byte
 * @param {number} from
 * @param {boolean} final  nothing will follow
 * @returns {{runs: Run[], next: number}} `next`: the first byte that is not in the runs
 */
export function runsOf(bytes, borders, from, final) {
  /** @type {Run[]} */
  const runs = [];
  /** @param {'text'|'hex'|'control'} kind @param {string} text */
  const add = (kind, text) => {
    const last = runs.at(-1);
    if (kind === 'text' && last?.kind === 'text') last.text += text;
    else runs.push({ kind, text });
  };
  let at = from;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length < 0 && !final) break;
    const next = at + Math.max(1, length);
    if (length <= 0) {
      add('hex', hex(bytes[at]));
    } else {
      const [cluster] = clusters(bytes.subarray(at, next));
      if (cluster.kind === 'control') add('control', cluster.text);
      else if (cluster.kind === 'char') add('text', cluster.text);
      else add('text', { space: ' ', newline: '\n', tab: '\t' }[/** @type {'space'|'newline'|'tab'} */ (cluster.kind)]);
    }
    let levels = 0;
    for (let i = at; i < next; i++) levels = Math.max(levels, borders[i]);
    if (levels > 0) runs.push({ kind: 'border', levels });
    at = next;
  }
  return { runs, next: at };
}
