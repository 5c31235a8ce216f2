import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modelBytes, rulesOf } from '../../wasm/engine/config.js';
import { RULES } from '../../wasm/engine/lists.js';
import { Instance } from '../../wasm/engine/module.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { defaults, readSetting, readSettings, runName, SETTINGS, settingOf } from '../../wasm/engine/settings.js';
import fc from '../random_cases.js';
import { module } from './support/models.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const CORE = SETTINGS.filter((s) => s.core);
const numbers = SETTINGS.filter((s) => s.type === 'int' || s.type === 'float');
const tiny = defaults({ hidden_size: 2, num_levels: 2, batch_size: 1, sequence_length: 2 });

/** @param {string} name @param {string|number|boolean} raw */
const read = (name, raw) => readSetting(name, raw).value;

describe('the list of settings', () => {
  it('has a valid default for each name', () => {
    assert.equal(new Set(SETTINGS.map((s) => s.name)).size, SETTINGS.length);
    for (const s of SETTINGS) {
      assert.match(s.name, /^[a-z][a-z_]*$/);
      assert.equal(read(s.name, s.default), s.default, s.name);
      assert.equal(read(s.name, String(s.default)), s.default, `${s.name} from text`);
      assert.ok(s.label.length > 0 && s.help.endsWith('.'), s.name);
    }
    assert.deepEqual(readSettings({}), { settings: defaults(), errors: [] });
  });

  it('gives the range of every number, and takes both ends', () => {
    for (const { name, min = Number.NaN, max = Number.NaN, positive } of numbers) {
      assert.ok(min < max, name);
      assert.equal(read(name, max), max, name);
      assert.equal(read(name, min), positive ? undefined : min, name);
      for (const beyond of [min - 1, max + 1]) assert.ok(readSetting(name, beyond).error, `${name} ${beyond}`);
    }
  });

  it('marks exactly the core’s fields as the core’s', () => {
    const core = new Instance(module);
    const fields = [];
    for (let i = 0, row = core.call.acw_config_field(0); row !== 0; row = core.call.acw_config_field(++i)) {
      fields.push(core.text(core.ints(row, 1)[0]));
    }
    assert.deepEqual(new Set(CORE.map((s) => s.name)), new Set(fields));
  });

  it('has presets of valid settings', () => {
    for (const { changes, label, help } of Object.values(PRESETS)) {
      assert.deepEqual(readSettings(changes), { settings: defaults(changes), errors: [] });
      assert.ok(label.length > 0 && help.length > 0);
    }
  });
});

/** The smallest and largest values of a setting that the core takes. @param {import('../../wasm/engine/settings.js').Setting} s */
function endsOf(s) {
  if (s.type === 'choice') return /** @type {string[]} */ (s.choices);
  if (s.entries === 'rule') return ['', ...Object.keys(RULES), Object.keys(RULES).join(',')];
  if (s.name === 'level_thresholds' || s.name === 'level_learning_rate_factors') return ['', '0', `0,${s.max}`];
  if (s.type === 'flag') return [true, false];
  return [Number(s.min), Number(s.max)];
}

describe('the core', () => {
  it('has the border rules that settings.js explains', () => {
    assert.deepEqual([...rulesOf(new Instance(module)).keys()], Object.keys(RULES));
  });

  for (const s of CORE) {
    const ends = endsOf(s);
    /** @type {Partial<Settings>} */
    const kind = s.only && !s.only.includes('mirror') ? { wiring: 'residual' } : {};
    it(`takes both ends of ${s.name}`, () => {
      for (const value of ends)
        assert.ok(modelBytes(module, defaults({ ...tiny, ...kind, [s.name]: value }), 1) > 0, `${value}`);
    });
  }

  it('refuses what would be unsafe', () => {
    const wrong = /** @type {any[]} */ ([
      { hidden_size: 0 },
      { hidden_size: -1 },
      { hidden_size: 2 ** 31 - 1 },
      { num_levels: 0 },
      { num_levels: 9 },
      { batch_size: 0 },
      { batch_size: 2 ** 30 },
      { sequence_length: 0 },
      { sequence_length: 2 ** 30 },
      { model_type: 'other' },
      { border_mode: 'other' },
      { wiring: 'other' },
      { level_rules: 'other' },
      { level_rules: 'rise,other' },
      { level_thresholds: '-2' },
      { level_thresholds: '1,NaN' },
      { wiring: 'residual', level_widths: '3,5000' },
      { wiring: 'residual', level_blocks: '2,70' },
      { dropout: 1 },
      { dropout: -0.1 },
      { byte_entropy_threshold: Number.NaN },
      { byte_entropy_threshold: -1 },
      { entropy_floor: Number.POSITIVE_INFINITY },
      { learning_rate: Number.NaN },
      { weight_decay: -1 },
      { clip_norm: Number.NEGATIVE_INFINITY },
    ]);
    for (const change of wrong) assert.equal(modelBytes(module, { ...tiny, ...change }, 1), 0, JSON.stringify(change));
    for (const sequences of [0, -1, 2]) assert.equal(modelBytes(module, tiny, sequences), 0, `${sequences} sequences`);
  });

  it('counts memory that grows with every size', () => {
    const least = modelBytes(module, tiny, 1);
    const larger = /** @type {Partial<Settings>[]} */ ([
      { hidden_size: 64 },
      { num_levels: 3 },
      { sequence_length: 64 },
      { dropout: 0.5 },
    ]);
    for (const change of larger) {
      assert.ok(modelBytes(module, { ...tiny, ...change }, 1) > least, JSON.stringify(change));
    }
  });
});

describe('reading a setting', () => {
  it('says in one sentence what is wrong', () => {
    for (const [name, raw] of /** @type {[string, any][]} */ ([
      ['no_such', 1],
      ['__proto__', 1],
      ['hidden_size', 1.5],
      ['hidden_size', '12px'],
      ['hidden_size', ''],
      ['hidden_size', ' '],
      ['hidden_size', 0],
      ['hidden_size', 1e9],
      ['learning_rate', Number.NaN],
      ['learning_rate', 'Infinity'],
      ['learning_rate', -1e-9],
      ['temperature', 0],
      ['temperature', '-1'],
      ['model_type', 'transformer'],
      ['model_type', ''],
      ['shuffle', 'maybe'],
      ['shuffle', 2],
      ['seed', 4294967296],
      ['level_rules', 'rise,magic'],
      ['level_rules', 'rise,'],
      ['level_thresholds', '1,2,3,4,5,6,7,8,9'],
      ['level_thresholds', '1,,2'],
      ['level_thresholds', [1, [2]]],
      ['level_widths', '1.5'],
    ])) {
      const { error, value } = readSetting(name, raw);
      assert.equal(value, undefined, `${name} ${raw}`);
      assert.match(String(error), /^[^.]+( [\d.e+-]+)?.*\.$/, `${name} ${raw}`);
      assert.ok(String(error).includes(name), `${error} names the setting`);
    }
  });

  it('reads flags, choices and numbers from text', () => {
    for (const on of [true, 'true', '1', 'on']) assert.equal(read('shuffle', on), true);
    for (const off of [false, 'false', '0', 'off']) assert.equal(read('shuffle', off), false);
    assert.equal(read('model_type', 'baseline'), 'baseline');
    assert.equal(read('learning_rate', '3e-4'), 3e-4);
    assert.equal(read('seed', ' 7 '), 7);
    assert.equal(read('level_rules', ' rise, whitespace'), 'rise,whitespace');
    assert.equal(read('level_thresholds', /** @type {any} */ ([1, 0.5])), '1,0.5');
    assert.equal(read('level_thresholds', 3), '3');
    assert.equal(read('level_thresholds', ''), '');
  });

  it('never returns anything out of range', () => {
    const raw = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.boolean());
    fc.assert(
      fc.property(fc.constantFrom(...numbers), raw, ({ name, min, max, type }, given) => {
        const { value, error } = readSetting(name, given);
        assert.equal(value === undefined, error !== undefined);
        if (value === undefined) return;
        assert.ok(Number.isFinite(value) && Number(value) >= Number(min) && Number(value) <= Number(max));
        assert.ok(type === 'float' || Number.isInteger(value));
      }),
    );
  });

  it('lists every wrong value of a set and keeps the good ones', () => {
    const { settings, errors } = readSettings({ hidden_size: 64, dropout: 2, what: 1, seed: {} });
    assert.equal(settings.hidden_size, 64);
    assert.equal(settings.dropout, settingOf('dropout')?.default);
    assert.equal(errors.length, 3, errors.join(' '));
  });
});

it('names a run as the prototype does', () => {
  assert.equal(runName(defaults()), 'adaptive_L128_B1k');
  const settings = defaults({ model_type: 'baseline', sequence_length: 512, batch_size: 32 });
  assert.equal(runName(settings), 'baseline_L512_B16k');
});

describe('values of any type', () => {
  it('null, flags, lists and objects are not numbers, and numbers are not flags', () => {
    for (const { name } of numbers) {
      for (const value of [null, undefined, true, false, [], [1], {}, '', ' ', 'one', Number.NaN, Infinity]) {
        const { error } = readSetting(name, /** @type {any} */ (value));
        assert.ok(error, `${name}: ${value}`);
        assert.equal(error, readSetting(name, 'many').error);
        assert.notEqual(error, readSetting(name, -1e9).error, 'the error is not about its range');
      }
    }
    const { settings, errors } = readSettings({ hidden_size: null, learning_rate: true, shuffle: 1, seed: [7] });
    assert.equal(errors.length, 4);
    assert.deepEqual(settings, defaults());
  });

  it('whatever comes out of a file is read, or refused with a sentence', () => {
    const names = fc.oneof(fc.constantFrom(...SETTINGS.map(({ name }) => name)), fc.string());
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue()), (raw) => {
        const { settings, errors } = readSettings(/** @type {Record<string, unknown>} */ (raw));
        for (const error of errors) assert.match(error, /^[^\n]+\.$/su);
        for (const { name, type } of SETTINGS) {
          const expected =
            type === 'flag' ? 'boolean' : type === 'choice' || type === 'text' || type === 'list' ? 'string' : 'number';
          assert.equal(typeof settings[name], expected, name);
        }
        assert.deepEqual(readSettings(settings).errors, []);
        readSettings({ sample_prompt: raw, model_type: raw, seed: raw, shuffle: raw });
      }),
      { seed: 8, numRuns: 500 },
    );
  });
});
