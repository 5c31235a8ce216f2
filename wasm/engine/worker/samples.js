/** What a model writes after an evaluation: always from the same prompt with the same seed, so that only it differs. */
import { Probe } from '../probe.js';
import { Slices } from './slices.js';

/** @typedef {import('../settings.js').Settings} Settings */

/** Whether a model can write: borders that look at the next byte can't be had before it is written. @param {import('../core.js').Model} model */
export const canWrite = ({ borderLevels }) => !borderLevels.some(({ leaks }) => leaks);

/** Writes with a copy of the model, so that nothing of training changes. */
export class Writer {
  /**
   * @param {import('../core.js').Model} model
   * @param {Settings} settings
   * @throws {import('../module.js').CoreError} `too_big`
   */
  constructor(model, settings) {
    this.model = model;
    this.probe = new Probe(model.module, settings);
  }

  /**
   * @param {Settings} settings
   * @returns {Promise<{prompt: Uint8Array, bytes: Uint8Array}>} `sample_bytes` bytes that go on from the prompt
   */
  async write(settings) {
    const { probe } = this;
    const prompt = new TextEncoder().encode(String(settings.sample_prompt));
    const bytes = new Uint8Array(Number(settings.sample_bytes));
    const choice = { temperature: Number(settings.temperature), top_k: Number(settings.top_k), stop_at_eos: false };
    const slices = new Slices();
    probe.copyFrom(this.model.parameters, this.model.thresholds);
    probe.sampler.seed(Number(settings.seed));
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
    return { prompt, bytes };
  }
}
