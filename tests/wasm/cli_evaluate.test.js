import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { RunError, UsageError } from '../../wasm/cli/errors.js';
import { TINY, workFolder } from './support/cli.js';

const { at, text, textFile, succeeds, refuses, trainModels, remove } = workFolder();
after(remove);
const { model: MODEL } = await trainModels();

describe('evaluate', () => {
  it('prints one JSON object, the same for any number of workers and any batch size', async () => {
    const runs = [
      ['--workers', '1'],
      ['--workers', '2'],
      ['--batch-size', '7'],
      ['--val-max-batches', '3'],
    ];
    const [one, two, seven, some] = await Promise.all(
      runs.map(async (more) =>
        JSON.parse((await succeeds('evaluate', [MODEL, '--text-file', textFile, ...more])).stdout),
      ),
    );
    assert.deepEqual([one.text_bytes, one.bytes, one.windows], [text.length, 6000, 250]);
    assert.equal(one.tokens[0], 6000);
    assert.ok(one.tokens[1] < 6000 && one.tokens[2] < one.tokens[1] && one.tokens[2] >= 250);
    for (const other of [two, seven]) {
      assert.deepEqual(other.tokens, one.tokens);
      for (const name of ['encoder_bpb', 'decoder_bpb', 'meta_loss', 'uncertainty_loss']) {
        assert.ok(Number.isFinite(one[name]) && Math.abs(other[name] - one[name]) < 1e-9, name);
      }
    }
    assert.equal(some.windows, 12);
  });

  it('agrees with the validation during the training', async () => {
    writeFileSync(at('held.txt'), text.subarray(5400));
    const [file, batches] = [at('metrics.jsonl'), ['--val-max-batches', '5']];
    const args = [
      '--text-file',
      textFile,
      ...TINY,
      '--max-steps',
      '3',
      '--metrics',
      file,
      '--output',
      at('again'),
      ...batches,
    ];
    await succeeds('train', args);
    const last = JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '');
    const { stdout } = await succeeds('evaluate', [at('again'), '--text-file', at('held.txt'), ...batches]);
    const figures = JSON.parse(stdout);
    assert.equal(figures.windows, 20);
    for (const head of ['encoder', 'decoder']) {
      assert.ok(Math.abs(last[`val/byte_${head}_bpb`] - figures[`${head}_bpb`]) < 1e-9, head);
    }
  });

  it('can read a text as a stream, and reports what it costs without parents', async () => {
    const { stdout } = await succeeds('evaluate', [MODEL, '--text-file', textFile, '--stream']);
    const figures = JSON.parse(stdout);
    assert.deepEqual([figures.bytes, figures.tokens[0]], [text.length - 1, text.length]);
    const traced = await succeeds('trace', [MODEL, '--text-file', textFile, '--top', '0']);
    /** @type {{level: number, decoder_bits: number|null}[]} */
    const rows = JSON.parse(traced.stdout).rows;
    const bits = rows.flatMap(({ level, decoder_bits: cost }) => (level === 0 ? (cost ?? []) : []));
    const mean = bits.reduce((sum, cost) => sum + cost, 0) / bits.length;
    assert.equal(bits.length, figures.bytes);
    assert.ok(Math.abs(mean - figures.decoder_bpb) < 1e-5, `${mean} is ${figures.decoder_bpb}`);
    assert.ok(figures.without_parents_bpb > 0 && figures.without_parents_bpb !== figures.decoder_bpb);
    assert.ok(figures.borders_at_words >= 0 && figures.borders_at_words <= 1);
  });

  it('refuses wrong use', async () => {
    await refuses('evaluate', [MODEL], new UsageError('text_missing'));
    await refuses(
      'evaluate',
      [MODEL, '--text-file', textFile, '--sequence-length', '8000'],
      new RunError('short_text', { bytes: text.length, window: 8000 }),
    );
  });
});
