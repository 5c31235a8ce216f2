/** What the page cannot do without, and what it says where that is missing. All else has a stand-in, or is left out. */
import { ENOUGH } from '../wasm/engine/browsers.js';

/** Every browser that runs the core has them, unless they were turned off. */
const NEEDS = [
  'AbortController',
  'IntersectionObserver',
  'MessageChannel',
  'MutationObserver',
  'ResizeObserver',
  'Worker',
];

/** @param {object} [scope] @returns {string|null} a sentence, where something is missing */
export function lack(scope = globalThis) {
  const missing = NEEDS.filter((name) => !(name in scope));
  if (missing.length === 0) return null;
  return `This browser lacks ${missing.join(', ')}, without which this page can’t run: ${ENOUGH}, can run it.`;
}
