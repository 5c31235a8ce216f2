/** The bench's other side: training and generation under Node, and the processor time of the processes that it started. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Corpus, splitText } from '../../wasm/engine/corpus.js';
import { spawnReplica } from '../../wasm/engine/node/surroundings.js';
import { openCheckpoint, stateOf } from '../../wasm/engine/opening.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { Probe } from '../../wasm/engine/probe.js';
import { Group } from '../../wasm/engine/replicas.js';
import { defaults } from '../../wasm/engine/settings.js';
import { Trainer } from '../../wasm/engine/trainer.js';
import { TrainingLoop } from '../../wasm/engine/worker/training.js';
import { ROOT } from '../../wasm/tools/setup/run.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const TEXT = path.join(ROOT, 'public/samples/moby-dick.txt');
const EXAMPLE = path.join(ROOT, 'public/example.safetensors');
/** Bytes that are generated to measure speed. */
export const GENERATED = 4000;
/** Milliseconds before a measurement: by then new parts of the view are drawn, and quickly compiled code is optimised. */
export const SETTLE = 4000;
/** The fewest steps in a measurement. */
export const LEAST = 4;

/** Nothing but steps. */
export const STEPS_ONLY = { eval_every: 1_000_000, eval_early: false, sample_bytes: 0, max_steps: 1_000_000 };

/** @param {string} preset @param {Partial<Settings>} changes @returns {Settings} */
export const settingsOf = (preset, changes) => defaults({ ...PRESETS[preset].changes, ...changes });

/** @param {number|null} x @param {number} [digits] @returns {number|null} */
export const rounded = (x, digits = 3) => (x === null || !Number.isFinite(x) ? null : Number(x.toFixed(digits)));

/** @param {number} ms @returns {Promise<void>} */
export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Training under Node.
 * @param {WebAssembly.Module} module
 * @param {Settings} settings
 * @param {number} ms  how long to measure, after some steps that do not count
 * @returns {Promise<number>} steps a second
 */
export async function inNode(module, settings, ms) {
  const group = await Group.open(module, settings, settings.workers, spawnReplica);
  try {
    const corpus = new Corpus(module, splitText(Uint8Array.from(readFileSync(TEXT)), 0.1), settings);
    const trainer = new Trainer(group, corpus, settings);
    const loop = new TrainingLoop(trainer, () => {}, 0);
    loop.start();
    await wait(SETTLE / 2);
    const [step, from] = [trainer.step, performance.now()];
    while (performance.now() - from < ms || trainer.step < step + LEAST) await wait(50);
    const steps = (1000 * (trainer.step - step)) / (performance.now() - from);
    loop.pause();
    await loop.running;
    return steps;
  } finally {
    group.close();
  }
}

/** @param {WebAssembly.Module} module @returns {Promise<number>} bytes a second that the example generates under Node */
export async function generationInNode(module) {
  const opened = await openCheckpoint(module, Uint8Array.from(readFileSync(EXAMPLE)), defaults());
  const group = await Group.open(module, { ...opened.settings, batch_size: 1 }, 1);
  group.restore(stateOf(opened.checkpoint, group.lead).state);
  const probe = new Probe(module, opened.settings);
  probe.copyFrom(group.lead.parameters);
  probe.sampler.seed(0);
  let byte = 32;
  const from = performance.now();
  for (let i = 0; i < GENERATED; i++)
    byte = probe.sampler.drawAt(probe.feed(byte, true).logits, { temperature: 1, top_k: 0, stop_at_eos: false });
  return (1000 * GENERATED) / (performance.now() - from);
}

/** Processor time in clock ticks of each thread of the programs that this one has started. @returns {Map<string, number>} by pid/tid */
export function threads() {
  /** @type {Map<string, number>} */
  const found = new Map();
  /** @type {Map<number, number>} */
  const parents = new Map();
  /** @param {string} file @returns {string[]|null} the fields after the name */
  const fields = (file) => {
    try {
      const line = readFileSync(file, 'latin1');
      return line.slice(line.lastIndexOf(')') + 2).split(' ');
    } catch {
      return null;
    }
  };
  const list = (/** @type {string} */ folder) => {
    try {
      return readdirSync(folder)
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
    } catch {
      return [];
    }
  };
  for (const pid of list('/proc')) parents.set(pid, Number(fields(`/proc/${pid}/stat`)?.[1] ?? 0));
  const ours = (/** @type {number} */ pid) => {
    for (let at = pid; at > 1; at = parents.get(at) ?? 0) if (at === process.pid) return at !== pid;
    return false;
  };
  for (const pid of [...parents.keys()].filter(ours))
    for (const tid of list(`/proc/${pid}/task`)) {
      const ticks = fields(`/proc/${pid}/task/${tid}/stat`);
      if (ticks) found.set(`${pid}/${tid}`, Number(ticks[11]) + Number(ticks[12]));
    }
  return found;
}

/**
 * The share of a core that the page's own thread took: the first thread of the process that worked most. Linux only.
 * @param {Map<string, number>} before
 * @param {Map<string, number>} after
 * @param {number} seconds
 * @returns {number|null}
 */
export function mainThread(before, after, seconds) {
  /** @type {Map<string, number>} */
  const others = new Map();
  for (const [key, ticks] of after) {
    const [pid, tid] = key.split('/');
    if (pid !== tid) others.set(pid, (others.get(pid) ?? 0) + ticks - (before.get(key) ?? 0));
  }
  const [busiest] = [...others].sort((a, b) => b[1] - a[1])[0] ?? [];
  if (busiest === undefined) return null;
  const key = `${busiest}/${busiest}`;
  return ((after.get(key) ?? 0) - (before.get(key) ?? 0)) / 100 / seconds;
}
