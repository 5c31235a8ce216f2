// tier: slow
/** The core compiled by GCC and the module compiled by Emscripten train to the same bits. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { rulesOf } from '../../wasm/engine/config.js';
import { Model } from '../../wasm/engine/core.js';
import { applies } from '../../wasm/engine/kinds.js';
import { entriesOf } from '../../wasm/engine/lists.js';
import { settingOf } from '../../wasm/engine/settings.js';
import { CORE_FLAGS, coreSources, digest, filesUnder } from '../../wasm/tools/build.js';
import { ROOT, run } from '../../wasm/tools/setup/run.js';
import { tool } from '../../wasm/tools/setup/tools.js';
import { module, RESIDUAL, realText, small } from './support/models.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const STEPS = 10;
const SOURCE = 'tests/wasm/support/native.c';
const FOLDER = 'build/native';

/**
 * Compiles the program, unless it is there.
 * @param {string[]} flags
 * @returns {Promise<string>} its path
 */
async function build(flags) {
  const sources = [...coreSources(), SOURCE];
  const all = [...CORE_FLAGS, ...flags];
  const name = `${FOLDER}/same-bits-${digest([...sources, ...filesUnder('c', /\.h$/)], all).slice(0, 16)}`;
  if (!existsSync(path.join(ROOT, name))) {
    mkdirSync(path.join(ROOT, FOLDER), { recursive: true });
    const fresh = `${name}.${process.pid}`;
    const { code, output } = await run(tool('gcc'), [...all, ...sources, '-lm', '-o', fresh], { seconds: 300 });
    assert.equal(code, 0, output);
    renameSync(path.join(ROOT, fresh), path.join(ROOT, name));
  }
  return path.join(ROOT, name);
}

/** FNV-1a of 64 bits. @param {ArrayBufferView} array */
function hash(array) {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  // The prime is 2⁴⁰ + 0x1b3; the hash is kept in four words of 16 bits, since doubles hold no 64.
  let [a, b, c, d] = [0x2325, 0x8422, 0x9ce4, 0xcbf2];
  for (const byte of bytes) {
    a ^= byte;
    const p = a * 0x1b3;
    const q = b * 0x1b3 + (p >>> 16);
    const r = c * 0x1b3 + a * 0x100 + (q >>> 16);
    d = (d * 0x1b3 + b * 0x100 + Math.floor(r / 65536)) & 0xffff;
    [a, b, c] = [p & 0xffff, q & 0xffff, r & 0xffff];
  }
  return [d, c, b, a].map((word) => word.toString(16).padStart(4, '0')).join('');
}

/** What the program prints, from the module. @param {Settings} settings @param {Uint8Array} text */
function throughModule(settings, text) {
  const model = new Model(module, settings);
  const length = settings.sequence_length;
  const batch = length * settings.batch_size;
  const logits = () => `logits ${hash(model.logits(text.subarray(0, batch), length).decoder)}`;
  const fresh = logits();
  for (let step = 0; step < STEPS; step++) {
    model.setStep(step);
    const bytes = text.subarray(step * batch, (step + 1) * batch);
    const next = Int32Array.from({ length: batch / length }, (_, s) => bytes[s * length]);
    model.forward(bytes, length, { training: true, next: model.carries ? next : undefined });
    model.backward();
    model.update(Math.fround(settings.learning_rate));
  }
  return [fresh, `parameters ${hash(model.parameters)}`, logits(), ...(model.carries ? memory(model) : [])];
}

/** What sequences remember, and thresholds, as the program prints them. @param {Model} model */
function memory({ core, at, sequences, carriedWidth, settings }) {
  const levels = settings.num_levels;
  const k = core.constants;
  const rules = core.bytes(core.call.acw_memory_rules(at), sequences * levels * k['sizeof ac_rule_state']);
  const states = core.floats(core.call.acw_memory_states(at), sequences * carriedWidth);
  const thresholds = core.floats(core.call.acw_thresholds(at), levels);
  return [`states ${hash(states)}`, `rules ${hash(rules)}`, `thresholds ${hash(thresholds)}`];
}

/** @param {string} program @param {Settings} settings @param {Uint8Array} text */
function throughProgram(program, settings, text) {
  const { core } = new Model(module, small());
  const fields = [];
  for (let i = 0, row = core.call.acw_config_field(0); row !== 0; row = core.call.acw_config_field(++i)) {
    const name = core.text(core.ints(row, 1)[0]);
    const setting = settingOf(name);
    assert.ok(setting, name);
    const value = applies(setting, settings) ? settings[setting.name] : setting.default;
    if (setting.entries === 'rule') {
      const rules = rulesOf(core);
      fields.push(`${name}=${entriesOf(value).map((rule) => rules.get(rule)?.number)}`);
    } else
      fields.push(
        `${name}=${setting.choices ? setting.choices.indexOf(String(value)) : typeof value === 'boolean' ? Number(value) : value}`,
      );
  }
  const { status, stdout, stderr } = spawnSync(program, [String(STEPS), ...fields], { input: text, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n');
}

const CASES = {
  adaptive: {},
  'adaptive with dropout': { dropout: 0.2 },
  'adaptive with everything on': {
    entropy_floor: 5.5,
    entropy_reg_weight: 0.5,
    clip_norm: 0.5,
    hidden_size: 21,
    num_levels: 4,
  },
  'adaptive, teacher-forced': { border_mode: 'teacher_forced' },
  'adaptive, a rule and a threshold for each level': {
    num_levels: 4,
    level_rules: 'rise,accumulated,every_nth',
    level_thresholds: '0.001,0.2,2',
    level_learning_rate_factors: '1,0.5',
  },
  'adaptive, one level, H a multiple of everything': { num_levels: 1, hidden_size: 64 },
  'residual stream that carries its state and steers its thresholds': {
    ...RESIDUAL,
    num_levels: 4,
    level_rules: 'rise,accumulated,whitespace',
    level_target_rates: '3,2',
    clip_norm: 0.5,
  },
  'residual stream whose encoder scores the bytes': {
    ...RESIDUAL,
    encoder_scores: true,
    encoder_loss_weight: 0.5,
    dropout: 0.1,
  },
  'residual stream in windows of their own, a width of every kind': {
    wiring: 'residual',
    level_widths: '21,64,3',
    level_blocks: '1,3,2',
    level_rules: 'level,random',
    level_thresholds: '0.7,2',
    dropout: 0.2,
  },
  'flat, state carried': { ...RESIDUAL, model_type: 'flat', level_blocks: '3', dropout: 0.1 },
  baseline: { model_type: 'baseline' },
  'baseline with dropout': { model_type: 'baseline', dropout: 0.2, hidden_size: 17, num_levels: 2 },
};

describe('a native build and the module', () => {
  /** @type {Record<string, string>} */
  const programs = {};
  before(async () => {
    programs.vector = await build(['-O2']);
    programs.scalar = await build(['-O2', '-DAC_SCALAR']);
  });

  for (const [name, changes] of Object.entries(CASES)) {
    it(`give the same bits: ${name}`, () => {
      const settings = small(/** @type {Partial<Settings>} */ (changes));
      const text = realText(STEPS * settings.batch_size * settings.sequence_length);
      const expected = throughModule(settings, text);
      assert.notEqual(expected[0], expected[2], 'training changed the model');
      for (const [version, program] of Object.entries(programs)) {
        assert.deepEqual(throughProgram(program, settings, text), expected, version);
      }
    });
  }

  it('are compared by a hash that agrees with published FNV-1a values', () => {
    // Published test vectors: the empty string, "a", "foobar".
    const of = (/** @type {string} */ text) => hash(new TextEncoder().encode(text));
    assert.deepEqual(['', 'a', 'foobar'].map(of), ['cbf29ce484222325', 'af63dc4c8601ec8c', '85944171f73967e8']);
  });
});
