/** The core's codec in WebAssembly: bytes to fewer bytes, piece by piece, and back. */
import { Instance } from './module.js';

/** Who predicts, as c/compress.h numbers them; `trained`: both, and the model is trained. */
export const WHO = Object.freeze({ counts: 1, model: 2, both: 3, trained: 7 });

/** Whether counts and a model predict together. @param {number} who */
export const areMixed = (who) => who === WHO.both || who === WHO.trained;

/** Who predicts in a mode, before the text is looked at. @param {'mix'|'counts'|'model'} mode @returns {number} */
export const whoIn = (mode) => (mode === 'mix' ? WHO.both : WHO[mode]);

/** A codec, with room for pieces of up to `pieceLength` bytes. */
export class Codec {
  /**
   * @param {WebAssembly.Module} module
   * @param {object} options
   * @param {number} options.who   one of WHO
   * @param {number} options.bits  rows of the counts' table, as a power of two
   * @param {number} options.pieceLength
   * @param {{core: Instance, at: number}} [options.reader]  the predictor of a model, and where it lives
   * @throws {import('./module.js').CoreError} `bad_setting`, `too_big`
   */
  constructor(module, { who, bits, pieceLength, reader }) {
    const core = reader?.core ?? new Instance(module);
    const { call } = core;
    this.core = core;
    this.room = pieceLength;
    const out = core.take(8);
    this.plain = core.take(pieceLength);
    this.coded = core.take(pieceLength);
    this.costs = core.take(4 * pieceLength);
    /** Where the costs by the model alone go; 0 unless counts and a model are mixed. */
    this.alone = areMixed(who) ? core.take(4 * pieceLength) : 0;
    const bytes = call.acw_codec_bytes(who, bits);
    const block = bytes > 0 ? core.take(bytes) : 0;
    core.check(call.acw_codec_init(who, bits, reader?.at ?? 0, block, bytes, out));
    this.at = core.ints(out, 1)[0];
  }

  /** Starts a piece to be coded. @param {number} room  most bytes that it may take */
  beginEncode(room) {
    this.core.call.acw_codec_begin_encode(this.at, this.coded, Math.min(room, this.room));
  }

  /**
   * Codes bytes.
   * @param {Uint8Array} bytes  no more than a piece has
   * @returns {Float32Array} what each cost, in bits; a view, good until the next call
   */
  encode(bytes) {
    const { core } = this;
    core.bytes(this.plain, bytes.length).set(bytes);
    core.call.acw_codec_encode(this.at, this.plain, bytes.length, this.costs, this.alone);
    return core.floats(this.costs, bytes.length);
  }

  /**
   * What the bytes that were coded last would have cost by the model alone.
   * @param {number} length  of them
   * @returns {Float32Array|null} bits; likewise a view; null where only one of the two predicts
   */
  costsAlone(length) {
    return this.alone === 0 ? null : this.core.floats(this.alone, length);
  }

  /** Ends the piece. @returns {Uint8Array|null} its bytes, a copy; null where they did not fit its room */
  endEncode() {
    const size = this.core.call.acw_codec_end_encode(this.at);
    return size < 0 ? null : this.core.bytes(this.coded, size).slice();
  }

  /** Starts a piece to be decoded. @param {Uint8Array} bytes */
  beginDecode(bytes) {
    this.core.bytes(this.coded, bytes.length).set(bytes);
    this.core.call.acw_codec_begin_decode(this.at, this.coded, bytes.length);
  }

  /**
   * Decodes bytes.
   * @param {number} length  no more than a piece has
   * @returns {Uint8Array} a copy
   */
  decode(length) {
    this.core.call.acw_codec_decode(this.at, this.plain, length);
    return this.core.bytes(this.plain, length).slice();
  }

  /** Ends the piece. @throws {import('./module.js').CoreError} `bad_input` where not all of it was needed */
  endDecode() {
    this.core.check(this.core.call.acw_codec_end_decode(this.at));
  }

  /** Learns from bytes that are stored as they are. @param {Uint8Array} bytes  no more than a piece has */
  pass(bytes) {
    this.core.bytes(this.plain, bytes.length).set(bytes);
    this.core.call.acw_codec_pass(this.at, this.plain, bytes.length);
  }
}

/**
 * The table of counts that suits a text.
 * @param {number} [length]  of the text in bytes, where it is known
 * @returns {number} rows, as a power of two: about eight for each byte, at most what 48 MiB hold
 */
export function tableBits(length) {
  if (length === undefined) return 20;
  return Math.max(12, Math.min(20, Math.ceil(Math.log2(Math.max(1, length))) + 3));
}
