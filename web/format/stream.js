/** Text that arrives in pieces with borders in it, turned into runs that a page can append one after the other. */
import { characterLength, clusters, decoded } from './bytes.js';

/**
 * `text`: characters as they are. `hex`: a byte that is not valid UTF-8. `control`: a control character; these two are
 * seen as their `sign`. `border`: levels that put a border after what came before.
 * @typedef {{kind: 'text', text: string}|{kind: 'hex'|'control', text: string, sign: string}|
 *   {kind: 'border', levels: number}} Run
 */
/** A character with where it ends and what puts a border in it. @typedef {{run: Exclude<Run, {kind: 'border'}>, end: number, levels: number}} Character */

/** What a text keeps of a byte that is none of its characters. */
const REPLACEMENT = '\uFFFD';
const JOINER = '\u200D';
/** Characters that change or join the one before them: no stroke may part these. */
const JOINED = /^(?:[\p{M}\p{Emoji_Modifier}]|\u200C|\u200D|[\u{E0020}-\u{E007F}])/u;
const PICTURE = /^\p{Extended_Pictographic}/u;

/** C0, DEL and C1, but for line feed and tab: no text can show them. @param {number} code */
const isControl = (code) => (code < 0x20 && code !== 0x0a && code !== 0x09) || (code >= 0x7f && code < 0xa0);

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} length  of its character, not above 0 for a byte that is none
 * @returns {Character['run']}
 */
function runOf(bytes, at, length) {
  const [{ text: sign }] = clusters(bytes.subarray(at, at + Math.max(1, length)));
  if (length <= 0) return { kind: 'hex', text: REPLACEMENT, sign };
  const text = decoded(bytes.subarray(at, at + length));
  return isControl(Number(text.codePointAt(0))) ? { kind: 'control', text, sign } : { kind: 'text', text };
}

/** Whether a character belongs to the one before it. @param {Character['run']} run @param {Character['run']} before */
const joins = (run, before) =>
  run.kind === 'text' &&
  before.kind === 'text' &&
  (JOINED.test(run.text) || (before.text === JOINER && PICTURE.test(run.text)));

/**
 * Runs of bytes from `from` on. A border inside a character, or between characters that are seen as one, comes after it.
 * What may still continue past the end is left for the next call, unless `final`.
 * @param {Uint8Array} bytes
 * @param {Uint8Array} borders  how many levels put a border at each byte
 * @param {number} from
 * @param {boolean} final  nothing will follow
 * @returns {{runs: Run[], next: number}} `next`: the first byte that is not in the runs
 */
export function runsOf(bytes, borders, from, final) {
  /** Characters that are seen as one, and the highest border in them. @type {{members: Character[], levels: number}[]} */
  const groups = [];
  for (let at = from; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    if (length < 0 && !final) break;
    const end = at + Math.max(1, length);
    const character = { run: runOf(bytes, at, length), end, levels: Math.max(...borders.subarray(at, end)) };
    const group = groups.at(-1);
    const before = group?.members.at(-1);
    if (group && before && joins(character.run, before.run)) {
      group.members.push(character);
      group.levels = Math.max(group.levels, character.levels);
    } else groups.push({ members: [character], levels: character.levels });
    at = end;
  }
  // A stroke after the last one would be in the way of what may join it.
  if (!final && (groups.at(-1)?.levels ?? 0) > 0) groups.pop();
  /** @type {Run[]} */
  const runs = [];
  for (const { members, levels } of groups) {
    for (const { run } of members) {
      const last = runs.at(-1);
      if (run.kind === 'text' && last?.kind === 'text') last.text += run.text;
      else runs.push({ ...run });
    }
    if (levels > 0) runs.push({ kind: 'border', levels });
  }
  return { runs, next: groups.at(-1)?.members.at(-1)?.end ?? from };
}
