import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../../wasm/engine/lists.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { defaults, SETTINGS } from '../../wasm/engine/settings.js';
import { FIRST_PRESET, presetOf, presetSettings, readAddress, writeAddress } from '../../web/state/address.js';
import fc from '../random_cases.js';

/** Any valid settings. @type {fc.Arbitrary<any>} */
const anySettings = fc.record(
  Object.fromEntries(
    SETTINGS.map((s) => {
      const [min, max] = [Number(s.min), Number(s.max)];
      if (s.type === 'flag') return [s.name, fc.boolean()];
      if (s.type === 'choice') return [s.name, fc.constantFrom(...(s.choices ?? []))];
      if (s.type === 'text') return [s.name, fc.string({ minLength: 1, maxLength: max })];
      if (s.type === 'list' && s.entries === 'rule')
        return [s.name, fc.array(fc.constantFrom(...Object.keys(RULES)), { maxLength: 8 }).map(String)];
      if (s.type === 'list') return [s.name, fc.array(fc.integer({ min, max }), { maxLength: 8 }).map(String)];
      if (s.type === 'int') return [s.name, fc.integer({ min, max })];
      return [s.name, fc.double({ min, max, minExcluded: s.positive === true, noNaN: true }).map((v) => v + 0)];
    }),
  ),
  { noNullPrototype: true },
);

const anyPositive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

/** Settings as an address holds them: without what the reader typed. @param {import('../../wasm/engine/settings.js').Settings} settings */
const shared = (settings) => ({ ...settings, sample_prompt: defaults().sample_prompt });

test('whatever is written is read back, and no text is written', () => {
  fc.assert(
    fc.property(
      anySettings,
      fc.record(
        {
          at: fc.nat(),
          bytes: fc.nat(),
          text: fc.constantFrom('moby-dick', 'a b&c=?'),
          of: fc.constant(/** @type {const} */ ('text')),
          zoom: fc.record({ from: anyPositive, span: anyPositive }, { noNullPrototype: true }),
          select: fc.record({ level: fc.nat(7), index: fc.nat() }, { noNullPrototype: true }),
          thresholds: fc.array(anyPositive, { minLength: 1, maxLength: 7 }),
          fold: fc.array(fc.nat(7), { minLength: 1, maxLength: 8 }),
          find: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        },
        { noNullPrototype: true, requiredKeys: [] },
      ),
      (settings, view) => {
        const read = readAddress(writeAddress(settings, view));
        assert.deepEqual(read, { settings: shared(settings), view, errors: [] });
      },
    ),
  );
});

test('a preset is written as its name, the first one as nothing', () => {
  assert.equal(writeAddress(presetSettings(FIRST_PRESET), {}), '');
  assert.equal(writeAddress(defaults(), {}), '?preset=prototype');
  assert.equal(writeAddress({ ...defaults(), hidden_size: 64 }, {}), '?hidden_size=64');
  assert.equal(
    writeAddress({ ...presetSettings(FIRST_PRESET), hidden_size: 64 }, {}),
    '?preset=quick_start_6&hidden_size=64',
  );
});

test('a prompt is never part of an address, and changes no other part', () => {
  for (const base of [defaults(), presetSettings(FIRST_PRESET)]) {
    assert.equal(writeAddress({ ...base, sample_prompt: 'my secret' }, {}), writeAddress(base, {}));
  }
});

test('an empty address is the first preset, one with settings differs from the defaults', () => {
  assert.equal(presetOf(readAddress('').settings), FIRST_PRESET);
  assert.deepEqual(readAddress('?batch_size=4').settings, { ...defaults(), batch_size: 4 });
  for (const name of Object.keys(PRESETS)) assert.equal(presetOf(presetSettings(name)), name);
  assert.equal(presetOf({ ...defaults(), seed: 7 }), undefined);
});

test('wrong values are reported and ignored, unknown names are ignored', () => {
  const { settings, view, errors } = readAddress('?hidden_size=-3&dropout=x&preset=best&at=1.5&utm_source=mail&seed=5');
  assert.equal(settings.hidden_size, defaults().hidden_size);
  assert.equal(settings.seed, 5);
  assert.equal(errors.length, 4);
  assert.deepEqual(view, {});
});

test('a view that makes no sense is reported, and left out', () => {
  const { view, errors } = readAddress('?zoom=1,b&select=1.5,2&thresholds=-1&fold=1,2,3,4,5,6,7,8,9&find=&of=other');
  assert.equal(errors.length, 3);
  assert.deepEqual(view, {});
});

test('addresses that were shared with quick_start keep the meaning that it had then', () => {
  const { settings, errors } = readAddress('?preset=quick_start&hidden_size=64');
  assert.deepEqual(errors, []);
  assert.deepEqual(settings, { ...presetSettings('mirror_quick_start'), hidden_size: 64 });
  assert.equal(readAddress('?preset=quick_start').settings.max_steps, 3500);
  assert.match(writeAddress(settings, {}), /^\?preset=quick_start&hidden_size=64$/);
});

test('addresses that were shared with minute mean the cosine of then, without averaged weights', () => {
  const { settings, errors } = readAddress('?preset=minute&hidden_size=64');
  assert.deepEqual(errors, []);
  const { learning_rate, schedule, warmup_steps, weight_averaging, ngram_order, hidden_size } = settings;
  assert.deepEqual(
    [learning_rate, schedule, warmup_steps, weight_averaging, ngram_order, hidden_size],
    [0.005, 'cosine', 50, 0, 6, 64],
  );
  assert.deepEqual(readAddress(writeAddress(settings, {})).settings, settings);
});

test('addresses that were shared with quick mean the residual wiring without n-grams', () => {
  const { settings, errors } = readAddress('?preset=quick&seed=3');
  assert.deepEqual(errors, []);
  const { level_blocks, ngram_order, max_steps, hidden_size, level_rules, seed, learning_rate, schedule } = settings;
  assert.deepEqual(
    [level_blocks, ngram_order, max_steps, hidden_size, level_rules, seed, learning_rate, schedule],
    ['', 0, 4000, 96, 'rise', 3, 0.005, 'cosine'],
  );
  assert.deepEqual(readAddress(writeAddress(settings, {})).settings, settings);
});

test('addresses that were shared with quick_start_5 mean it without recall', () => {
  const { settings, errors } = readAddress('?preset=quick_start_5&seed=3');
  assert.deepEqual(errors, []);
  assert.deepEqual(settings, { ...presetSettings('quick_start'), recall: false, seed: 3 });
  assert.deepEqual(readAddress(writeAddress(settings, {})).settings, settings);
});

test('addresses that were shared with one_minute or ten_minutes mean these without spans', () => {
  const minute = readAddress('?preset=one_minute&seed=3').settings;
  assert.deepEqual(minute, {
    ...presetSettings('quick_start'),
    recall: false,
    span_order: 0,
    weight_decay: 0.01,
    seed: 3,
  });
  assert.deepEqual(readAddress(writeAddress(minute, {})).settings, minute);
  const { settings, errors } = readAddress('?preset=ten_minutes&seed=3');
  assert.deepEqual(errors, []);
  const { level_widths, level_blocks, level_rules, ngram_order, ngram_rows, span_order, max_steps, eval_every } =
    settings;
  assert.deepEqual(
    [level_widths, level_blocks, level_rules, ngram_order, ngram_rows, span_order, max_steps, eval_every],
    ['96,256', '2,0', 'whitespace', 0, 4096, 0, 30_000, 1000],
  );
  assert.equal(settings.recall, false);
  assert.deepEqual(readAddress(writeAddress(settings, {})).settings, settings);
});

test('addresses that were shared with ten_minutes_2 mean the preset for longer texts, without recall', () => {
  const { settings, errors } = readAddress('?preset=ten_minutes_2&seed=3');
  assert.deepEqual(errors, []);
  assert.deepEqual(settings, { ...presetSettings('long_text'), recall: false, seed: 3 });
  assert.deepEqual(readAddress(writeAddress(settings, {})).settings, settings);
});

test('names of built-in properties are not presets', () => {
  const { errors } = readAddress('?preset=constructor');
  assert.equal(errors.length, 1);
});
