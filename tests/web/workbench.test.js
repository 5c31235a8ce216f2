/** What settings cost, what does not go together in them, and own presets: without a page. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaults, PRESETS } from '../../wasm/engine/settings.js';
import { findings } from '../../web/state/combinations.js';
import { heldOutOf } from '../../web/state/estimating.js';
import { createPresets, parsePresets, writePresets } from '../../web/state/presets.js';
import { createStore } from '../../web/state/store.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const TEXT = { size: 1_000_000, heldOut: 100_000 };

describe('combinations', () => {
  /** @param {Partial<Settings>} changes @param {Parameters<typeof findings>[1]} [known] */
  const found = (changes, known = { text: TEXT }) => findings(defaults(changes), known);

  it('that the page comes with are fine', () => {
    for (const { changes } of Object.values(PRESETS)) assert.deepEqual(found(changes), []);
  });

  it('that can’t be trained are problems, with the reason and what to do', () => {
    const [short] = found({ batch_size: 256, sequence_length: 8192 });
    assert.equal(short.kind, 'problem');
    assert.match(short.message, /leaves 900,000 bytes .* one batch takes 2,097,152 .*: choose a longer text/);
    const estimate = /** @type {any} */ ({ memoryBytes: 2 ** 33, workerBytes: 2 ** 32, workers: 2 });
    const [big] = found({}, { text: TEXT, estimate });
    assert.equal(big.kind, 'problem');
    assert.match(big.message, /more than the 4 GiB/);
    const [much] = found({}, { text: TEXT, estimate: { ...estimate, workerBytes: 2 ** 30 }, deviceMemory: 4 });
    assert.equal(much.kind, 'note');
    assert.match(much.message, /more than half of what this machine seems to have/);
  });

  it('that do not do what they seem to are notes', () => {
    /** @type {[Partial<Settings>, RegExp][]} */
    const cases = [
      [{ workers: 9 }, /batch of 8 keeps 8 workers busy, so 1 worker of 9 will not/],
      [{ schedule: 'cosine', warmup_steps: 10000 }, /warm-up takes all 10,000 steps/],
      [{ warmup_steps: 10 }, /does nothing/],
      [{ patience: 100 }, /Patience of 100 evaluations, one every 100 steps, is longer/],
      [{ learning_rate: 0 }, /nothing is learned/],
      [{ border_mode: 'teacher_forced', sample_bytes: 10 }, /no samples are written/],
      [{ byte_entropy_threshold: 1000 }, /can’t collect 1000 nats/],
    ];
    for (const [changes, sentence] of cases) {
      const list = found(changes);
      assert.equal(list.length, 1, JSON.stringify([changes, list]));
      assert.equal(list[0].kind, 'note');
      assert.match(list[0].message, sentence);
      assert.match(list[0].message, /^[A-Z].*\.$/);
    }
    const [blind] = found({ target_bpb: 2 }, { text: { size: 1_000_000, heldOut: 10 } });
    assert.match(blind.message, /nothing is evaluated, and the target can never end training/);
  });

  it('count what is held out as the worker does', () => {
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
    assert.match(presets.problem.value ?? '', /needs a name/);
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

  it('go out and in as a file; what is wrong in it is reported and left out', () => {
    const { presets } = make();
    presets.save('mine');
    assert.deepEqual(parsePresets(writePresets(presets.own.value)), { presets: { mine: { seed: 5 } }, errors: [] });
    for (const text of ['', '{', '[]', 'null', '{"presets": {}}']) {
      assert.deepEqual(parsePresets(text).presets, {});
      assert.match(parsePresets(text).errors[0], /choose one that was saved here\.$/);
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

  it('named like built-in properties are presets all the same', () => {
    const { presets } = make('{"__proto__": {"seed": 3}, "constructor": {"seed": 4}}');
    assert.deepEqual(Object.keys(presets.own.value), ['__proto__', 'constructor']);
    presets.choose('constructor');
    assert.equal(presets.chosen(), 'constructor');
  });

  it('are there although nothing can be kept', () => {
    const store = createStore({ settings: defaults(), theme: 'light' });
    const presets = createPresets(store, {
      getItem: () => '{broken',
      setItem() {
        throw new Error('full');
      },
    });
    assert.equal(presets.save('mine'), true);
    assert.match(presets.problem.value ?? '', /does not keep it/);
    assert.deepEqual(Object.keys(presets.own.value), ['mine']);
  });
});
