import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addProgress, addValidation, emptyCurves, evaluations } from '../../web/state/curves.js';

/** @param {number} step @param {number} bpb @param {number[]} borders */
const progress = (step, bpb, borders = [10, 2]) =>
  /** @type {import('../../wasm/engine/protocol.js').Progress} */ (
    /** @type {unknown} */ ({ step, encoderBpb: bpb, decoderBpb: bpb / 2, borders })
  );
/** @param {number} step @param {number} bpb */
const validation = (step, bpb) =>
  /** @type {import('../../wasm/engine/protocol.js').Validation} */ (
    /** @type {unknown} */ ({ step, encoderBpb: bpb, decoderBpb: bpb / 2 })
  );

test('training and evaluation of one step share a row; rows are in the order of steps', () => {
  const curves = emptyCurves();
  addValidation(curves, validation(0, 8));
  addProgress(curves, progress(10, 6));
  addProgress(curves, progress(20, 5));
  addValidation(curves, validation(20, 5.5));
  addValidation(curves, validation(10, 6.5));
  assert.deepEqual(curves.step, [0, 10, 20]);
  assert.deepEqual(curves.trainEncoder, [null, 6, 5]);
  assert.deepEqual(curves.valEncoder, [8, 6.5, 5.5]);
  assert.deepEqual(curves.valDecoder, [4, 3.25, 2.75]);
  assert.deepEqual(curves.borders, [
    [null, 10, 10],
    [null, 2, 2],
  ]);
});

test('a value that is not finite is a gap', () => {
  const curves = emptyCurves();
  addProgress(curves, progress(1, Number.NaN, [Number.NaN]));
  assert.deepEqual(curves.trainEncoder, [null]);
  assert.deepEqual(curves.borders, [[null]]);
});

test('long runs are thinned, few evaluations kept', () => {
  const curves = emptyCurves();
  for (let step = 1; step <= 20000; step++) {
    addProgress(curves, progress(step, 3));
    if (step % 500 === 0) addValidation(curves, validation(step, 3));
  }
  assert.ok(curves.step.length > 600 && curves.step.length <= 2000);
  assert.equal(curves.valEncoder.filter((v) => v !== null).length, 40);
  const lengths = [
    curves.trainEncoder,
    curves.trainDecoder,
    curves.valEncoder,
    curves.valDecoder,
    ...curves.borders,
  ].map((c) => c.length);
  assert.ok(lengths.every((length) => length === curves.step.length));
  assert.deepEqual(
    curves.step,
    curves.step.toSorted((a, b) => a - b),
  );
});

test('many evaluations are thinned too, evenly from the first to the last', () => {
  const curves = emptyCurves();
  for (let step = 0; step < 30_000; step++) {
    addValidation(curves, validation(step, 3));
    if (step % 3 === 0) addProgress(curves, progress(step, 3));
    assert.ok(curves.step.length <= 2000);
  }
  assert.deepEqual([curves.step[0], curves.step.at(-1)], [0, 29_999]);
  const apart = curves.step.slice(1).map((step, i) => step - curves.step[i]);
  assert.ok(Math.max(...apart) <= 90, `${Math.max(...apart)} steps without a row`);
});

test('the table has a row for each evaluation, with the training figures before it', () => {
  const curves = emptyCurves();
  addValidation(curves, validation(0, 8));
  addProgress(curves, progress(10, 6));
  addProgress(curves, progress(20, 5, [4, 1]));
  addValidation(curves, validation(25, 5));
  assert.deepEqual(evaluations(curves), [
    { step: 0, trainEncoder: null, trainDecoder: null, valEncoder: 8, valDecoder: 4, borders: [null, null] },
    { step: 25, trainEncoder: 5, trainDecoder: 2.5, valEncoder: 5, valDecoder: 2.5, borders: [4, 1] },
  ]);
});
