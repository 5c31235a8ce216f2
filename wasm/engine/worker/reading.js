/** What reads with a copy of the model: traces, generation, the causality check. Each gives messages a turn often. */
import { Model } from '../core.js';
import { CoreError } from '../module.js';
import { buffersOf, Probe, Sampler } from '../probe.js';
import { readSettings } from '../settings.js';
import { Slices } from './slices.js';
import { tick } from './tick.js';

/** @typedef {import('../protocol.js').Event} Event */
/** @typedef {import('../settings.js').Settings} Settings */
/** @typedef {(event: Event, transfer?: Transferable[]) => void} Post */
/** A long answer that can be ended early. @typedef {{id: number, cancelled: boolean}} Job */

/** Longest text that generation by recomputation, and the causality check, may come to. */
const MOST_RECOMPUTED = 8192;
const MOST_CHECKED = 256;
/** A difference of logits that rounding cannot explain. */
const LEAK = 1e-3;

/**
 * @param {Probe} probe  at the start of a text
 * @param {import('../protocol.js').TraceCommand} command
 * @param {Job} job
 * @param {Post} post
 * @param {import('./windows.js').Recording} [recording]  where the trace is to be recorded
 * @throws {CoreError} `empty_text`
 */
export async function trace(probe, command, job, post, recording) {
  const { run, id, text, thresholds = [], withoutParents = false, top = 10 } = command;
  if (text.length === 0)
    throw new CoreError('empty_text', 'There is no text to read: choose a passage with something in it.');
  probe.configure(thresholds, !withoutParents);
  const kept = Math.max(0, Math.min(10, Math.floor(top)));
  const before = new Array(probe.levels).fill(0);
  const slices = new Slices();
  for (let from = 0; from < text.length && !job.cancelled; from += probe.pieceLength) {
    const to = Math.min(text.length, from + probe.pieceLength);
    recording?.keep(from, before);
    const piece = probe.tracePiece(text, from, to, kept, before);
    if (recording) recording.count = to;
    post({ type: 'trace', run, id, total: text.length, done: to === text.length, piece }, buffersOf(piece));
    await slices.turn();
  }
}

/** Milliseconds between two pieces of generated text: as often as an eye follows. */
const PIECE = 100;

/** Bytes that were drawn and not told yet, posted a piece at a time. */
class Output {
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
    this.told = this.start;
  }

  /** Messages had a turn: tells what there is, unless that was done a moment ago. */
  turned() {
    if (performance.now() - this.told >= PIECE) this.flush();
  }

  /** @param {number} byte @param {number} borders */
  add(byte, borders) {
    this.bytes.push(byte);
    this.borders.push(borders);
    this.count++;
  }

  /** @param {'length'|'eos'|'stopped'} [reason] */
  flush(reason) {
    this.told = performance.now();
    const bytes = Uint8Array.from(this.bytes.splice(0));
    const borders = Uint8Array.from(this.borders.splice(0));
    const bytesPerSecond = (1000 * this.count) / Math.max(1, performance.now() - this.start);
    this.post({ type: 'generated', ...this.head, bytes, borders, done: reason !== undefined, reason, bytesPerSecond });
  }
}

/** @param {import('../protocol.js').Generate} command */
function checkGeneration({ prompt, temperature, top_k, max_new_bytes, stop_at_eos, seed }) {
  if (prompt.length === 0) throw new CoreError('bad_settings', 'The prompt is empty: it needs at least one byte.');
  const { errors } = readSettings({ temperature, top_k, max_new_bytes, stop_at_eos, seed });
  if (errors.length > 0) throw new CoreError('bad_settings', errors[0]);
}

/**
 * Generation from the cache: one step a byte.
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
    const step = probe.feed(symbol, true);
    logits = step.logits;
    output.add(symbol, step.depth - 1);
    if (await slices.turn()) output.turned();
  }
  output.flush(job.cancelled ? 'stopped' : 'length');
}

/**
 * A copy of a model for full passes over one text of up to `length` bytes.
 * @param {Model} model
 * @param {Settings} settings
 * @param {number} length
 * @returns {Model}
 */
export function copyFor(model, settings, length) {
  const own = { batch_size: 1, sequence_length: length, dropout: 0, carry_state: false };
  const copy = new Model(model.module, { ...settings, ...own });
  copy.setParameters(model.parameters);
  return copy;
}

/** How many levels have a border at each byte, from the masks of a pass over one text. @param {Model} model @param {number} length */
function depths(model, length) {
  const depth = new Uint8Array(length);
  let places = Array.from({ length }, (_, t) => t);
  for (let l = 0; l < model.borderLevels.length; l++) {
    const { mask } = model.borderMask(l);
    places = places.filter((_, i) => mask[i] === 1);
    for (const t of places) depth[t]++;
  }
  return depth;
}

/**
 * Generation by running the whole pass for every byte.
 * @param {Model} model
 * @param {Settings} settings
 * @param {import('../protocol.js').Generate} command
 * @param {Job} job
 * @param {Post} post
 * @returns {Promise<void>}
 * @throws {CoreError} `bad_settings`
 */
export async function regenerate(model, settings, command, job, post) {
  checkGeneration(command);
  const { prompt, max_new_bytes, seed } = command;
  const room = prompt.length + max_new_bytes;
  if (room > MOST_RECOMPUTED) {
    throw new CoreError(
      'bad_settings',
      `Recomputing works up to ${MOST_RECOMPUTED} bytes, prompt included: choose a shorter length, or the cache.`,
    );
  }
  const copy = copyFor(model, model.reading(settings), room);
  const sampler = new Sampler(copy.core, seed);
  const text = new Uint8Array(room);
  text.set(prompt);
  const output = new Output(command, post);
  for (let n = prompt.length; n < room && !job.cancelled; n++) {
    const symbol = sampler.draw(copy.logits(text.subarray(0, n), n, n - 1).decoder, command);
    if (symbol === copy.core.constants.AC_EOS) return output.flush('eos');
    text[n] = symbol;
    copy.forward(text.subarray(0, n + 1), n + 1);
    output.add(symbol, depths(copy, n + 1)[n]);
    output.flush();
    await tick();
  }
  output.flush(job.cancelled ? 'stopped' : 'length');
}

/**
 * Decoder logits of every prefix of a text against those of the full pass over it.
 * @param {Model} model
 * @param {Settings} settings
 * @param {Uint8Array} text
 * @param {Job} job
 * @param {number} [most]  bytes of the text that count; the work grows with their square
 * @returns {Promise<{positions: number, worst: number, difference: number, leaks: boolean}>} worst position, largest
 *   absolute difference of a logit
 * @throws {CoreError} `empty_text`
 */
export async function checkCausality(model, settings, text, job, most = MOST_CHECKED) {
  const n = Math.min(text.length, most);
  if (n === 0) throw new CoreError('empty_text', 'There is no text to check: choose a passage with something in it.');
  const copy = copyFor(model, model.reading(settings), n);
  const whole = copy.logits(text.subarray(0, n), n).decoder;
  const symbols = whole.length / n;
  let [worst, difference] = [0, 0];
  for (let length = 1; length <= n && !job.cancelled; length++) {
    const prefix = copy.logits(text.subarray(0, length), length, length - 1).decoder;
    for (let i = 0; i < symbols; i++) {
      const d = Math.abs(prefix[i] - whole[(length - 1) * symbols + i]);
      if (d > difference) [worst, difference] = [length - 1, d];
    }
    await tick();
  }
  return { positions: n, worst, difference, leaks: difference > LEAK };
}
