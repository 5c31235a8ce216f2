/**
 * Long runs of the worker under Node, driven as by the page, with commands and events as messages: `npm run soak --
 * --minutes 60` trains for so long and prints how memory and speed changed, after ten thousand pauses, a thousand starts and
 * stops, a hundred checkpoints and a text of 100 MB. With `--tab` it trains in a tab of a browser (soak_tab.js).
 */
import assert from 'node:assert/strict';
import { median } from '../../wasm/engine/means.js';
import { runAsProgram, SetupError } from '../../wasm/tools/setup/run.js';
import { realText } from '../wasm/support/models.js';
import { Client, closeClients } from '../wasm/support/session.js';

/** Milliseconds between two readings of memory and speed. */
const LOOK = 500;

/** Megabytes that this process holds, after some turns in which garbage can be collected. */
async function resident() {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  return process.memoryUsage().rss / 1e6;
}

/** A model that trains on a text without end. @param {Record<string, number>} [changes] */
async function training(changes = {}) {
  const client = new Client();
  await client.open({ max_steps: 1e9, eval_every: 1e6, log_every: 1e6, workers: 1, ...changes });
  await client.data(realText(60_000));
  return client;
}

/** @param {Client} client @param {'train'|'pause'} type @param {'training'|'paused'} state */
const become = (client, type, state) => client.ask({ type }, 'state', (event) => event.state === state);

/**
 * Pauses and resumes many times: the bits are those of training that was never paused.
 * @param {number} times
 * @returns {Promise<number>} steps made on the way
 */
export async function pauseAndResume(times) {
  const client = await training();
  // The first step comes after an evaluation, and with it the first progress.
  await client.ask({ type: 'train' }, 'progress');
  let { step } = await become(client, 'pause', 'paused');
  for (let i = 1; i < times; i++) {
    await become(client, 'train', 'training');
    ({ step } = await become(client, 'pause', 'paused'));
    client.events.length = 0;
  }
  const paused = await client.export();
  const straight = await training({ max_steps: step });
  straight.send({ type: 'train' });
  while (!straight.all('state').some(({ state }) => state === 'finished'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(await weightsOf(client, paused), await weightsOf(straight, await straight.export()));
  await closeClients();
  return step;
}

/** The weights of a resumable checkpoint, whatever settings stand beside them. @param {Client} client @param {Uint8Array} bytes */
async function weightsOf(client, bytes) {
  await client.open({ workers: 1 }, bytes);
  const weights = await client.export(false);
  const header = Number(new DataView(weights.buffer, weights.byteOffset).getBigUint64(0, true));
  return weights.subarray(8 + header);
}

/**
 * Starts and stops many times, from fresh weights: the last time gives the same as the first.
 * @param {number} times
 */
export async function startAndStop(times) {
  const client = await training({ max_steps: 3 });
  await client.train();
  const first = await client.export();
  for (let i = 0; i < times; i++) {
    await client.ask({ type: 'reset' }, 'state', ({ state }) => state === 'idle');
    client.send({ type: 'train' });
    await client.ask({ type: 'stop' }, 'state', ({ state }) => state === 'finished');
    client.events.length = 0;
  }
  await client.ask({ type: 'reset' }, 'state', ({ state }) => state === 'idle');
  await client.train();
  assert.deepEqual(await client.export(), first);
  await closeClients();
}

/**
 * Opens checkpoints one after the other; memory does not grow with their number.
 * @param {number} times
 * @param {number} most  megabytes that it may grow by
 * @returns {Promise<number>} megabytes that it grew by since the tenth
 */
export async function loadCheckpoints(times, most) {
  const client = await training({ max_steps: 3, hidden_size: 64 });
  await client.train();
  const checkpoint = await client.export();
  let before = 0;
  for (let i = 0; i < times; i++) {
    if (i === Math.min(10, times >> 1)) before = await resident();
    await client.open({ hidden_size: 64, workers: 1 }, checkpoint.slice());
    client.events.length = 0;
  }
  const grown = (await resident()) - before;
  assert.ok(grown < most, `${times} checkpoints: memory grew by ${grown.toFixed(0)} MB`);
  assert.deepEqual(await client.export(), checkpoint);
  await closeClients();
  return grown;
}

/**
 * A large text is taken, trained on and read from.
 * @param {number} bytes
 * @returns {Promise<number>} megabytes of memory for it
 */
export async function largeText(bytes) {
  const client = await training({ max_steps: 5 });
  const before = await resident();
  const part = realText(1_000_000);
  const text = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += part.length) text.set(part.subarray(0, bytes - at), at);
  const { trainBytes, heldOutBytes } = await client.data(text);
  assert.equal(trainBytes + heldOutBytes, bytes);
  await client.train();
  const [{ step, losses }] = client.all('progress').slice(-1);
  assert.ok(step === 5 && Number.isFinite(losses.total));
  const id = ++client.lastId;
  await client.ask({ type: 'trace', id, text, top: 0 }, 'trace', (event) => event.id === id);
  client.send({ type: 'cancel', id });
  assert.equal((await client.generate({ max_new_bytes: 10 })).bytes.length, 10);
  const grown = (await resident()) - before;
  await closeClients();
  return grown;
}

/**
 * @typedef {object} Endurance
 * @property {number} steps
 * @property {[number, number]} memory  megabytes, median of the second and of the last quarter
 * @property {[number, number]} speed   steps a second, likewise
 */

/**
 * Trains for some time, with evaluations, and reads memory and speed on the way. Numbers must stay finite.
 * @param {number} seconds
 * @returns {Promise<Endurance>}
 */
export async function trainFor(seconds) {
  const client = await training({ hidden_size: 32, eval_every: 200, log_every: 10, learning_rate: 2e-3, workers: 2 });
  /** @type {{memory: number, speed: number}[]} */
  const looks = [];
  await become(client, 'train', 'training');
  let [step, time] = [0, performance.now()];
  for (const end = time + seconds * 1000; time < end; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK));
    const progress = client.all('progress');
    for (const { losses } of [...progress, ...client.all('validation')])
      assert.ok(Object.values(losses).every(Number.isFinite), JSON.stringify(losses));
    assert.deepEqual(client.all('failed'), []);
    const [now, reached] = [performance.now(), progress.at(-1)?.step ?? step];
    const speed = (1000 * (reached - step)) / (now - time);
    looks.push({ memory: process.memoryUsage().rss / 1e6, speed });
    [step, time] = [reached, now];
    client.events.length = 0;
  }
  await become(client, 'pause', 'paused');
  await closeClients();
  const quarter = looks.length >> 2;
  const [early, late] = [looks.slice(quarter, 2 * quarter), looks.slice(-quarter)];
  /** @param {'memory'|'speed'} key @returns {[number, number]} */
  const both = (key) => [median(early.map((look) => look[key])), median(late.map((look) => look[key]))];
  return { steps: step, memory: both('memory'), speed: both('speed') };
}

/** @param {readonly string[]} args @returns {{minutes: number, tab: boolean}} */
function readArguments(args) {
  const tab = args.includes('--tab');
  const rest = args.filter((arg) => arg !== '--tab');
  const minutes = rest[0] === '--minutes' && rest.length === 2 ? Number(rest[1]) : rest.length === 0 ? 60 : Number.NaN;
  if (!(minutes > 0))
    throw new SetupError('Say for how long to train: npm run soak -- --minutes 60, or with --tab in a browser.');
  return { minutes, tab };
}

await runAsProgram(import.meta.url, async () => {
  const { minutes, tab } = readArguments(process.argv.slice(2));
  if (tab) return (await import('./soak_tab.js')).soakTab(minutes);
  console.log(`10,000 pauses: the same bits after ${await pauseAndResume(10_000)} steps`);
  await startAndStop(1000);
  console.log('1,000 starts and stops: the same bits');
  console.log(`100 checkpoints: memory grew by ${(await loadCheckpoints(100, 60)).toFixed(0)} MB since the tenth`);
  console.log(`A text of 100 MB takes ${(await largeText(100_000_000)).toFixed(0)} MB`);
  const { steps, memory, speed } = await trainFor(60 * minutes);
  const change = (/** @type {[number, number]} */ [early, late]) => `${(100 * (late / early - 1)).toFixed(1)} %`;
  console.log(`${minutes} minutes of training, ${steps} steps, all numbers finite; second quarter and last:`);
  console.log(`memory ${memory.map((mb) => `${mb.toFixed(0)} MB`).join(', ')} (${change(memory)})`);
  console.log(`speed  ${speed.map((rate) => `${rate.toFixed(1)} steps/s`).join(', ')} (${change(speed)})`);
  if (memory[1] > 1.05 * memory[0] + 10) throw new SetupError('Memory grew.');
});
