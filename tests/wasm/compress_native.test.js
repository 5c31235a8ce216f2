// tier: slow
/** Native builds, whatever compiled them, and the module compress to the same bytes, and read each other's: models learn alike. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Codec, WHO } from '../../wasm/engine/codec.js';
import { writeConfig } from '../../wasm/engine/config.js';
import { Model } from '../../wasm/engine/core.js';
import { createLearner, RECIPES } from '../../wasm/engine/lessons.js';
import { Instance } from '../../wasm/engine/module.js';
import { listening } from '../../wasm/engine/predictor.js';
import { Probe } from '../../wasm/engine/probe.js';
import { defaults } from '../../wasm/engine/settings.js';
import { CORE_FLAGS, coreSources, digest, filesUnder } from '../../wasm/tools/build.js';
import { ROOT, run } from '../../wasm/tools/setup/run.js';
import { tool } from '../../wasm/tools/setup/tools.js';
import { module, realText } from './support/models.js';

const SOURCE = 'tests/wasm/support/native_codec.c';
const FOLDER = 'build/native';
const BITS = 14;

/** Builds with little in common. */
const BUILDS = /** @type {const} */ ([
  ['gcc', '-O0'],
  ['gcc', '-O3'],
  ['gcc', '-O2', '-DAC_SCALAR'],
  ['clang', '-O0'],
  ['clang', '-O3'],
]);

/**
 * Compiles the program, unless it is there.
 * @param {readonly ['gcc'|'clang', ...string[]]} build
 * @returns {Promise<string>} its path
 */
async function build([compiler, ...flags]) {
  const sources = [...coreSources(), SOURCE];
  const all = [...CORE_FLAGS, ...flags];
  const name = `${FOLDER}/codec-${digest([...sources, ...filesUnder('c', /\.h$/)], [compiler, ...all]).slice(0, 16)}`;
  if (!existsSync(path.join(ROOT, name))) {
    mkdirSync(path.join(ROOT, FOLDER), { recursive: true });
    const fresh = `${name}.${process.pid}`;
    const { code, output } = await run(tool(compiler), [...all, ...sources, '-lm', '-o', fresh], { seconds: 300 });
    assert.equal(code, 0, output);
    renameSync(path.join(ROOT, fresh), path.join(ROOT, name));
  }
  return path.join(ROOT, name);
}

/**
 * A configuration as the program takes it.
 * @param {import('../../wasm/engine/settings.js').Settings} settings
 * @returns {string} hexadecimal
 */
function configText(settings) {
  const core = new Instance(module);
  const size = core.constants['sizeof ac_config'];
  const at = core.take(size);
  writeConfig(core, at, settings);
  const fields = new Uint32Array(core.memory.buffer, at, size / 4);
  return [...fields].map((field) => field.toString(16).padStart(8, '0')).join('');
}

/**
 * A model, small enough that it learns in a program that is not optimised.
 * @typedef {object} Case
 * @property {string} title
 * @property {Uint8Array} text
 * @property {string[]} args  the program’s
 * @property {(rate?: number) => import('../../wasm/engine/predictor.js').Predictor} create  `rate`: at which it learns
 */

/** @returns {Case} a model that does not learn */
function listener() {
  const settings = defaults({ hidden_size: 16, num_levels: 3, byte_entropy_threshold: 12, seed: 5 });
  const { parameters } = new Model(module, settings);
  const probe = () => {
    const made = new Probe(module, settings);
    made.copyFrom(parameters);
    return made;
  };
  const config = configText({ ...settings, batch_size: 1, sequence_length: 1, dropout: 0 });
  return {
    title: 'a model that only reads',
    text: realText(20_000),
    args: [config, '-'],
    create: () => listening(probe()),
  };
}

/** @param {string} title @param {number} recipe @param {Partial<import('../../wasm/engine/settings.js').Settings>} changes @returns {Case} */
function learner(title, recipe, changes) {
  const { model, settings: training, lessons } = RECIPES[recipe];
  const settings = defaults({ ...model, ...changes });
  const { stride, fresh, kept, rising, falling } = lessons;
  const args = [configText({ ...settings, ...training }), [stride, fresh, kept, rising, falling].join(',')];
  const create = (rate = Number(training.learning_rate)) => {
    const taught = { ...RECIPES[recipe], settings: { ...training, learning_rate: rate } };
    const predictor = createLearner(module, settings, taught, { parents: true });
    assert.ok(predictor);
    return predictor;
  };
  return { title, text: realText(3_000), args, create };
}

const CASES = [
  listener(),
  learner('a flat model that learns', 1, { hidden_size: 24 }),
  // Thresholds low enough for its upper levels to have tokens from the start.
  learner('a hierarchy that learns', 2, { hidden_size: 24, byte_entropy_threshold: 3 }),
];

/** @param {Case} each @param {number} [rate] @returns {Codec} by counts and by the model */
const codecOf = ({ text, create }, rate) =>
  new Codec(module, { who: WHO.both, bits: BITS, pieceLength: text.length, reader: create(rate) });

/** @param {Case} each @param {number} [rate] */
function code(each, rate) {
  const codec = codecOf(each, rate);
  codec.beginEncode(each.text.length);
  codec.encode(each.text);
  return Buffer.from(codec.endEncode() ?? []);
}

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

for (const each of CASES) {
  describe(`native builds and the module, ${each.title},`, () => {
    const { text, args } = each;
    const expected = code(each);

    it('the module decodes what it coded', () => {
      const other = codecOf(each);
      other.beginDecode(expected);
      assert.deepEqual(Buffer.from(other.decode(text.length)), Buffer.from(text));
      other.endDecode();
    });

    if (args[1] !== '-')
      it('would code to more bytes without its lessons', () => assert.ok(code(each, 0).length > expected.length));

    for (const flags of BUILDS) {
      it(`code to the same bytes: ${flags.join(' ')}`, async () => {
        const program = await build(flags);
        const coded = spawnSync(program, args, { input: text, maxBuffer: 1 << 24 });
        assert.equal(coded.status, 0);
        assert.equal(
          sha256(coded.stdout),
          sha256(expected),
          `${coded.stdout.length} bytes, ${expected.length} by the module`,
        );
        const back = spawnSync(program, [...args, '-d', String(text.length)], { input: expected, maxBuffer: 1 << 24 });
        assert.equal(back.status, 0);
        assert.ok(back.stdout.equals(Buffer.from(text)), 'what the module coded is read');
      });
    }
  });
}
