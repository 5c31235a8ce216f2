/** Writes with a copy of the model; messages often have a turn. */
import { CoreError } from '../module.js';
import { readSettings } from '../settings.js';
import { Slices } from './slices.js';

/** @typedef {import('../probe.js').Probe} Probe */
/** @typedef {import('./reading.js').Post} Post */
/** @typedef {import('./reading.js').Job} Job */

/** Milliseconds between two pieces of generated text: as often as an eye follows. */
const PIECE = 100;

/** Sampled bytes that were not posted yet; they are posted a piece at a time. */
export class Output {
  /**
   * @param {import('../protocol.js').Generate} command
   * @param {Post} post
   */
  constructor({ run, id }, post) {
    this.head = { run, id };
    this.post = post;
    /** @type {number[]} */
    this.bytes = [];
    /** @type {number[]} */
    this.borders = [];
    this.count = 0;
    this.start = performance.now();
    this.flushedAt = this.start;
  }

  /** Messages had a turn: posts what has gathered, unless that was done a moment ago. */
  turned() {
    if (performance.now() - this.flushedAt >= PIECE) this.flush();
  }

  /** @param {number} byte @param {number} borders */
  add(byte, borders) {
    this.bytes.push(byte);
    this.borders.push(borders);
    this.count++;
  }

  /** @param {'length'|'eos'|'stopped'} [reason] */
  flush(reason) {
    this.flushedAt = performance.now();
    const bytes = Uint8Array.from(this.bytes.splice(0));
    const borders = Uint8Array.from(this.borders.splice(0));
    const bytesPerSecond = (1000 * this.count) / Math.max(1, performance.now() - this.start);
    this.post({ type: 'generated', ...this.head, bytes, borders, done: reason !== undefined, reason, bytesPerSecond });
  }
}

/** @param {import('../protocol.js').Generate} command @throws {CoreError} `bad_settings` */
export function checkGeneration({ prompt, temperature, top_k, max_new_bytes, stop_at_eos, seed }) {
  if (prompt.length === 0) throw new CoreError('bad_settings', 'The prompt is empty: it needs at least one byte.');
  const { errors } = readSettings({ temperature, top_k, max_new_bytes, stop_at_eos, seed });
  if (errors.length > 0) throw new CoreError('bad_settings', errors[0]);
}

/**
 * Generation from the cache: one time step a byte.
 * @param {Probe} probe  at the start of a text
 * @param {import('../protocol.js').Generate} command
 * @param {Job} job
 * @param {Post} post
 * @returns {Promise<void>}
 * @throws {CoreError} `bad_settings`
 */
export async function generate(probe, command, job, post) {
  checkGeneration(command);
  const { prompt, max_new_bytes, seed } = command;
  const eos = probe.core.constants.AC_EOS;
  probe.sampler.seed(seed);
  const slices = new Slices();
  let logits = 0;
  for (let i = 0; i < prompt.length && !job.cancelled; i++) {
    logits = probe.feed(prompt[i], i === prompt.length - 1).logits;
    await slices.turn();
  }
  const output = new Output(command, post);
  for (let i = 0; i < max_new_bytes && !job.cancelled; i++) {
    const symbol = probe.sampler.drawAt(logits, command);
    if (symbol === eos) return output.flush('eos');
    const fed = probe.feed(symbol, true);
    logits = fed.logits;
    output.add(symbol, fed.depth - 1);
    if (await slices.turn()) output.turned();
  }
  output.flush(job.cancelled ? 'stopped' : 'length');
}
