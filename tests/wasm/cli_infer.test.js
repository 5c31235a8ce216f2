import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { aboutFile, RunError, UsageError } from '../../wasm/cli/errors.js';
import { NOTES, WARNINGS } from '../../wasm/cli/sentences.js';
import { checkCausality } from '../../wasm/engine/worker/recomputing.js';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { load } from '../../wasm/library/index.js';
import { cli, failureOf, lineOf, warningOf, workFolder, wrongSetting } from './support/cli.js';
import { module } from './support/models.js';

const { at, textFile, succeeds, refuses, trainModels, remove } = workFolder();
after(remove);
const { model: MODEL, leaky: LEAKY } = await trainModels();

describe('infer', () => {
  const PROMPT = ['--prompt', 'Call me Ish', '--max-new-bytes', '150', '--no-stop-at-eos'];

  it('writes the same from the cache and by recomputing, byte by byte', async () => {
    const [cached, again, recomputed, other] = await Promise.all([
      succeeds('infer', [MODEL, ...PROMPT]),
      succeeds('infer', [MODEL, ...PROMPT]),
      succeeds('infer', [MODEL, ...PROMPT, '--inference-mode', 'recompute']),
      succeeds('infer', [MODEL, ...PROMPT, '--seed', '2']),
    ]);
    assert.equal(again.stdout, cached.stdout);
    assert.equal(recomputed.stdout, cached.stdout);
    assert.notEqual(other.stdout, cached.stdout);
    assert.ok(recomputed.chunks > 3, `came in ${recomputed.chunks} parts`);
    assert.equal(cached.stderr, '');
  });

  it('replaces invalid UTF-8, and nothing else', async () => {
    // At this temperature bytes are all but uniform.
    const { stdout } = await succeeds('infer', [MODEL, ...PROMPT, '--temperature', '100']);
    assert.ok(stdout.includes('\ufffd'));
    const kept = [...stdout].filter((c) => c !== '\ufffd').join('');
    assert.ok(kept.length > 40 && kept.length <= 150);
  });

  it('takes a prompt from a file, and stops at the end symbol', async () => {
    writeFileSync(at('prompt'), 'Call me Ish');
    const { stdout } = await succeeds('infer', [MODEL, '--prompt-file', at('prompt'), ...PROMPT.slice(2)]);
    assert.equal(stdout, (await succeeds('infer', [MODEL, ...PROMPT])).stdout);
    // With a training window of 24 bytes the end comes about every 24.
    const stopped = await succeeds('infer', [MODEL, '--prompt', 'a', '--max-new-bytes', '100000']);
    assert.ok(stopped.stdout.length < 100000);
  });

  it('checks that the model is causal', async () => {
    const check = [
      '--prompt-file',
      textFile,
      '--check-causality',
      '--causality-max-positions',
      '40',
      '--max-new-bytes',
      '1',
    ];
    const causal = await succeeds('infer', [MODEL, ...check]);
    const model = await load({ checkpoint: readFileSync(MODEL) });
    const prompt = new Uint8Array(readFileSync(textFile));
    const found = await checkCausality(model.group.lead, model.settings, prompt, { id: 0, cancelled: false }, 40);
    assert.equal(found.positions, 40);
    assert.equal(causal.stderr, `${NOTES.causality({ ...found, verdict: 'causal' })}\n`);
    const leaky = await cli('infer', [LEAKY, ...check, '--inference-mode', 'recompute']);
    assert.equal(leaky.status, 1);
    const [warning, line] = leaky.stderr.split('\n');
    assert.equal(`${warning}\n`, warningOf(WARNINGS.leaks()));
    const [, difference, worst] = /(\S+e[+-]\d+)\D+(\d+)/.exec(line) ?? [];
    const said = {
      positions: 40,
      worst: Number(worst),
      difference: Number(difference),
      verdict: /** @type {const} */ ('leaks'),
    };
    assert.equal(line, NOTES.causality(said));
  });

  it('refuses to generate from the cache with teacher-forced borders, but accepts other borders in their place', async () => {
    const { status, stdout, stderr } = await cli('infer', [LEAKY, ...PROMPT]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.equal(stderr, warningOf(WARNINGS.leaks()) + lineOf('infer', new RunError('leaks')));
    await succeeds('infer', [LEAKY, ...PROMPT, '--border-mode', 'uncertainty']);
  });

  it('refuses wrong use', async () => {
    await refuses('infer', [], new UsageError('operand_missing', { operand: 'CHECKPOINT' }));
    await refuses('infer', [MODEL], new UsageError('prompt_missing'));
    await refuses('infer', [MODEL, '--prompt', ''], new UsageError('empty_value', { option: '--prompt' }));
    await refuses(
      'infer',
      [MODEL, ...PROMPT, '--prompt-file', textFile],
      new UsageError('one_of_two', { one: '--prompt', other: '--prompt-file' }),
    );
    await refuses('infer', [MODEL, ...PROMPT, '--temperature', '0'], wrongSetting('--temperature', '0'));
    await refuses(
      'infer',
      [MODEL, ...PROMPT, '--inference-mode', 'magic'],
      new UsageError('choice', { option: '--inference-mode', choices: ['cached', 'recompute'] }),
    );
    await refuses(
      'infer',
      [MODEL, ...PROMPT, '--causality-max-positions', '0'],
      new UsageError('whole', { option: '--causality-max-positions', least: 1, most: 8192 }),
    );
    await refuses('infer', [at('none.pt'), ...PROMPT], new RunError('no_file', { file: at('none.pt') }));
    await refuses(
      'infer',
      [textFile, ...PROMPT],
      aboutFile(await failureOf(() => readCheckpoint(module, new Uint8Array(readFileSync(textFile)))), textFile),
    );
  });
});
