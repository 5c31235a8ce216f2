/** Any part of a trace again, in full, from the state that was kept before it. */
import { CoreError } from '../module.js';
import { buffersOf } from '../probe.js';
import { SPACING } from './recording.js';
import { Slices } from './slices.js';

/** @typedef {import('./recording.js').Recording} Recording */
/** @typedef {import('./reading.js').Job} Job */
/** @typedef {import('./reading.js').Post} Post */

const STALE = 'That part was read by a model that has changed since: read the text again.';

/**
 * Traces bytes `from`…`to` − 1 once more. The trace itself may still be running: its stream is put back after each piece.
 * @param {Recording|undefined} recording
 * @param {import('../protocol.js').WindowCommand} command
 * @param {Job} job
 * @param {Post} post
 * @throws {CoreError} `stale_trace`, `bad_input`
 */
export async function readWindow(recording, { run, id, trace, from, to, top = 10 }, job, post) {
  if (!recording?.valid || recording.id !== trace) throw new CoreError('stale_trace', STALE);
  const { probe, text, snapshots } = recording;
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to <= from || to > recording.count)
    throw new CoreError('bad_input', 'That part of the text has not been read yet: wait until it is drawn.');
  const start = Math.floor(from / SPACING);
  let { state, before } = snapshots[start];
  before = [...before];
  const kept = Math.max(0, Math.min(10, Math.floor(top)));
  const slices = new Slices();
  for (let at = start * SPACING; at < to; ) {
    if (job.cancelled) return;
    if (!recording.valid) throw new CoreError('stale_trace', STALE);
    const end = Math.min(at < from ? from : to, at + probe.pieceLength);
    const outer = probe.save();
    probe.restore(state);
    const piece = probe.tracePiece(text, at, end, at < from ? 0 : kept, before);
    state = probe.save();
    probe.restore(outer);
    if (at >= from) post({ type: 'window', run, id, trace, done: end === to, piece }, buffersOf(piece));
    at = end;
    await slices.turn();
  }
}
