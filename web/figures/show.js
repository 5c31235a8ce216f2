/** Shows in the hierarchy what the explanation speaks of. */

/** @typedef {import('../state/store.js').Store} Store */

function scrollToHierarchy() {
  document.getElementById('hierarchy')?.scrollIntoView();
}

/**
 * Chooses a token from the middle of the shown text, or a byte for level 0, and goes there.
 * @param {Store} store
 * @param {number} level
 */
export function showToken(store, level) {
  const trace = store.trace.value;
  const count = level === 0 ? (trace?.count ?? 0) : (trace?.levels[level]?.count ?? 0);
  if (count > 0) store.selected.value = { level, index: Math.min(count - 1, Math.max(1, Math.floor(count / 4))) };
  scrollToHierarchy();
}

/**
 * Chooses the byte after which the model is least sure, among the first of the shown text, and goes there.
 * @param {Store} store
 * @param {number} [among]
 */
export function showMostUncertain(store, among = 400) {
  const trace = store.trace.value;
  if (trace && trace.count > 0) {
    const entropies = trace.encoderEntropy.subarray(0, Math.min(among, trace.count));
    store.selected.value = { level: 0, index: entropies.reduce((best, e, t) => (e > entropies[best] ? t : best), 0) };
  }
  scrollToHierarchy();
}

/**
 * Chooses the first border of the shown text after its start, as the byte that it is at, and goes there.
 * @param {Store} store
 */
export function showBorder(store) {
  const source = store.trace.value?.levels[1]?.source;
  if (source && source.length > 1) store.selected.value = { level: 0, index: source[1] };
  scrollToHierarchy();
}
