/**
 * Trains a model in a worker of its own, for elements that follow it. It is the script `border-hierarchy-run.js`, which takes
 * the worker, and all that it can, from the element's own script beside it.
 */
import { TrainingRun } from '../../wasm/library/training_run.js';
import { createClient, defaults, fetchBytes, PRESETS, spawnWorker } from './element.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../../wasm/engine/protocol.js').Event} WorkerEvent */
/** @typedef {import('../../wasm/engine/protocol.js').TraceEvent|import('../../wasm/engine/protocol.js').Failed} Answer */

/** Quick start without what a figure does not show. One worker: the page around has its own work. */
const USUAL = Object.freeze({ ...PRESETS.quick_start.changes, workers: 1, eval_every: 0, sample_bytes: 0 });

/** @param {string|Uint8Array|Blob|URL} text @returns {Promise<Uint8Array|Blob>} to be transferred */
async function handedOver(text) {
  if (text instanceof URL) return fetchBytes(text.href);
  if (typeof text === 'string') return new TextEncoder().encode(text);
  return text instanceof Uint8Array ? text.slice() : text;
}

/**
 * Trains on a text, from fresh weights. What goes wrong is in the run's `problem` when it ends.
 * @param {object} options
 * @param {string|Uint8Array|Blob|URL} options.text  or where it is; its last `val_fraction` is held out
 * @param {Partial<Settings>} [options.settings]  changes to quick start with one worker and without evaluations
 * @returns {TrainingRun}
 */
export function startRun({ text, settings = {} }) {
  /** @type {Worker[]} */
  const workers = [];
  /** @type {import('../../wasm/library/training_run.js').RunModel} */
  let model = { settings: defaults(), levels: [] };
  /** Settles when the trace before is done: they take turns. @type {Promise<void>} */
  let turn = Promise.resolve();

  const client = createClient(receive, (name) => {
    const worker = spawnWorker(name);
    workers.push(worker);
    return worker;
  });

  /** @param {WorkerEvent} event */
  function receive(event) {
    if (event.type === 'progress') {
      const { step, maxSteps, decoderBpb, thresholds } = event;
      const levels = model.levels.map((level, l) => ({ ...level, threshold: thresholds[l] ?? level.threshold }));
      model = { ...model, levels };
      run.report({ step, maxSteps, decoderBpb });
    } else if (event.type === 'state' && event.state === 'finished') run.end();
    else if (event.type === 'failed' && event.id === undefined) run.end(event.message);
  }

  /** @type {import('../../wasm/library/training_run.js').RunSource['trace']} */
  async function* trace(bytes, { thresholds }) {
    const before = turn;
    let done = () => {};
    turn = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    /** @type {Answer[]} */
    const answers = [];
    let wake = () => {};
    const copy = bytes.slice();
    const job = client.job(
      { type: 'trace', text: copy, thresholds, top: 0, reader: 'element' },
      [copy.buffer],
      (event) => {
        answers.push(/** @type {Answer} */ (event));
        wake();
      },
    );
    try {
      for (;;) {
        const answer = answers.shift();
        if (!answer) {
          await new Promise((/** @type {(value: void) => void} */ resolve) => {
            wake = resolve;
          });
          continue;
        }
        if (answer.type === 'failed') throw new Error(answer.message);
        yield answer.piece;
        if (answer.done) return;
      }
    } finally {
      job.end();
      done();
    }
  }

  function close() {
    for (const worker of workers) worker.terminate();
  }

  const run = new TrainingRun({
    model: () => model,
    trace,
    stop() {
      if (run.state === 'opening') run.close();
      else client.send({ type: 'stop' });
    },
    close,
  });

  async function begin() {
    const bytes = await handedOver(text);
    if (run.state !== 'opening') return;
    const opened = await client.open(defaults({ ...USUAL, ...settings }));
    await client.data(bytes);
    model = { settings: opened.settings, levels: opened.levels };
    run.report({ step: 0, maxSteps: opened.settings.max_steps, decoderBpb: Number.NaN });
    client.send({ type: 'train' });
  }
  begin().catch(({ message }) => run.end(message));
  return run;
}
