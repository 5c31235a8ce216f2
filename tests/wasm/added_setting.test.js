// tier: slow
/**
 * A setting of the core is one entry of the list, a row of the table in c/config.h, and its name among those that older
 * checkpoints lack: a copy of the project gets one, and has it in the core, the command line, checkpoints and addresses.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { projectCopy } from './support/project_copy.js';

const { at, make, edit, build, load, node, remove } = projectCopy('added-setting');
const ENTRY = `  {
    name: 'weight_noise', group: 'training', type: 'float', default: 0.25, min: 0, max: 2, core: true,
    label: 'Noise of weights', help: 'Nothing reads it.',
  },
`;

describe('a setting that is added where CONTRIBUTING says', { timeout: 300_000 }, () => {
  /** @type {WebAssembly.Module} */
  let module;

  before(async () => {
    make(['c', 'wasm', 'web/state']);
    edit('wasm/engine/settings.js', "  {\n    name: 'dropout'", `${ENTRY}  {\n    name: 'dropout'`);
    edit('c/config.h', '  X(float, dropout,', '  X(float, weight_noise, 0, 2) \\\n  X(float, dropout,');
    edit('wasm/engine/opening.js', "'token_embeddings',\n", "'token_embeddings',\n  'weight_noise',\n");
    module = await build();
    writeFileSync(at('text.txt'), 'The sea was calm, and the ship lay still. '.repeat(40));
  });
  after(remove);

  it('is read, and refused in a sentence where it is out of range', async () => {
    const { defaults, readSetting, readSettings, settingOf } = await load('wasm/engine/settings.js');
    assert.equal(defaults().weight_noise, 0.25);
    assert.equal(readSettings({ weight_noise: '1.5' }).settings.weight_noise, 1.5);
    // What is said of another setting, with this one's name and range.
    const { label, max } = settingOf('dropout');
    const { error } = readSetting('dropout', -1);
    assert.ok(error.endsWith(` ${max}.`) && error.startsWith(`${label} (dropout) `), error);
    const expected = error.replace(`${label} (dropout)`, 'Noise of weights (weight_noise)').replace(` ${max}.`, ' 2.');
    assert.deepEqual(readSettings({ weight_noise: 3 }).errors, [expected]);
  });

  it('is in the core, which checks it', async () => {
    const { Model } = await load('wasm/engine/core.js');
    const { defaults } = await load('wasm/engine/settings.js');
    const small = { hidden_size: 4, batch_size: 1, sequence_length: 8 };
    assert.ok(new Model(module, defaults({ ...small, weight_noise: 2 })).size > 0);
    assert.throws(() => new Model(module, defaults({ ...small, weight_noise: 2.5 })), { code: 'bad_setting' });
  });

  it('is on the command line and in checkpoints, and earlier checkpoints open', () => {
    assert.match(node('wasm/cli/train.js', '--help').stdout, /--weight-noise [\s\S]*Nothing reads it\./);
    const small = '--hidden-size 8 --batch-size 1 --sequence-length 32 --max-steps 1 --workers 1'.split(' ');
    const train = ['wasm/cli/train.js', '--text-file', 'text.txt', ...small];
    const { status, stderr } = node(...train, '--weight-noise', '0.5', '--output', 'new');
    assert.equal(status, 0, stderr);
    assert.match(readFileSync(at('new'), 'latin1'), /"weight_noise":"0\.5"/);
    // The project itself does not know the setting.
    const older = node(path.join(ROOT, 'wasm/cli/train.js'), ...train.slice(1), '--output', 'older');
    assert.equal(older.status, 0, older.stderr);
    assert.doesNotMatch(readFileSync(at('older'), 'latin1'), /weight_noise/);
    for (const file of ['new', 'older']) {
      const read = node('wasm/cli/evaluate.js', file, '--text-file', 'text.txt');
      assert.equal(read.status, 0, read.stderr);
    }
    const more = ['--resume', 'older', '--max-steps', '2', '--output', 'on'];
    const on = node('wasm/cli/train.js', '--text-file', 'text.txt', '--workers', '1', ...more);
    assert.equal(on.status, 0, on.stderr);
    assert.match(readFileSync(at('on'), 'latin1'), /"weight_noise":"0\.25"/);
  });

  it('has its default in earlier checkpoints, whatever its value in the page that opens one', async () => {
    const { openCheckpoint } = await load('wasm/engine/opening.js');
    const { defaults } = await load('wasm/engine/settings.js');
    const bytes = new Uint8Array(readFileSync(at('older')));
    const { settings } = await openCheckpoint(module, bytes, defaults({ weight_noise: 2 }));
    assert.equal(settings.weight_noise, 0.25);
  });

  it('is in addresses, both ways', async () => {
    const { readAddress, writeAddress } = await load('web/state/address.js');
    const { settings, view } = readAddress('?weight_noise=1.25');
    assert.equal(settings.weight_noise, 1.25);
    assert.match(writeAddress(settings, view), /[?&]weight_noise=1\.25(?:&|$)/);
  });
});
