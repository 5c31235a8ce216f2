/** What settings cost, which of them do not go together, and the reader's own presets, without a page. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PRESETS } from '../../wasm/engine/presets.js';
import { defaults } from '../../wasm/engine/settings.js';
import { findings } from '../../web/state/combinations.js';
import { heldOutOf } from '../../web/state/estimating.js';
import { createPresets, parsePresets, SAYS, writePresets } from '../../web/state/presets.js';
import { createStore } from '../../web/state/store.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const TEXT = { size: 1_000_000, heldOut: 100_000 };

describe('combinations', () => {
  /** @param {Partial<Settings>} changes @param {Parameters<typeof findings>[1]} [known] */
  const found = (changes, known = { text: TEXT }) => findings(defaults(changes), known);

  it('that the page comes with have no findings', () => {
    for (const { changes } of Object.values(PRESETS)) assert.deepEqual(found(changes), []);
  });

  it('that can’t be trained are problems, with a reason and a remedy', () => {
    const [short] = found({ batch_size: 256, sequence_length: 8192 });
    assert.equal(short.kind, 'problem');
    assert.deepEqual(short.names, ['sequence_length', 'batch_size', 'val_fraction']);
    for (const number of ['900,000', '2,097,152']) assert.ok(short.message.includes(number), short.message);
    const estimate = /** @type {any} */ ({ memoryBytes: 2 ** 33, workerBytes: 2 ** 32, workers: 2 });
    const [big] = found({}, { text: TEXT, estimate });
    assert.equal(big.kind, 'problem');
    assert.ok(big.names.includes('hidden_size') && big.message.includes('4 GiB'), big.message);
    const [much] = found({}, { text: TEXT, estimate: { ...estimate, workerBytes: 2 ** 30 }, deviceMemory: 4 });
    assert.equal(much.kind, 'note');
    assert.deepEqual(much.names, big.names);
  });

  it('with a list of borders, which the page does not take, are problems where a level reads it', () => {
    const list = /** @type {const} */ ({ wiring: 'residual', level_rules: 'rise,given' });
    const [problem] = found({ ...list, num_levels: 3 });
    assert.equal(problem.kind, 'problem');
    assert.deepEqual(problem.names, ['level_rules']);
    assert.deepEqual(found({ ...list, num_levels: 2 }), []);
  });

  it('that do less than they seem to are notes', () => {
    /** @type {[Partial<Settings>, string[], ...string[]][]} */
    const cases = [
      [{ workers: 9 }, ['workers', 'batch_size'], '8 workers', '1 worker '],
      [{ schedule: 'cosine', warmup_steps: 10000 }, ['warmup_steps', 'max_steps'], '10,000'],
      [{ warmup_steps: 10 }, ['warmup_steps', 'schedule']],
      [{ patience: 100 }, ['patience', 'eval_every', 'max_steps'], '100 evaluations', '10,000'],
      [{ learning_rate: 0 }, ['learning_rate']],
      [{ border_mode: 'teacher_forced', sample_bytes: 10 }, ['border_mode', 'sample_bytes']],
      [{ byte_entropy_threshold: 1000 }, ['byte_entropy_threshold', 'sequence_length'], '1000'],
      [{ model_type: 'flat', recall: true, span_order: 2, carry_state: true }, ['recall', 'ngram_order', 'span_order']],
      [{ model_type: 'flat', recall: true, ngram_order: 3 }, ['recall', 'carry_state']],
      [{ wiring: 'residual', encoder_scores: true, num_levels: 1 }, ['encoder_scores', 'num_levels']],
    ];
    for (const [changes, names, ...numbers] of cases) {
      const list = found(changes);
      assert.equal(list.length, 1, JSON.stringify([changes, list]));
      assert.equal(list[0].kind, 'note');
      assert.deepEqual(list[0].names, names);
      for (const number of numbers) assert.ok(list[0].message.includes(number), list[0].message);
      assert.match(list[0].message, /^[A-Z].*\.$/);
    }
    const [blind] = found({ target_bpb: 2 }, { text: { size: 1_000_000, heldOut: 10 } });
    assert.deepEqual(blind.names, ['val_fraction', 'sequence_length', 'patience', 'target_bpb']);
  });

  it('count the held-out bytes as the worker does', () => {
    const bytes = new Uint8Array(1005);
    assert.equal(heldOutOf({ name: '', bytes }, 0.1), 100);
    assert.equal(heldOutOf({ name: '', bytes, heldOut: 7 }, 0.1), 7);
    assert.equal(heldOutOf({ name: '', bytes, offset: 1000, blob: new Blob() }, 0.1), 200);
  });
});

describe('own presets', () => {
  /** @param {string} [kept] */
  function make(kept) {
    const store = createStore({ settings: defaults({ seed: 5 }), theme: 'light' });
    const items = new Map(kept === undefined ? [] : [['presets', kept]]);
    const storage = {
      getItem: (/** @type {string} */ key) => items.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => void items.set(key, value),
    };
    return { store, items, presets: createPresets(store, storage) };
  }

  it('are kept by name, chosen, deleted, and brought back', () => {
    const { store, items, presets } = make();
    assert.equal(presets.save('  '), false);
    assert.equal(presets.problem.value, SAYS.noName);
    assert.equal(presets.save('Quick start'), false);
    assert.equal(presets.save(' mine '), true);
    assert.deepEqual(JSON.parse(items.get('presets') ?? ''), { mine: { seed: 5 } });
    assert.equal(presets.chosen(), 'mine');
    store.settings.value = defaults({ hidden_size: 7 });
    assert.equal(presets.chosen(), undefined);
    presets.choose('mine');
    assert.deepEqual(store.settings.value, defaults({ seed: 5 }));
    const undo = presets.remove('mine');
    assert.deepEqual(presets.own.value, {});
    undo();
    assert.deepEqual(make(items.get('presets')).presets.own.value, { mine: { seed: 5 } });
  });

  it('can be saved to a file and read back; wrong entries are reported and left out', () => {
    const { presets } = make();
    presets.save('mine');
    assert.deepEqual(parsePresets(writePresets(presets.own.value)), { presets: { mine: { seed: 5 } }, errors: [] });
    for (const text of ['', '{', '[]', 'null', '{"presets": {}}']) {
      assert.deepEqual(parsePresets(text).presets, {});
      assert.deepEqual(parsePresets(text).errors, [['', '{'].includes(text) ? SAYS.notJson : SAYS.noPresets]);
    }
    const mixed = writePresets(
      /** @type {any} */ ({ a: { seed: 'x', dropout: 0.2, toString: 1, nested: {} }, __proto__x: 3, ' ': {} }),
    );
    const read = parsePresets(mixed);
    assert.deepEqual(read.presets, { a: { dropout: 0.2 } });
    assert.equal(read.errors.length, 2);
    assert.equal(presets.take(mixed), 1);
    assert.deepEqual(Object.keys(presets.own.value), ['mine', 'a']);
  });

  it('may be named like built-in properties', () => {
    const { presets } = make('{"__proto__": {"seed": 3}, "constructor": {"seed": 4}}');
    assert.deepEqual(Object.keys(presets.own.value), ['__proto__', 'constructor']);
    presets.choose('constructor');
    assert.equal(presets.chosen(), 'constructor');
  });

  it('work even where nothing can be kept', () => {
    const store = createStore({ settings: defaults(), theme: 'light' });
    const presets = createPresets(store, {
      getItem: () => '{broken',
      setItem() {
        throw new Error('full');
      },
    });
    assert.equal(presets.save('mine'), true);
    assert.equal(presets.problem.value, SAYS.notKept);
    assert.deepEqual(Object.keys(presets.own.value), ['mine']);
  });
});
