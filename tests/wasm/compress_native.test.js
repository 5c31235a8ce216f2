// tier: slow
/** Native builds, whatever compiled them, and the module compress to the same bytes, and read each other's. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Codec, WHO } from '../../wasm/engine/codec.js';
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
const text = realText(30_000);

/** Builds that have little in common. */
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

/** @returns {Codec} by counts and by the program's model */
function codec() {
  const settings = defaults({ hidden_size: 16, num_levels: 3, byte_entropy_threshold: 12, seed: 5 });
  const probe = new Probe(module, settings);
  return new Codec(module, { who: WHO.both, bits: BITS, pieceLength: text.length, reader: listening(probe) });
}

describe('native builds and the module', () => {
  const own = codec();
  own.beginEncode(text.length);
  own.encode(text);
  const expected = Buffer.from(own.endEncode() ?? []);

  for (const flags of BUILDS) {
    it(`compress to the same bytes: ${flags.join(' ')}`, async () => {
      const program = await build(flags);
      const coded = spawnSync(program, { input: text, maxBuffer: 1 << 24 });
      assert.equal(coded.status, 0);
      assert.ok(coded.stdout.equals(expected), `${coded.stdout.length} bytes, ${expected.length} by the module`);
      const back = spawnSync(program, ['-d', String(text.length)], { input: expected, maxBuffer: 1 << 24 });
      assert.equal(back.status, 0);
      assert.ok(back.stdout.equals(Buffer.from(text)), 'what the module coded is read');
    });
  }
});
