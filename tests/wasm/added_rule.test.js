/**
 * A border rule is one entry of the table in c/rules.c and its help text: a copy of the project gets a border at every comma,
 * and has it in the core, the stream, re-routing, checkpoints and the command line.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { projectCopy } from './support/project_copy.js';

const { at, make, edit, build, load, node, remove } = projectCopy('added-rule');
const TEXT = new TextEncoder().encode('One, two, three: commas, and nothing else, end a token. '.repeat(4));
const COMMA = 44;

/** Where the rule must put borders. */
const expected = Uint8Array.from(TEXT, (byte, i) => Number(i === 0 || byte === COMMA));

describe('a rule that is added in one place', { timeout: 300_000 }, () => {
  /** @type {any} */
  let settings;
  /** @type {WebAssembly.Module} */
  let module;

  before(async () => {
    make(['c', 'wasm']);
    edit(
      'c/rules.c',
      '\n};\n\nconst ac_rule *ac_rule_at',
      '\n    {"comma", {"", ""}, AC_KEEPS_NOTHING, 0, 0, no_threshold, comma, NULL},\n};\n\nconst ac_rule *ac_rule_at',
    );
    edit(
      'c/rules.c',
      '/* name, unit at level 0',
      'static bool comma(ac_rule_state *state, const ac_rule_input *in) {\n  (void)state;\n  return in->symbol == 44;\n}\n\n/* name, unit at level 0',
    );
    edit('wasm/engine/lists.js', '\n});\n\n/** Most', "\n  comma: 'A border at every comma.',\n});\n\n/** Most");
    module = await build();
    const { defaults } = await load('wasm/engine/settings.js');
    settings = defaults({ hidden_size: 8, batch_size: 1, sequence_length: TEXT.length, level_rules: 'comma' });
  });

  after(remove);

  it('is in the full pass', async () => {
    const { Model } = await load('wasm/engine/core.js');
    const model = new Model(module, settings);
    assert.deepEqual(model.borderLevels[0].rule, 'comma');
    model.forward(TEXT, TEXT.length);
    assert.deepEqual(model.borderMask(0).mask, expected);
  });

  it('is in the stream, and re-routing says the same', async () => {
    const { Probe } = await load('wasm/engine/probe.js');
    const { createRouting } = await load('wasm/engine/rerouting.js');
    const probe = new Probe(module, settings);
    probe.configure([]);
    const piece = probe.tracePiece(TEXT, 0, TEXT.length, 0, [0, 0, 0]);
    assert.deepEqual(piece.levels[0].border, expected);
    const route = createRouting(module, probe.model.borderLevels, 1);
    assert.deepEqual(route(0, 0, piece.levels[0].score, TEXT).border, expected);
  });

  it('is in checkpoints', async () => {
    const { readSettings } = await load('wasm/engine/settings.js');
    const { Model } = await load('wasm/engine/core.js');
    const { readCheckpoint, writeCheckpoint } = await load('wasm/files/checkpoint/checkpoint.js');
    const model = new Model(module, settings);
    const tensors = new Map(
      model.tensors.map((/** @type {any} */ { name, shape, offset, size }) => [
        name,
        { shape, data: model.parameters.slice(offset, offset + size) },
      ]),
    );
    const read = readCheckpoint(module, writeCheckpoint({ settings, tensors })).settings;
    assert.equal(read.level_rules, 'comma');
    assert.deepEqual(readSettings(read).errors, []);
  });

  it('is on the command line', () => {
    const text = at('text.txt');
    writeFileSync(text, Buffer.from(TEXT).toString().repeat(6));
    const words = '--hidden-size 8 --batch-size 1 --sequence-length 64 --max-steps 2 --workers 1 --level-rules comma';
    const out = at('model.safetensors');
    const train = node('wasm/cli/train.js', '--text-file', text, '--output', out, ...words.split(' '));
    assert.equal(train.status, 0, train.stderr);
    const trace = node('wasm/cli/trace.js', out, '--text-file', text, '--top', '0');
    assert.equal(trace.status, 0, trace.stderr);
    const rows = JSON.parse(trace.stdout).rows.filter((/** @type {any} */ row) => row.level === 0);
    const bordered = rows.filter((/** @type {any} */ row) => row.border).map((/** @type {any} */ row) => row.byte);
    assert.deepEqual(new Set(bordered.slice(1)), new Set([COMMA]));
    assert.equal(bordered.length, 1 + rows.filter((/** @type {any} */ row) => row.byte === COMMA).length);
  });
});
