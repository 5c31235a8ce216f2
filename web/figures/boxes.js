/** What the drawings of models are made of: boxes with lines of text, wires, bands. Sizes are CSS pixels. */

import { layersOf, parametersOf, shapeLine, titleOf } from '../anatomy/parts.js';
import { compact } from '../format/numbers.js';

/** @typedef {import('../anatomy/parts.js').Part} Part */

/**
 * @typedef {object} Box
 * @property {Part} part
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {string[]} lines   the first is its title
 * @property {number} colour    level whose colour it has, −1 for none
 *
 * @typedef {'input'|'up'|'down'|'score'|'skip'} WireKind
 * @typedef {{id: string, kind: WireKind, level: number, points: [number, number][], arrow: boolean}} Wire  `level`: whose
 *   tokens go along it
 * @typedef {{level: number, x: number, y: number, width: number, height: number}} Band
 * @typedef {{x: number, y: number, text: string, level: number, anchor: 'start'|'middle'|'end', role: 'level'|'note'|'title'}} Label
 * @typedef {{x: number, y: number, level: number}} Gate  where a border lets a state through; level −1: where two are added
 * @typedef {{width: number, height: number, boxes: Box[], wires: Wire[], bands: Band[], labels: Label[], gates: Gate[]}} Drawing
 */

/** Width of a character of the monospaced face, in font sizes; the widest of the faces in use. */
const ADVANCE = 0.605;
/** Sizes of a box's title and of its other lines. */
const [TITLE_SIZE, LINE_SIZE] = [12, 11];
/** Heights of boxes by their number of lines, and where each line's baseline lies. */
export const HEIGHTS = Object.freeze([0, 22, 37, 50]);
export const BASELINES = Object.freeze([15, 29, 42]);
/** Room between text and edge. */
export const INSET = 6;

/** Width that a box needs for its text. @param {string[]} lines @returns {number} CSS pixels */
export function widthFor(lines) {
  const widths = lines.map((line, i) => [...line].length * ADVANCE * (i === 0 ? TITLE_SIZE : LINE_SIZE));
  return Math.max(...widths) + 2 * INSET;
}

/**
 * The lines of a box: title, shape, parameters; only those with something to say.
 * @param {Part} part
 * @returns {string[]}
 */
function linesOf(part) {
  if (part.tensors.length === 0) return [titleOf(part)];
  const layers = layersOf(part);
  const shape = shapeLine(part);
  return [titleOf(part), layers > 1 ? `${shape} ×${layers}` : shape, compact(parametersOf(part))];
}

/** The same on one line, where there is little room. @param {Part} part @returns {string} */
export function shortLine(part) {
  return part.tensors.length === 0 ? titleOf(part) : `${titleOf(part)} ${compact(parametersOf(part))}`;
}

/** Collects a drawing. */
export class Sheet {
  /** @type {Box[]} */
  boxes = [];
  /** @type {Wire[]} */
  wires = [];
  /** @type {Band[]} */
  bands = [];
  /** @type {Label[]} */
  labels = [];
  /** @type {Gate[]} */
  gates = [];

  /**
   * @param {Part} part
   * @param {{x: number, y: number, width: number}} at
   * @param {{lines?: string[], height?: number, colour?: number}} [options]
   * @returns {Box}
   */
  box(part, { x, y, width }, { lines = linesOf(part), height = HEIGHTS[lines.length], colour = part.level } = {}) {
    const box = { part, x, y, width, height, lines, colour };
    this.boxes.push(box);
    return box;
  }

  /**
   * @param {string} id
   * @param {WireKind} kind
   * @param {number} level
   * @param {[number, number][]} points
   * @param {boolean} [arrow]
   */
  wire(id, kind, level, points, arrow = true) {
    this.wires.push({ id, kind, level, points, arrow });
  }

  /** @param {number} width @param {number} height @returns {Drawing} */
  finish(width, height) {
    const { boxes, wires, bands, labels, gates } = this;
    return { width, height, boxes, wires, bands, labels, gates };
  }
}

/** @param {{x: number, width: number}} box */
export const middle = ({ x, width }) => x + width / 2;
/** @param {{x: number, width: number}} box */
export const right = ({ x, width }) => x + width;
/** @param {{y: number, height: number}} box */
export const bottom = ({ y, height }) => y + height;
/** @param {{y: number, height: number}} box */
export const centre = ({ y, height }) => y + height / 2;
