import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createMeasuring } from '../../web/state/measuring.js';
import { createStore } from '../../web/state/store.js';
import { emptyTrace } from '../../web/traces/trace.js';
import { askedClient, modelOf } from './support/store.js';
import { utf8 } from './traces.js';

const TEXT = utf8('The ship and the sea.');

/** The measures of a page that shows a text, and the jobs that they start. */
function measuring() {
  const store = createStore({ settings: defaults(), theme: 'light' });
  store.model.value = modelOf(defaults());
  store.trace.value = emptyTrace(TEXT, [4, 2]);
  const { client, jobs } = askedClient();
  const fetchBytes = async () => new Uint8Array();
  return { store, jobs, measures: createMeasuring(store, client, { fetchBytes, hasFile: () => false }) };
}

test('the comparison of rules is shown even though the text was traced again meanwhile', () => {
  const { store, jobs, measures } = measuring();
  measures.compareRules();
  measures.compareRules();
  assert.deepEqual([jobs.length, measures.checking.value, measures.rules.value], [1, true, null]);
  const [{ command, emit }] = jobs;
  assert.deepEqual([command.type, [...command.text]], ['rules', [...TEXT]]);
  assert.notEqual(command.text, TEXT, 'a copy is sent');
  store.trace.value = emptyTrace(TEXT, [4, 2]);
  const answer = { type: 'rules', positions: TEXT.length };
  emit(answer);
  assert.deepEqual([measures.checking.value, measures.rules.value, jobs[0].ended], [false, answer, true]);
  store.trace.value = emptyTrace(TEXT, [3, 2]);
  assert.equal(measures.rules.value, answer);
});

test('the comparison of rules goes when the text goes, or the model', () => {
  const { store, jobs, measures } = measuring();
  const { trace, model } = store;
  const shown = trace.value;
  measures.compareRules();
  jobs[0].emit({ type: 'rules' });
  trace.value = emptyTrace(utf8('Another text.'), [4, 2]);
  assert.equal(measures.rules.value, null);
  trace.value = shown;
  assert.ok(measures.rules.value);
  model.value = modelOf(defaults());
  assert.equal(measures.rules.value, null);
});

test('the page says when the rules can’t be compared', () => {
  const { jobs, measures } = measuring();
  measures.compareRules();
  jobs[0].emit({ type: 'failed', message: 'No.' });
  assert.deepEqual([measures.problem.value, measures.checking.value, measures.rules.value], ['No.', false, null]);
});

test('without a model or a text nothing is asked', () => {
  const { store, jobs, measures } = measuring();
  store.model.value = null;
  measures.compareRules();
  store.model.value = modelOf(defaults());
  store.trace.value = null;
  measures.compareRules();
  assert.equal(jobs.length, 0);
});
