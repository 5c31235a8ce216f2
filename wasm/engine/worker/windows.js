/** Any part of a trace again, in full: a trace keeps its stream's state every so often, and a window starts from there. */
import { CoreError } from '../module.js';
import { buffersOf } from '../probe.js';
import { Slices } from './slices.js';

/** @typedef {import('../probe.js').Probe} Probe */
/** @typedef {import('./reading.js').Job} Job */
/** @typedef {import('./reading.js').Post} Post */
/** A stream's state before a byte, and the positions that each level had. @typedef {{state: Uint8Array, before: number[]}} Snapshot */

/** Bytes between two snapshots. */
export const SPACING = 4096;

const STALE = 'That part was read by a model that has changed since: read the text again.';

/** What one trace leaves behind. Its probe must not begin another text while windows are wanted. */
export class Recording {
  /**
   * @param {number} id  of the trace
   * @param {Probe} probe
   * @param {Uint8Array} text
   */
  constructor(id, probe, text) {
    this.id = id;
    this.probe = probe;
    this.text = text;
    /** Bytes traced so far. */
    this.count = 0;
    /** Whether its probe still has the weights and thresholds that the trace was made with. */
    this.valid = true;
    /** @type {Snapshot[]} */
    this.snapshots = [];
  }

  /** To be called before each piece. @param {number} from @param {number[]} before */
  keep(from, before) {
    if (from === this.snapshots.length * SPACING)
      this.snapshots.push({ state: this.probe.save(), before: [...before] });
  }
}

/**
 * Traces bytes `from`…`to` − 1 once more. The trace itself may be under way: its stream is put back after each piece.
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
