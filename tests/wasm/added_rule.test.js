/**
 * A border rule is one entry of the table in c/rules.c and its help text: a copy of the project gets a border at every comma,
 * and has it in the core, the stream, re-routing, checkpoints and the command line.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT, run } from '../../wasm/tools/setup/run.js';

const COPY = path.join(ROOT, 'build', `added-rule.${process.pid}`);
const TEXT = new TextEncoder().encode('One, two, three: commas, and nothing else, end a token. '.repeat(4));
const COMMA = 44;

/** @param {string} file @param {string} from @param {string} to */
function edit(file, from, to) {
  const text = readFileSync(path.join(COPY, file), 'utf8');
  assert.equal(text.split(from).length, 2, `${file} has one place for it`);
  writeFileSync(
    path.join(COPY, file),
    text.replace(from, () => to),
  );
}

/** @template {string} T @param {T} file @returns {Promise<any>} a file of the copy */
const load = (file) => import(path.join(COPY, 'wasm', file));

/** Where the rule must put borders. */
const expected = Uint8Array.from(TEXT, (byte, i) => Number(i === 0 || byte === COMMA));

describe('a rule that is added in one place', { timeout: 300_000 }, () => {
  /** @type {any} */
  let settings;
  /** @type {WebAssembly.Module} */
  let module;

  before(async () => {
    for (const folder of ['c', 'wasm']) cpSync(path.join(ROOT, folder), path.join(COPY, folder), { recursive: true });
    cpSync(path.join(ROOT, 'package.json'), path.join(COPY, 'package.json'));
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(COPY, 'node_modules'));
    edit(
      'c/rules.c',
      '\n};\n\nconst ac_rule *ac_rule_at',
      '\n    {"comma", {"", ""}, AC_KEEPS_NOTHING, 0, no_threshold, comma, NULL},\n};\n\nconst ac_rule *ac_rule_at',
    );
    edit(
      'c/rules.c',
      '/* name, unit at level 0',
      'static bool comma(ac_rule_state *state, const ac_rule_input *in) {\n  (void)state;\n  return in->symbol == 44;\n}\n\n/* name, unit at level 0',
    );
    edit('wasm/engine/lists.js', '\n});\n\n/** Most', "\n  comma: 'A border at every comma.',\n});\n\n/** Most");
    mkdirSync(path.join(COPY, 'build'), { recursive: true });
    const { code, output } = await run(process.execPath, ['wasm/tools/build.js'], { cwd: COPY, seconds: 280 });
    assert.equal(code, 0, output);
    const { defaults } = await load('engine/settings.js');
    settings = defaults({ hidden_size: 8, batch_size: 1, sequence_length: TEXT.length, level_rules: 'comma' });
    module = await WebAssembly.compile(readFileSync(path.join(COPY, 'build/core.wasm')));
  });

  after(() => rmSync(COPY, { recursive: true, force: true }));

  it('is in the full pass', async () => {
    const { Model } = await load('engine/core.js');
    const model = new Model(module, settings);
    assert.deepEqual(model.borderLevels[0].rule, 'comma');
    model.forward(TEXT, TEXT.length);
    assert.deepEqual(model.borderMask(0).mask, expected);
  });

  it('is in the stream, and re-routing says the same', async () => {
    const { Probe } = await load('engine/probe.js');
    const { createRouting } = await load('engine/rerouting.js');
    const probe = new Probe(module, settings);
    probe.configure([]);
    const piece = probe.tracePiece(TEXT, 0, TEXT.length, 0, [0, 0, 0]);
    assert.deepEqual(piece.levels[0].border, expected);
    const route = createRouting(module, probe.model.borderLevels, 1);
    assert.deepEqual(route(0, 0, piece.levels[0].score, TEXT).border, expected);
  });

  it('is in checkpoints', async () => {
    const { readSettings } = await load('engine/settings.js');
    const { Model } = await load('engine/core.js');
    const { readCheckpoint, writeCheckpoint } = await load('files/checkpoint/checkpoint.js');
    const model = new Model(module, settings);
    const tensors = new Map(
      model.tensors.map((/** @type {any} */ { name, shape, offset, size }) => [
        name,
        { shape, data: model.parameters.slice(offset, offset + size) },
      ]),
    );
    const read = readCheckpoint(writeCheckpoint({ settings, tensors })).settings;
    assert.equal(read.level_rules, 'comma');
    assert.deepEqual(readSettings(read).errors, []);
  });

  it('is on the command line', () => {
    const text = path.join(COPY, 'text.txt');
    writeFileSync(text, Buffer.from(TEXT).toString().repeat(6));
    const words = '--hidden-size 8 --batch-size 1 --sequence-length 64 --max-steps 2 --workers 1 --level-rules comma';
    const out = path.join(COPY, 'model.safetensors');
    const train = spawnSync(
      process.execPath,
      ['wasm/cli/train.js', '--text-file', text, '--output', out, ...words.split(' ')],
      { cwd: COPY, encoding: 'utf8' },
    );
    assert.equal(train.status, 0, train.stderr);
    const trace = spawnSync(process.execPath, ['wasm/cli/trace.js', out, '--text-file', text, '--top', '0'], {
      cwd: COPY,
      encoding: 'utf8',
    });
    assert.equal(trace.status, 0, trace.stderr);
    const rows = JSON.parse(trace.stdout).rows.filter((/** @type {any} */ row) => row.level === 0);
    const bordered = rows.filter((/** @type {any} */ row) => row.border).map((/** @type {any} */ row) => row.byte);
    assert.deepEqual(new Set(bordered.slice(1)), new Set([COMMA]));
    assert.equal(bordered.length, 1 + rows.filter((/** @type {any} */ row) => row.byte === COMMA).length);
  });
});
