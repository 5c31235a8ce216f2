import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { cli, workFolder } from './support/cli.js';

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

  it('replaces what is no UTF-8, and nothing else', async () => {
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
    assert.match(
      causal.stderr,
      /^Causality: 40 positions, largest difference of a logit \S+ at position \d+: that is rounding alone\.\n$/,
    );
    const leaky = await cli('infer', [LEAKY, ...check, '--inference-mode', 'recompute']);
    assert.equal(leaky.status, 1);
    assert.match(leaky.stderr, /^Warning: Teacher-forced .*\nCausality: 40 positions, .*: the future leaks\.\n$/);
  });

  it('refuses teacher-forced borders from the cache, but takes others for them', async () => {
    const { status, stdout, stderr } = await cli('infer', [LEAKY, ...PROMPT]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      /\ninfer: This checkpoint has teacher-forced borders, [^\n]*: use --inference-mode recompute\.\n$/,
    );
    await succeeds('infer', [LEAKY, ...PROMPT, '--border-mode', 'uncertainty']);
  });

  it('refuses wrong use', async () => {
    await refuses('infer', [], 2, /A CHECKPOINT is missing/);
    await refuses('infer', [MODEL], 2, /A prompt is missing/);
    await refuses('infer', [MODEL, '--prompt', ''], 2, /--prompt is empty/);
    await refuses('infer', [MODEL, ...PROMPT, '--prompt-file', textFile], 2, /not both/);
    await refuses('infer', [MODEL, ...PROMPT, '--temperature', '0'], 2, /must be above 0/);
    await refuses('infer', [MODEL, ...PROMPT, '--inference-mode', 'magic'], 2, /one of cached, recompute/);
    await refuses('infer', [MODEL, ...PROMPT, '--causality-max-positions', '0'], 2, /whole number from 1/);
    await refuses('infer', [at('none.pt'), ...PROMPT], 1, /There is no file/);
    await refuses('infer', [textFile, ...PROMPT], 1, /text\.txt: This is not a safetensors file/);
  });
});
