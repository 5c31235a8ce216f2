/** Figures as files: SVG from elements of the page or from text, PNG from either and from canvases. */

export { fileName, saveBlob } from './save.js';

/** What the page's style sheets may set on a part of a figure, and a file has to carry itself. */
const PROPERTIES = [
  'color',
  'display',
  'dominant-baseline',
  'fill',
  'fill-opacity',
  'fill-rule',
  'font-family',
  'font-size',
  'font-style',
  'font-variant-numeric',
  'font-weight',
  'letter-spacing',
  'opacity',
  'stroke',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'stroke-opacity',
  'stroke-width',
  'text-anchor',
  'visibility',
];

/** Attributes that mean something only on the page. */
const ON_PAGE = /^(?:class|style|tabindex|data-.*|aria-(?!label$|hidden$).*|on.*)$/;

const SVG = 'http://www.w3.org/2000/svg';

/** Colours and sizes as they are now, written on each part. @param {Element} shown @param {Element} copy */
function inline(shown, copy) {
  const style = getComputedStyle(shown);
  for (const { name } of [...copy.attributes]) if (ON_PAGE.test(name)) copy.removeAttribute(name);
  for (const name of PROPERTIES) {
    const value = style.getPropertyValue(name);
    if (value !== '' && value !== 'normal') copy.setAttribute(name, value);
  }
  for (let i = 0; i < shown.children.length; i++) inline(shown.children[i], copy.children[i]);
}

/**
 * An `<svg>` of the page as a file's text: nothing of it depends on the page any more.
 * @param {SVGSVGElement} element  in the document
 * @param {{background?: string}} [options]  a colour behind it
 * @returns {string}
 */
function svgText(element, { background } = {}) {
  const copy = /** @type {SVGSVGElement} */ (element.cloneNode(true));
  inline(element, copy);
  const { width, height } = element.getBoundingClientRect();
  copy.setAttribute('width', String(Math.round(width)));
  copy.setAttribute('height', String(Math.round(height)));
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${Math.round(width)} ${Math.round(height)}`);
  if (background) {
    const sheet = document.createElementNS(SVG, 'rect');
    const { x, y, width: w, height: h } = copy.viewBox.baseVal;
    for (const [name, value] of Object.entries({ x, y, width: w, height: h, fill: background })) {
      sheet.setAttribute(name, String(value));
    }
    copy.prepend(sheet);
  }
  return new XMLSerializer().serializeToString(copy);
}

/**
 * @param {SVGSVGElement|string} svg  an element of the page, or a file's text
 * @param {{background?: string}} [options]
 * @returns {Blob}
 */
export function svgToFile(svg, options) {
  const text = typeof svg === 'string' ? svg : svgText(svg, options);
  return new Blob([text], { type: 'image/svg+xml' });
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
export function canvasToPng(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('This drawing is too large for a picture.'))));
  });
}

/**
 * A picture of a figure. Goes through an image with a `blob:` address.
 * @param {SVGSVGElement|string} svg
 * @param {{background?: string, scale?: number}} [options]  `scale`: pixels a CSS pixel
 * @returns {Promise<Blob>}
 */
export async function svgToPng(svg, { background, scale = 2 } = {}) {
  const url = URL.createObjectURL(svgToFile(svg, { background }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(image.naturalWidth * scale);
    canvas.height = Math.round(image.naturalHeight * scale);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvasToPng(canvas);
  } finally {
    URL.revokeObjectURL(url);
  }
}
