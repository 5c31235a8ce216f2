/**
 * A drawing context that writes SVG: the part of CanvasRenderingContext2D that this project's drawings use, so that one
 * routine serves screen and file. Text stays text.
 */
import { escapeXml } from './xml.js';

/** @param {number} n  CSS pixels, to a hundredth */
const short = (n) => String(Math.round(n * 100) / 100);

/** @typedef {{fillStyle: string, strokeStyle: string, globalAlpha: number, lineWidth: number, font: string, textAlign: CanvasTextAlign, textBaseline: CanvasTextBaseline, lineJoin: CanvasLineJoin, dash: number[], clip: string}} Pen */

/** @type {Readonly<Record<string, string>>} */
const ANCHORS = { left: 'start', start: 'start', center: 'middle', right: 'end', end: 'end' };
/** How far below the given height a text's baseline lies, in font sizes. @type {Readonly<Record<string, number>>} */
const BASELINES = { middle: 0.35, top: 0.8, bottom: -0.2 };
/** Width of a character of the monospaced face, in font sizes. */
const ADVANCE = 0.6;

export class SvgContext {
  fillStyle = '#000';
  strokeStyle = '#000';
  globalAlpha = 1;
  lineWidth = 1;
  font = '10px sans-serif';
  /** @type {CanvasTextAlign} */
  textAlign = 'start';
  /** @type {CanvasTextBaseline} */
  textBaseline = 'alphabetic';
  /** @type {CanvasLineJoin} */
  lineJoin = 'miter';
  /** @type {number[]} */
  #dash = [];
  /** @type {string[]} */
  #path = [];
  /** Open groups that clip what is in them. */
  #clip = '';
  #clips = 0;
  /** @type {Pen[]} */
  #saved = [];
  /** @type {string[]} */
  #parts = [];

  /**
   * @param {number} width   CSS pixels
   * @param {number} height
   */
  constructor(width, height) {
    this.width = width;
    this.height = height;
  }

  save() {
    const { fillStyle, strokeStyle, globalAlpha, lineWidth, font, textAlign, textBaseline, lineJoin } = this;
    const pen = { fillStyle, strokeStyle, globalAlpha, lineWidth, font, textAlign, textBaseline, lineJoin };
    this.#saved.push({ ...pen, dash: this.#dash, clip: this.#clip });
  }

  restore() {
    const pen = this.#saved.pop();
    if (!pen) return;
    const { dash, clip, ...rest } = pen;
    Object.assign(this, rest);
    this.#dash = dash;
    this.#clip = clip;
  }

  /** Clips what follows to the current path, until `restore`. */
  clip() {
    const id = `clip-${++this.#clips}`;
    this.#parts.push(`<clipPath id="${id}"><path d="${this.#path.join('')}"/></clipPath>`);
    this.#clip = ` clip-path="url(#${id})"`;
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.#dash = dash;
  }

  clearRect() {}

  beginPath() {
    this.#path = [];
  }

  closePath() {
    this.#path.push('Z');
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.#path.push(`M${short(x)} ${short(y)}`);
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.#path.push(`L${short(x)} ${short(y)}`);
  }

  /** @param {number} ax @param {number} ay @param {number} bx @param {number} by @param {number} x @param {number} y */
  bezierCurveTo(ax, ay, bx, by, x, y) {
    this.#path.push(`C${[ax, ay, bx, by, x, y].map(short).join(' ')}`);
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    this.#path.push(`M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`);
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height @param {number[]} radii  of the four corners, clockwise from the upper left */
  roundRect(x, y, width, height, radii) {
    const [a, b, c, d] = radii.map((r) => Math.max(0, Math.min(r, width / 2, height / 2)));
    const arc = (/** @type {number} */ r, /** @type {number} */ dx, /** @type {number} */ dy) =>
      r > 0 ? `a${short(r)} ${short(r)} 0 0 1 ${short(dx)} ${short(dy)}` : '';
    this.#path.push(
      `M${short(x + a)} ${short(y)}H${short(x + width - b)}${arc(b, b, b)}V${short(y + height - c)}${arc(c, -c, c)}` +
        `H${short(x + d)}${arc(d, -d, -d)}V${short(y + a)}${arc(a, a, -a)}Z`,
    );
  }

  /** @param {string} colour @param {'fill'|'stroke'} use */
  #paint(colour, use) {
    const alpha = this.globalAlpha < 1 ? ` ${use}-opacity="${Math.round(this.globalAlpha * 1000) / 1000}"` : '';
    return `${use}="${escapeXml(colour)}"${alpha}`;
  }

  #stroke() {
    const dash = this.#dash.length > 0 ? ` stroke-dasharray="${this.#dash.join(' ')}"` : '';
    const join = this.lineJoin === 'miter' ? '' : ` stroke-linejoin="${this.lineJoin}"`;
    return `fill="none" ${this.#paint(this.strokeStyle, 'stroke')} stroke-width="${short(this.lineWidth)}"${dash}${join}`;
  }

  fill() {
    if (this.#path.length === 0) return;
    this.#parts.push(`<path d="${this.#path.join('')}" ${this.#paint(this.fillStyle, 'fill')}${this.#clip}/>`);
  }

  stroke() {
    if (this.#path.length === 0) return;
    this.#parts.push(`<path d="${this.#path.join('')}" ${this.#stroke()}${this.#clip}/>`);
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height @param {string} style */
  #rect(x, y, width, height, style) {
    const [left, top] = [Math.min(x, x + width), Math.min(y, y + height)];
    const size = `width="${short(Math.abs(width))}" height="${short(Math.abs(height))}"`;
    this.#parts.push(`<rect x="${short(left)}" y="${short(top)}" ${size} ${style}${this.#clip}/>`);
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    if (width !== 0 && height !== 0) this.#rect(x, y, width, height, this.#paint(this.fillStyle, 'fill'));
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  strokeRect(x, y, width, height) {
    this.#rect(x, y, width, height, this.#stroke());
  }

  /** @returns {{weight: string, size: number, family: string}} */
  #face() {
    const found = /^(?:(\d+|bold|normal)\s+)?([\d.]+)px(?:\/\S+)?\s+(.*)$/.exec(this.font);
    return { weight: found?.[1] ?? 'normal', size: Number(found?.[2] ?? 10), family: found?.[3] ?? 'monospace' };
  }

  /**
   * Width of a text in the monospaced face, near enough to place things.
   * @param {string} text
   */
  measureText(text) {
    return { width: [...text].length * ADVANCE * this.#face().size };
  }

  /** @param {string} text @param {number} x @param {number} y @param {number} [most]  width that it is squeezed into */
  fillText(text, x, y, most) {
    const { weight, size, family } = this.#face();
    const baseline = y + (BASELINES[this.textBaseline] ?? 0) * size;
    const anchor = ANCHORS[this.textAlign];
    const squeeze =
      most !== undefined && this.measureText(text).width > most
        ? ` textLength="${short(most)}" lengthAdjust="spacingAndGlyphs"`
        : '';
    const bold = weight === 'normal' ? '' : ` font-weight="${weight}"`;
    this.#parts.push(
      `<text x="${short(x)}" y="${short(baseline)}" font-family="${escapeXml(family)}" font-size="${short(size)}"${bold}` +
        `${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}${squeeze} xml:space="preserve" ` +
        `${this.#paint(this.fillStyle, 'fill')}${this.#clip}>${escapeXml(text)}</text>`,
    );
  }

  /**
   * Everything drawn so far, as a file.
   * @param {{title: string, background?: string}} what
   */
  toString({ title, background }) {
    const [w, h] = [short(this.width), short(this.height)];
    const sheet = background ? `<rect width="${w}" height="${h}" fill="${escapeXml(background)}"/>` : '';
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">` +
      `<title>${escapeXml(title)}</title>${sheet}${this.#parts.join('')}</svg>\n`
    );
  }
}
