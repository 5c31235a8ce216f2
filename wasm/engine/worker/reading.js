/** A text read with a copy of the model, in pieces; messages often have a turn. */
import { CoreError } from '../module.js';
import { buffersOf } from '../probe.js';
import { Slices } from './slices.js';

/** @typedef {import('../protocol.js').Event} Event */
/** @typedef {import('../probe.js').Probe} Probe */
/** @typedef {(event: Event, transfer?: Transferable[]) => void} Post */
/** A long answer that can be ended early. @typedef {{id: number, cancelled: boolean}} Job */

/** Milliseconds before a trace takes turns with other work, above all training: a short one is done by then. */
const AT_ONCE = 100;

/**
 * @param {Probe} probe  at the start of a text
 * @param {import('../protocol.js').TraceCommand} command
 * @param {Job} job
 * @param {Post} post
 * @param {import('./recording.js').Recording} [recording]  where the trace is to be recorded
 * @throws {CoreError} `empty_text`
 */
export async function trace(probe, command, job, post, recording) {
  const { run, id, text, thresholds = [], withoutParents = false, top = 10 } = command;
  if (text.length === 0)
    throw new CoreError('empty_text', 'There is no text to read: choose a passage with something in it.');
  probe.configure(thresholds, typeof withoutParents === 'number' ? withoutParents : !withoutParents);
  const kept = Math.max(0, Math.min(10, Math.floor(top)));
  const before = new Array(probe.levels).fill(0);
  const slices = new Slices(AT_ONCE);
  for (let from = 0; from < text.length && !job.cancelled; from += probe.pieceLength) {
    const to = Math.min(text.length, from + probe.pieceLength);
    recording?.keep(from, before);
    const piece = probe.tracePiece(text, from, to, kept, before);
    if (recording) recording.count = to;
    post({ type: 'trace', run, id, total: text.length, done: to === text.length, piece }, buffersOf(piece));
    await slices.turn();
  }
}
