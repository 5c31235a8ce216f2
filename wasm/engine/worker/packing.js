/** The worker that compresses: takes files smaller and back, one at a time. To stop its work, it is ended. */
import { readCheckpoint } from '../../files/checkpoint/checkpoint.js';
import { CheckpointError } from '../../files/checkpoint/error.js';
import { FormatError } from '../../files/formats/error.js';
import { platformSizes } from '../../files/formats/gzip_size.js';
import { pieces } from '../../files/texts/source.js';
import { compressed, decompressed } from '../compressor.js';
import { CoreError } from '../module.js';
import { settled } from '../opening.js';
import { trainedWeights } from '../predictor.js';
import { defaults } from '../settings.js';
import { Weighing } from '../weighing.js';

/** @typedef {import('../protocol.js').PackingCommand} PackingCommand */
/** @typedef {import('../protocol.js').PackingEvent} PackingEvent */
/** @typedef {import('../compressor.js').Progress} Progress */

/** Milliseconds between two progress messages. */
const OFTEN = 250;

/** Longest file for which the cost of each byte is kept. */
const MOST_SPENT = 1 << 26;

/** Longest file for which shares of the cost are worked out, which takes as long again. */
const MOST_WEIGHED = 1 << 22;

/** Columns of the picture of what the bytes cost. */
const COLUMNS = 480;

/**
 * The weights of a checkpoint, for a reader of one byte at a time.
 * @param {WebAssembly.Module} module
 * @param {Uint8Array|undefined} checkpoint
 * @returns {import('../predictor.js').Weights|undefined}
 */
function weightsOf(module, checkpoint) {
  if (!checkpoint) return undefined;
  const { checkpoint: read, settings } = settled(readCheckpoint(module, checkpoint), defaults());
  return trainedWeights(module, read, settings);
}

/** What a file's bytes cost, a column for each stretch of it. */
class Columns {
  /** @param {number} length  of the file, bytes */
  constructor(length) {
    this.length = length;
    this.sums = new Float64Array(COLUMNS);
    this.counts = new Uint32Array(COLUMNS);
    this.at = 0;
  }

  /** @param {Float32Array} bits  of the next bytes */
  add(bits) {
    for (const cost of bits) {
      const column = Math.min(COLUMNS - 1, Math.floor((this.at * COLUMNS) / this.length));
      this.sums[column] += cost;
      this.counts[column]++;
      this.at++;
    }
  }

  /** All bits so far. */
  get total() {
    return this.sums.reduce((sum, bits) => sum + bits, 0);
  }

  /** @returns {Float32Array<ArrayBuffer>} bits a byte; NaN where nothing was read yet */
  means() {
    return Float32Array.from(this.sums, (sum, i) => sum / this.counts[i]);
  }
}

/** What the bytes cost, and what they would have cost others. */
class Costs {
  /** @param {number} length  of the file, bytes */
  constructor(length) {
    this.length = length;
    this.own = new Columns(length);
    /** @type {Weighing|null} */
    this.weighing = null;
    /** @type {Map<import('../weighing.js').Payer, Columns>} */
    this.others = new Map();
    /** What each byte cost, in sixteenths of a bit. */
    this.spent = new Uint8Array(length <= MOST_SPENT ? length : 0);
  }

  /** @param {import('../weighing.js').Payer} payer @param {Float32Array} bits */
  addOther(payer, bits) {
    const columns = this.others.get(payer) ?? new Columns(this.length);
    this.others.set(payer, columns);
    columns.add(bits);
  }

  /** @param {Float32Array} bits @param {Uint8Array} bytes @param {Float32Array|null} alone  as `onBits` gets them */
  add(bits, bytes, alone) {
    const { at } = this.own;
    for (let i = 0; i < bits.length && at + i < this.spent.length; i++)
      this.spent[at + i] = Math.min(255, Math.round(16 * bits[i]));
    this.own.add(bits);
    if (!this.weighing) return;
    if (alone) this.addOther('alone', alone);
    for (const [payer, costs] of this.weighing.weigh(bytes)) this.addOther(payer, costs);
  }

  means() {
    return this.own.means();
  }

  /** @returns {import('../protocol.js').Share[]} */
  shares() {
    return [...this.others].map(([payer, columns]) => ({ payer, bits: columns.total, costs: columns.means() }));
  }
}

/**
 * Answers a page's commands.
 * @param {(event: PackingEvent, transfer?: Transferable[]) => void} post
 * @param {() => Promise<WebAssembly.Module>} load
 * @returns {(command: PackingCommand) => Promise<void>}
 */
export function servePacking(post, load) {
  let reportedAt = 0;
  /** While it is paused. @type {{over: Promise<void>, end: () => void}|null} */
  let pause = null;
  /** @param {boolean} on */
  function hold(on) {
    if (!on) pause?.end();
    if (on === (pause !== null)) return;
    let end = () => {};
    const over = new Promise((/** @type {(value: void) => void} */ resolve) => {
      end = resolve;
    });
    pause = on ? { over, end } : null;
  }
  /** @param {Progress} progress @param {Costs} [costs] */
  const report = (progress, costs) => {
    const now = performance.now();
    if (pause || now - reportedAt >= OFTEN) {
      reportedAt = now;
      post({ type: 'packing', ...progress, costs: costs?.means() });
    }
    return pause?.over;
  };

  /** @param {Extract<PackingCommand, {type: 'pack'}>} command @returns {Promise<PackingEvent>} */
  async function pack({ file, mode, learn, name, checkpoint, includeWeights }) {
    const module = await load();
    const how = { mode, learn, weights: weightsOf(module, checkpoint), includeWeights, length: file.size };
    const costs = new Costs(file.size);
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const parts = [];
    const chunks = compressed(
      module,
      pieces(file, 0, () => {}),
      {
        ...how,
        name,
        onHeader: ({ who }) => {
          if (file.size <= MOST_WEIGHED) costs.weighing = new Weighing(module, { ...how, who });
        },
        onBits: (bits, bytes, alone) => costs.add(bits, bytes, alone),
        onProgress: (progress) => report(progress, costs),
      },
    );
    for await (const chunk of chunks) parts.push(chunk);
    const sizes = file.size > 0 ? await platformSizes(file) : [];
    const { spent, own } = costs;
    const paid = { bits: own.total, costs: own.means(), spent, shares: costs.shares() };
    return { type: 'packed', file: new Blob(parts), ...paid, sizes };
  }

  /** @param {Extract<PackingCommand, {type: 'unpack'}>} command @returns {Promise<PackingEvent>} */
  async function unpack({ file, checkpoint }) {
    const module = await load();
    let name;
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const parts = [];
    const chunks = decompressed(
      module,
      pieces(file, 0, () => {}),
      {
        weights: weightsOf(module, checkpoint),
        onHeader: (header) => {
          name = header.name;
        },
        onProgress: (progress) => report(progress),
      },
    );
    for await (const chunk of chunks) parts.push(chunk);
    return { type: 'unpacked', file: new Blob(parts), name };
  }

  return async (command) => {
    if (command.type === 'hold') return hold(command.on);
    reportedAt = performance.now();
    try {
      post(command.type === 'pack' ? await pack(command) : await unpack(command));
    } catch (error) {
      const plain = error instanceof FormatError || error instanceof CoreError || error instanceof CheckpointError;
      const message = plain
        ? /** @type {Error} */ (error).message
        : `This can’t be read (${/** @type {Error} */ (error).message}): choose it again.`;
      post({ type: 'packing-failed', message });
    }
  };
}
