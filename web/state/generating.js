/** Actions on generation. */
import { decoded } from '../format/bytes.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../../wasm/engine/protocol.js').Generated} Generated */

/** @param {Uint8Array} array @param {number} length @returns {Uint8Array} */
function roomFor(array, length) {
  if (length <= array.length) return array;
  const larger = new Uint8Array(Math.max(length, 2 * array.length, 1024));
  larger.set(array);
  return larger;
}

/**
 * The text written so far with more of it. Arrays may be shared with the generation before.
 * @param {import('./store.js').Generation} generation
 * @param {Generated} event
 * @returns {import('./store.js').Generation}
 */
export function withBytes(generation, { bytes, borders, done, reason, bytesPerSecond }) {
  const count = generation.count + bytes.length;
  const grown = {
    ...generation,
    bytes: roomFor(generation.bytes, count),
    borders: roomFor(generation.borders, count),
    count,
  };
  grown.bytes.set(bytes, generation.count);
  grown.borders.set(borders, generation.count);
  return { ...grown, bytesPerSecond, running: !done, reason: done ? (reason ?? 'length') : null };
}

/**
 * @param {Store} store
 * @param {Client} client
 */
export function createGenerationActions(store, client) {
  return {
    generate() {
      const { prompt, ...rest } = store.generationSettings.value;
      const bytes = new TextEncoder().encode(prompt);
      if (bytes.length === 0) {
        store.notice.value = {
          kind: 'problem',
          message: 'The prompt is empty: the model needs at least one byte to go on from.',
          reason: 'empty_prompt',
        };
        return;
      }
      store.notice.value = null;
      const id = client.nextId();
      const empty = { bytes: new Uint8Array(), borders: new Uint8Array(), count: 0, bytesPerSecond: 0, reason: null };
      store.generation.value = { id, prompt, running: true, ...empty };
      client.send({ type: 'generate', id, prompt: bytes, ...rest }, [bytes.buffer]);
    },
    stopGenerating() {
      const generation = store.generation.value;
      if (generation?.running) client.send({ type: 'cancel', id: generation.id });
    },
    /** @param {Partial<import('./store.js').GenerationSettings>} changes */
    changeGeneration(changes) {
      store.generationSettings.value = { ...store.generationSettings.value, ...changes };
    },
    /** Shows what was written, prompt included, as the passage of the hierarchy. */
    traceGenerated() {
      const generation = store.generation.value;
      if (!generation) return;
      const prompt = new TextEncoder().encode(generation.prompt);
      const written = new Uint8Array(prompt.length + generation.count);
      written.set(prompt);
      written.set(generation.bytes.subarray(0, generation.count), prompt.length);
      store.passage.value = { ...store.passage.value, own: decoded(written), written };
    },
    /** @param {Generated} event */
    receive(event) {
      const generation = store.generation.value;
      if (generation?.id !== event.id) return;
      store.generation.value = withBytes(generation, event);
    },
    /** @param {import('../../wasm/engine/protocol.js').Failed} event @returns {boolean} whether it was about generation */
    fail(event) {
      const generation = store.generation.value;
      if (!generation?.running || (event.id !== generation.id && !event.fatal)) return false;
      store.generation.value = { ...generation, running: false, reason: 'stopped' };
      return event.id === generation.id;
    },
  };
}

/** @typedef {ReturnType<typeof createGenerationActions>} GenerationActions */
