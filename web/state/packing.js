/** Compressing and decompressing files: one job at a time, in a worker of its own. */
import { signal } from '@preact/signals';
import { usualMode } from '../../wasm/engine/usual_prediction.js';
import { watching } from '../../wasm/engine/watching.js';
import { isolated } from '../../wasm/files/formats/names.js';
import { decoded } from '../format/bytes.js';
import { byteSize } from '../format/numbers.js';
import { clampWindow } from '../traces/axis.js';
import { cutPassage } from './passage.js';
import { spawnWorker } from './surroundings.js';

/** @typedef {import('../../wasm/engine/protocol.js').PackingEvent} PackingEvent */

/** The ending of compressed files. */
export const ENDING = '.acz';

/** Who predicts; `learn`: counts and a model that learns on the way. @typedef {'counts'|'learn'|'mix'|'model'} Mode */

/**
 * The current job. `costs`: bits a byte along the file so far; `paused`: since when.
 * @typedef {{kind: 'pack'|'unpack', name: string, size: number, plain: number, coded: number, length?: number, began: number, costs: Float32Array|null, paused: number|null}} Job
 *
 * A file that was compressed, and what the worker says about it.
 * @typedef {{kind: 'packed', name: string, original: Blob, ms: number, mode: Mode} & Omit<Extract<PackingEvent, {type: 'packed'}>, 'type'>} Packed
 *
 * The outcome of a job.
 * @typedef {Packed|{kind: 'unpacked', name: string, small: number, file: Blob, same: boolean|null, ms: number}} Outcome
 */

const DIED = 'The worker that compresses has stopped, perhaps for want of memory: try again, or choose a smaller file.';

/**
 * Whether two files hold the same bytes, read a piece at a time.
 * @param {Blob} one
 * @param {Blob} other
 * @returns {Promise<boolean>}
 */
async function sameBytes(one, other) {
  if (one.size !== other.size) return false;
  const step = 1 << 20;
  for (let at = 0; at < one.size; at += step) {
    const [a, b] = await Promise.all([one, other].map(async (file) => file.slice(at, at + step).arrayBuffer()));
    const [x, y] = [new Uint8Array(a), new Uint8Array(b)];
    for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  }
  return true;
}

/**
 * @param {object} parts
 * @param {() => Promise<Uint8Array>} parts.weights  of the open model, as a checkpoint
 * @param {(bytes: Uint8Array, name: string) => void} parts.download
 * @param {(name: string) => Pick<Worker, 'postMessage'|'terminate'|'onmessage'|'onerror'>} [parts.spawn]
 * @param {() => number} [parts.now]
 * @param {import('../../wasm/engine/watching.js').Watch} [parts.watch]
 */
export function createPacking({
  weights,
  download,
  spawn = spawnWorker,
  now = () => performance.now(),
  watch = watching,
}) {
  const job = signal(/** @type {Job|null} */ (null));
  const outcome = signal(/** @type {Outcome|null} */ (null));
  const problem = signal(/** @type {string|null} */ (null));
  const mode = signal(/** @type {Mode} */ ('learn'));
  /** Whether the reader chose it. */
  let chosen = false;
  /** @type {ReturnType<typeof spawn>|null} */
  let worker = null;
  /** What was compressed last, to compare with what comes back. @type {Blob|null} */
  let original = null;

  function end() {
    worker?.terminate();
    worker = null;
    job.value = null;
  }

  /** @param {string} message */
  function fail(message) {
    end();
    problem.value = message;
  }

  /** @param {PackingEvent} event @param {Blob} file */
  async function receive(event, file) {
    const current = job.value;
    if (!current) return;
    if (event.type === 'packing') {
      const { plain, coded, length, costs } = event;
      job.value = { ...current, plain, coded, length, costs: costs ?? current.costs };
      return;
    }
    if (event.type === 'packing-failed') return fail(event.message);
    const ms = now() - current.began;
    if (event.type === 'packed') {
      original = file;
      const { type, ...found } = event;
      end();
      const name = current.name + ENDING;
      outcome.value = { kind: type, name, original: file, ms, mode: mode.value, ...found };
      return;
    }
    const same = original ? await sameBytes(original, event.file) : null;
    if (job.value?.began !== current.began) return;
    end();
    const name = event.name ?? current.name.replace(/\.acz$/i, '');
    outcome.value = { kind: 'unpacked', name, small: file.size, file: event.file, same, ms };
  }

  /**
   * Starts a job in a worker of its own.
   * @param {'pack'|'unpack'} kind
   * @param {Blob} file
   * @param {string} name
   * @param {(checkpoint: Uint8Array|undefined) => import('../../wasm/engine/protocol.js').PackingCommand} command
   */
  async function begin(kind, file, name, command) {
    if (job.value) return;
    problem.value = null;
    outcome.value = null;
    const own = { kind, name, size: file.size, plain: 0, coded: 0, began: now(), costs: null, paused: null };
    job.value = own;
    try {
      const checkpoint = mode.value === 'counts' || mode.value === 'learn' ? undefined : await weights();
      if (job.value !== own) return;
      const started = spawn('packing');
      worker = started;
      const gone = () => worker === started && fail(DIED);
      const speaks = watch.word(gone);
      started.onmessage = ({ data }) => {
        speaks();
        if (worker !== started) return;
        if (data.type !== 'alive') receive(data, file);
        else if (data.lock) watch.lock(data.lock, gone);
      };
      started.onerror = (event) => {
        event.preventDefault?.();
        gone();
      };
      started.postMessage(command(checkpoint));
    } catch (error) {
      fail(`The open model can’t be taken (${/** @type {Error} */ (error).message}): choose counts alone.`);
    }
  }

  return {
    job,
    outcome,
    problem,
    mode,
    actions: {
      /** @param {Blob} file @param {string} name */
      pack(file, name) {
        if (!chosen) mode.value = usualMode(file.size) === 'mix' ? 'learn' : 'counts';
        return begin('pack', file, name, (checkpoint) => {
          const how =
            mode.value === 'learn'
              ? { mode: /** @type {const} */ ('mix'), learn: /** @type {const} */ ('flat') }
              : { mode: mode.value };
          return { type: 'pack', file, ...how, name, checkpoint };
        });
      },
      /** @param {Blob} file @param {string} name */
      unpack: (file, name) => begin('unpack', file, name, (checkpoint) => ({ type: 'unpack', file, checkpoint })),
      /** A file that the reader gave: a compressed one is decompressed, any other is compressed. @param {File} file */
      take(file) {
        if (file.name.toLowerCase().endsWith(ENDING)) return this.unpack(file, file.name);
        return this.pack(file, file.name);
      },
      /** Pauses the job, or lets it go on. */
      hold() {
        const current = job.value;
        if (!current) return;
        const { paused, began } = current;
        worker?.postMessage({ type: 'hold', on: paused === null });
        // The time of a pause does not count.
        job.value =
          paused === null ? { ...current, paused: now() } : { ...current, paused: null, began: began + now() - paused };
      },
      /** Ends the job; nothing of it is kept. */
      stop: end,
      /** @param {Mode} value */
      choose(value) {
        chosen = true;
        mode.value = value;
      },
      /** Hands the reader the resulting file. */
      async save() {
        if (!outcome.value) return;
        const { file, name } = outcome.value;
        download(new Uint8Array(await file.arrayBuffer()), name);
      },
      /** Decompresses the file that was just made. */
      check() {
        if (outcome.value?.kind !== 'packed') return undefined;
        const { file, name } = outcome.value;
        return this.unpack(file, name);
      },
    },
  };
}

/**
 * The most expensive stretch of a file.
 * @param {Uint8Array} spent  what each byte cost
 * @param {number} length     of the stretch, bytes
 * @returns {number} where it begins; the first of equal ones
 */
export function dearestStretch(spent, length) {
  let [sum, most, begin] = [0, -1, 0];
  spent.forEach((cost, i) => {
    sum += cost - (i >= length ? spent[i - length] : 0);
    if (sum <= most) return;
    most = sum;
    begin = Math.max(0, i + 1 - length);
  });
  return begin;
}

/** Bytes that the explorer shows before and after a stretch. */
const AROUND = 1024;
/** Bytes of the longest character, but for its first. */
const LONGEST = 3;

/**
 * Shows a stretch of a file in the explorer, with what stands around it.
 * @param {import('./store.js').Store} store
 * @param {Blob} file
 * @param {number} begin   byte of the file
 * @param {number} length  bytes
 */
export async function exploreStretch(store, file, begin, length) {
  const [from, to] = [Math.max(0, begin - AROUND), Math.min(file.size, begin + length + AROUND)];
  // A few bytes more at both ends, so that no character is cut.
  const first = Math.max(0, from - LONGEST);
  const all = new Uint8Array(await file.slice(first, to + LONGEST).arrayBuffer());
  const { start, bytes } = cutPassage(all, from - first, to - from);
  store.passage.value = {
    ...store.passage.value,
    own: decoded(bytes),
    written: bytes,
  };
  store.view.value = clampWindow({ from: begin - first - start, span: length }, bytes.length);
}

/**
 * A sentence about the outcome of a finished job, for those who don't see it.
 * @param {Outcome} outcome
 * @returns {string}
 */
export function outcomeText(outcome) {
  if (outcome.kind === 'packed') {
    const { original, file } = outcome;
    return `${byteSize(original.size)} became ${byteSize(file.size)}.`;
  }
  const { same, file, name } = outcome;
  const what = `${isolated(name)} is back, ${byteSize(file.size)}, and its checksum is right.`;
  if (same === null) return what;
  return same ? `${what} It is the original, byte for byte.` : `${what} It is not the file that was compressed last.`;
}
