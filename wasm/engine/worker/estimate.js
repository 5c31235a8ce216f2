/** What a model of some settings would take, before it is made: parameters, memory, work, and time on this machine. */
import { choiceBy, knownChoice, speedKey, worthChoosing } from '../choosing.js';
import { borderLevelsOf, configured, modelBytes } from '../config.js';
import { Model } from '../core.js';
import { addSparse, copySparse } from '../exchange.js';
import { forwardFlops } from '../flops.js';
import { kindOf } from '../kinds.js';
import { entriesOf } from '../lists.js';
import { CoreError, Instance } from '../module.js';
import { exchangeBytes } from '../pieces.js';
import { pass } from '../replica.js';
import { sharesOf, workersFor } from '../replicas.js';
import { readSettings } from '../settings.js';
import { tensorsOf } from '../tensors.js';
import { tick } from './tick.js';
import { MUCH_BETTER, madeUpText, wholeSteps } from './whole_steps.js';

/** @typedef {import('../settings.js').Settings} Settings */

/** Nats a byte, and squared error a token, that a model comes to expect after some training; for the tokens of levels. */
const [USUAL_ENTROPY, USUAL_ERROR] = [1.7, 0.2];
/** Positions of a token by rules that neither add scores up nor count, and units of thresholds that count. */
const [USUAL_SPAN, DISTANCES] = [2, new Set(['bytes', 'positions'])];
/** Milliseconds of work, and the operations that a step may have to be measured as it is. */
const [MEASURED_MS, MEASURED_FLOPS] = [60, 5e8];
/** Milliseconds of a step that the messages take which workers send each other beside gradients, before they are measured. */
const MESSAGES_MS = 1.5;
/** Milliseconds of a step, and bytes of memory, that all workers may take for their steps to be measured as they are. */
const [WHOLE_MS, WHOLE_BYTES] = [600, 2 ** 29];
/** The most that a model to measure with may have where a step is larger. */
const [MOST_HIDDEN, MOST_LENGTH, MOST_SEQUENCES] = [256, 32, 8];

/**
 * Positions of each level in a batch, as far as thresholds let expect it.
 * @param {Settings} settings
 * @param {import('../config.js').BorderLevel[]} levels
 * @returns {number[]}
 */
export function expectedTokens(settings, levels) {
  const tokens = [settings.batch_size * settings.sequence_length];
  const rates = entriesOf(settings.level_target_rates ?? '').map(Number);
  for (const [level, { sums, threshold, unit }] of levels.entries()) {
    const usual = level === 0 ? USUAL_ENTROPY : USUAL_ERROR;
    let span = USUAL_SPAN;
    if (kindOf(settings) === 'residual' && rates[level] > 0) span = Math.max(1, rates[level]);
    else if (sums) span = Math.max(1, Math.ceil(threshold / usual));
    else if (DISTANCES.has(unit)) span = Math.max(1, threshold);
    // The first position of a sequence always is a border.
    tokens.push(Math.max(settings.batch_size, Math.ceil(tokens[level] / span)));
  }
  return tokens;
}

/**
 * What goes on in this worker. `training`: nothing is measured beside it; `other`: something is read or opened, beside which
 * whole steps would not be as long as in training. @typedef {{training: () => boolean, other: () => unknown}} Beside
 */

/** What a worker's steps took: milliseconds a floating-point operation, and of an update of so many parameters. @typedef {{msPerFlop: number, updateMs: number, parameters: number}} Measured */

/**
 * What training steps take one worker, measured on a model of this width.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings
 * @param {{sequences: number, workers: number, whole: boolean}} share  `sequences`: that the worker has of each batch;
 *   `workers`: that there are, whose sparse gradients it adds up, too; `whole`: the step is measured as it is
 * @returns {Measured}
 */
function measure(module, settings, { sequences, workers, whole }) {
  const batch = whole ? sequences : Math.min(MOST_SEQUENCES, sequences);
  const small = { ...settings, batch_size: batch * workers, dropout: 0 };
  if (!whole) {
    small.hidden_size = Math.min(MOST_HIDDEN, settings.hidden_size);
    small.num_levels = Math.min(2, settings.num_levels);
    small.sequence_length = Math.min(MOST_LENGTH, settings.sequence_length);
  }
  const model = new Model(module, small, { sequences: batch, workers });
  const length = small.sequence_length;
  /** @type {Float32Array|null} */
  let before = null;
  let [flops, steps, passes, updates, start] = [0, 0, 0, 0, 0];
  // The first step is not counted: it compiles and takes memory.
  for (let step = 0; ; step++) {
    const bytes = madeUpText(length * batch, step + 1);
    const from = performance.now();
    model.setStep(step);
    const sums = pass(model, { bytes }, length, true);
    model.backward(sums);
    const passed = performance.now();
    if (model.sparseRoom > 0) {
      // As if the other workers had read what this one read a step before.
      const own = copySparse(model).slice();
      for (let other = 1; other < workers; other++) addSparse(model, before ?? own);
      before = own;
    }
    model.update(1e-4);
    const now = performance.now();
    if (step === 0) {
      start = now;
      continue;
    }
    steps++;
    flops += 3 * forwardFlops(small, model.tokens(sums), model.blocks);
    passes += passed - from;
    updates += now - passed;
    if (now - start > MEASURED_MS)
      return { msPerFlop: passes / flops, updateMs: updates / steps, parameters: model.size };
  }
}

/**
 * Bytes of memory that those take who read with one copy of a model's weights, and what one of them recalls, but for what else
 * each has of its own.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings  that are valid
 * @returns {number}
 */
export function readersBytes(module, settings) {
  const { core, config } = configured(module, { ...settings, batch_size: 1, sequence_length: 1, dropout: 0 });
  const recalled = 4 * core.call.acw_recall_numbers(config);
  return core.used + core.call.acw_reader_bytes(config, 0, 0) + core.constants['sizeof ac_trace'] + recalled;
}

/**
 * Bytes of memory that averaged weights take: the average, and a model that reads the held-out text with it.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings  that are valid
 * @param {number} parameterCount
 * @returns {number}
 */
function averageBytes(module, settings, parameterCount) {
  if (settings.weight_averaging === 0) return 0;
  const { core, config } = configured(module, settings);
  return 4 * parameterCount + core.used + core.call.acw_reader_bytes(config, settings.batch_size, 0);
}

/**
 * Numbers of sparse gradients that so many sequences have at most.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings  that are valid
 * @param {number} sequences
 * @returns {number}
 */
function sparseRoom(module, settings, sequences) {
  const { core, config } = configured(module, settings);
  return core.call.acw_sparse_room(config, sequences);
}

/** What a model of some settings would take, before it is made. */
export class Estimator {
  /**
   * What one worker's steps took, by what matters to it. Browsers compile a program quickly first and well a little later, so
   * that the first figures are low: measured again until one is not much better than the best before.
   * @type {Map<string, {best: Measured, settled: boolean}>}
   */
  #measured = new Map();
  /** Floating-point operations a millisecond of whole steps, by `speedKey`. @type {Map<string, number|'failed'>} */
  #whole = new Map();
  /** What was asked for once, by `speedKey`. @type {Set<string>} */
  #asked = new Set();
  /** The number of the latest question. */
  #latest = 0;
  /** Whether whole steps are being taken. */
  #taking = false;

  /** @param {Pick<import('./worker.js').Surroundings, 'module'|'cores'|'spawn'|'meet'>} surroundings */
  constructor(surroundings) {
    this.surroundings = surroundings;
  }

  /** @param {string} key @param {() => Measured} measured @param {(one: Measured) => number} timeOf  by which one is better */
  #measure(key, measured, timeOf) {
    const known = this.#measured.get(key);
    if (known?.settled) return;
    const now = measured();
    const best = known && timeOf(known.best) < timeOf(now) ? known.best : now;
    this.#measured.set(key, {
      best,
      settled: known !== undefined && timeOf(now) * MUCH_BETTER > timeOf(known.best),
    });
  }

  /** @param {Settings} settings @returns {{most: number, choice: import('../choosing.js').Choice|undefined, workers: number}} */
  #workers(settings) {
    const { spawn, cores } = this.surroundings;
    const most = spawn ? workersFor(settings, cores) : 1;
    const choice = settings.workers === 0 ? knownChoice(settings, most) : undefined;
    return { most, choice, workers: choice?.workers ?? most };
  }

  /**
   * What is known, and what one worker's steps tell where whole steps were not taken.
   * @param {WebAssembly.Module} module
   * @param {Settings} settings
   * @param {{ms: number, size: number}|null|undefined} exchange
   * @param {boolean} measures  whether one worker's steps may be measured now
   */
  #reckon(module, settings, exchange, measures) {
    const { choice, workers } = this.#workers(settings);
    const batch = settings.batch_size;
    const shares = sharesOf(batch, workers);
    const tensors = tensorsOf(module, settings);
    const parameterCount = tensors.reduce((sum, { size }) => sum + size, 0);
    const dense = tensors.reduce((sum, { size, sparse }) => sum + (sparse ? 0 : size), 0);
    const largest = Math.max(...shares);
    const sparse = workers > 1 ? sparseRoom(module, settings, largest) : 0;
    const own = new Instance(module).used;
    const each = shares.map(
      (sequences) => own + modelBytes(module, settings, sequences) + exchangeBytes(dense, sparse, workers),
    );
    const readers = readersBytes(module, settings);
    const blocks = tensors.filter(({ name }) => name.endsWith('.weight_ih_l0')).length;
    const flops = 3 * forwardFlops(settings, expectedTokens(settings, borderLevelsOf(module, settings)), blocks);
    const result = {
      parameterCount,
      workers,
      choice: choice ?? null,
      memoryBytes: each.reduce((sum, bytes) => sum + bytes, readers + averageBytes(module, settings, parameterCount)),
      workerBytes: Math.max(...each),
      readersBytes: readers,
      gflopPerStep: flops / 1e9,
    };
    const speed = this.#whole.get(speedKey(settings, workers));
    if (typeof speed === 'number') return { ...result, gflops: speed / 1e6, settled: true };
    const share = (flops * largest) / batch;
    const whole = share <= MEASURED_FLOPS;
    const key = [
      kindOf(settings),
      whole ? settings.hidden_size : Math.min(MOST_HIDDEN, settings.hidden_size),
      whole ? settings.sequence_length : 0,
      settings.ngram_order,
      settings.span_order,
      settings.token_embeddings,
      settings.recall,
      settings.encoder_scores,
      largest,
      workers,
    ].join(' ');
    /** @param {Measured} one @returns {number} milliseconds of a step */
    const timeOf = ({ msPerFlop, updateMs, parameters }) =>
      msPerFlop * share + (updateMs * parameterCount) / parameters;
    if (measures) this.#measure(key, () => measure(module, settings, { sequences: largest, workers, whole }), timeOf);
    const one = this.#measured.get(key);
    const messages = workers > 1 ? MESSAGES_MS + (exchange ? (exchange.ms * dense) / exchange.size : 0) : 0;
    const ms = one && timeOf(one.best) / Math.min(1, this.surroundings.cores / workers) + messages;
    return { ...result, gflops: ms === undefined ? null : flops / ms / 1e6, settled: one?.settled === true };
  }

  /**
   * Numbers of workers whose whole steps are still to be taken before speed is known: with one, too, where the better number
   * is to be found.
   * @param {Settings} settings
   * @param {{memoryBytes: number, gflopPerStep: number, gflops: number|null}} said
   * @returns {number[]} none also where steps are too large
   */
  #unknown(settings, { memoryBytes, gflopPerStep, gflops }) {
    const { most, choice, workers } = this.#workers(settings);
    const known = this.#whole.get(speedKey(settings, most));
    const fits = gflops !== null && (1000 * gflopPerStep) / gflops <= WHOLE_MS && memoryBytes <= WHOLE_BYTES;
    if (workers === 1 || known === 'failed' || !fits) return [];
    if (settings.workers === 0 && !choice && worthChoosing(settings)) return [most, 1];
    return typeof known === 'number' ? [] : [most];
  }

  /**
   * Takes whole steps.
   * @param {WebAssembly.Module} module
   * @param {Settings} settings
   * @param {number[]} counts  of workers
   * @param {number} flops  of a step
   * @param {() => boolean} ended  whether nobody wants to know any more
   */
  async #take(module, settings, counts, flops, ended) {
    this.#taking = true;
    try {
      const speeds = await wholeSteps(module, settings, counts, { ...this.surroundings, pause: tick, ended });
      if (!speeds) return;
      for (const [i, workers] of counts.entries()) this.#whole.set(speedKey(settings, workers), speeds[i]);
      const perSecond = speeds.map((speed) => (1000 * speed) / flops);
      if (counts.length > 1) choiceBy(settings, counts[0], perSecond);
    } catch (error) {
      // Training will say what is wrong; until then one worker's steps tell the time.
      if (!(error instanceof CoreError)) throw error;
      this.#whole.set(speedKey(settings, counts[0]), 'failed');
    } finally {
      this.#taking = false;
    }
  }

  /**
   * Where several workers would train, the first answer tells their speed from one worker's; the next one comes after whole
   * steps of all. A newer question ends those, and so does whatever else is to be done.
   * @param {Settings} wanted
   * @param {{ms: number, size: number}|null|undefined} exchange  milliseconds that workers took to trade gradients of so many
   *   parameters
   * @param {Beside} beside
   * @returns {Promise<Omit<import('../protocol.js').EstimateEvent, 'type'|'run'|'id'>>}
   * @throws {CoreError} `bad_settings`, `no_module`
   */
  async estimate(wanted, exchange, { training, other }) {
    const { settings, errors } = readSettings(wanted);
    if (errors.length > 0) throw new CoreError('bad_settings', errors.join(' '));
    const module = await this.surroundings.module();
    const mine = ++this.#latest;
    const key = speedKey(settings, this.#workers(settings).most);
    const known = this.#reckon(module, settings, exchange, false);
    const counts = this.#unknown(settings, known);
    if (training()) return { ...known, settled: true };
    const byOne = counts.length === 0 || !this.#asked.has(key);
    this.#asked.add(key);
    const ended = () => training() || Boolean(other()) || this.#latest !== mine;
    if (!byOne && !this.#taking && !ended())
      await this.#take(module, settings, counts, 1e9 * known.gflopPerStep, ended);
    const said = this.#reckon(module, settings, exchange, byOne);
    return { ...said, settled: said.settled && this.#unknown(settings, said).length === 0 };
  }
}
