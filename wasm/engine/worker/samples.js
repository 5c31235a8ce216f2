/** What a model writes after an evaluation: always from the same prompt with the same seed, so that only it differs. */
import { Slices } from './slices.js';

/** @typedef {import('../settings.js').Settings} Settings */

/**
 * Writes with a copy of the model, so that nothing of training changes.
 * @param {import('../readers.js').Readers} readers  of the model
 * @param {Settings} settings
 * @returns {Promise<{prompt: Uint8Array, bytes: Uint8Array}>} `sample_bytes` bytes that go on from the prompt
 * @throws {import('../module.js').CoreError} `too_big`
 */
export async function writeSample(readers, settings) {
  const probe = readers.probe('samples');
  const prompt = new TextEncoder().encode(settings.sample_prompt);
  const bytes = new Uint8Array(settings.sample_bytes);
  const choice = { temperature: settings.temperature, top_k: settings.top_k, stop_at_eos: false };
  const slices = new Slices();
  probe.sampler.seed(settings.seed);
  let logits = 0;
  for (let i = 0; i < prompt.length; i++) {
    logits = probe.feed(prompt[i], i === prompt.length - 1).logits;
    await slices.turn();
  }
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = probe.sampler.drawAt(logits, choice);
    logits = probe.feed(bytes[i], true).logits;
    await slices.turn();
  }
  readers.done('samples');
  return { prompt, bytes };
}
