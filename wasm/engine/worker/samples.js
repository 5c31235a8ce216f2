/** What a model writes after an evaluation: always from the same prompt with the same seed, so that only the model differs. */
import { generate } from './writing.js';

/** @typedef {import('../settings.js').Settings} Settings */

/**
 * Writes with a copy of the model, so that nothing of training changes.
 * @param {import('../readers.js').Readers} readers  of the model
 * @param {Settings} settings
 * @returns {Promise<{prompt: Uint8Array, bytes: Uint8Array}>} `sample_bytes` bytes that go on from the prompt
 * @throws {import('../module.js').CoreError} `too_big`
 */
export async function writeSample(readers, settings) {
  const { sample_prompt, sample_bytes: max_new_bytes, temperature, top_k, seed } = settings;
  const prompt = new TextEncoder().encode(sample_prompt);
  const choice = { prompt, temperature, top_k, max_new_bytes, stop_at_eos: false, seed };
  /** @type {number[]} */
  const bytes = [];
  await generate(
    readers.probe('samples'),
    { type: 'generate', run: 0, id: 0, ...choice },
    { id: 0, cancelled: false },
    (event) => event.type === 'generated' && bytes.push(...event.bytes),
  );
  readers.done('samples');
  return { prompt, bytes: Uint8Array.from(bytes) };
}
