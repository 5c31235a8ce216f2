/** Where an element's text and weights come from: addresses, properties, and what stands inside it. */

/** What went wrong, as one sentence, and `reason`, a code for programs. */
export class ElementError extends Error {
  /** @param {string} message @param {string} reason */
  constructor(message, reason) {
    super(message);
    this.reason = reason;
  }
}

/** Weights: a name by which they are known again, and how to get their file. @typedef {{name: string, load: () => Promise<Uint8Array>}} Weights */

const EXAMPLE = 'example.safetensors';
/** Selects what stands inside the element and names its weights: `<a slot="checkpoint" href="…">`. */
const SLOT = '[slot="checkpoint"]';

/** @param {string} address */
const shown = (address) => address.slice(0, 200);

/**
 * What an address holds.
 * @param {string} address
 * @returns {Promise<Uint8Array>}
 * @throws {ElementError}
 */
export async function fetchBytes(address) {
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    const elsewhere = new URL(address).origin !== location.origin;
    const reasons = elsewhere
      ? 'its host must allow other sites to read it (CORS), and this page’s policy must allow the connection'
      : 'there is no connection, or this page’s policy forbids it';
    throw new ElementError(
      `${shown(address)} could not be loaded: ${reasons}.`,
      elsewhere ? 'elsewhere' : 'unreachable',
    );
  }
  if (answer.status === 404 || answer.status === 410)
    throw new ElementError(`There is nothing at ${shown(address)} (${answer.status}): check the address.`, 'not_there');
  if (!answer.ok)
    throw new ElementError(`${shown(address)} could not be loaded: its host answered ${answer.status}.`, 'status');
  return new Uint8Array(await answer.arrayBuffer());
}

/**
 * @param {string} address  relative to `base`
 * @param {string} base
 * @returns {string}
 * @throws {ElementError}
 */
function absolute(address, base) {
  try {
    return new URL(address, base).href;
  } catch {
    throw new ElementError(`This address can't be understood: ${shown(address)}`, 'address');
  }
}

/** Weights that were handed over as they are. @type {WeakMap<object, string>} */
const names = new WeakMap();
let named = 0;

/**
 * The weights that an element is to read with: those of its property, of its attribute, of what stands in its slot, or the
 * example beside the script.
 * @param {HTMLElement} element
 * @param {string|null} checkpoint  the attribute
 * @param {Uint8Array|ArrayBuffer|Blob|null} weights  the property
 * @returns {Weights}
 * @throws {ElementError} where an address can't be understood
 */
export function weightsFor(element, checkpoint, weights) {
  if (weights) {
    const name = names.get(weights) ?? `given ${++named}`;
    names.set(weights, name);
    // A copy, since the worker takes over what it is sent.
    const load = async () => new Uint8Array(await new Blob([/** @type {BlobPart} */ (weights)]).arrayBuffer());
    return { name, load };
  }
  const slotted = element.querySelector(SLOT)?.getAttribute('href');
  const given = checkpoint ?? slotted;
  const address = given ? absolute(given, document.baseURI) : absolute(EXAMPLE, import.meta.url);
  return { name: address, load: () => fetchBytes(address) };
}

/**
 * The text that stands inside an element, without what names its weights.
 * @param {HTMLElement} element
 * @returns {string}
 */
export function textInside(element) {
  return [...element.childNodes]
    .filter((node) => !(node instanceof Element && node.matches(SLOT)))
    .map((node) => node.textContent ?? '')
    .join('');
}

/**
 * The text that an element is to read.
 * @param {HTMLElement} element
 * @param {{text: string|null, src: string|null}} options
 * @returns {Promise<string>}
 * @throws {ElementError}
 */
export async function textFor(element, { text, src }) {
  if (text !== null) return text;
  if (src !== null) return new TextDecoder().decode(await fetchBytes(absolute(src, document.baseURI)));
  return textInside(element);
}
