/** What a trace keeps so that any part of it can be read again: its stream's state every so often. */

/** @typedef {import('../probe.js').Probe} Probe */
/** A stream's state before a byte, and the positions that each level had. @typedef {{state: Uint8Array, before: number[]}} Snapshot */

/** Bytes between two snapshots. */
export const SPACING = 4096;

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
