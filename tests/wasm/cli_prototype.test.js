import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openForReading, readModel } from '../../wasm/cli/weights.js';
import { Model } from '../../wasm/engine/core.js';
import { Probe } from '../../wasm/engine/probe.js';
import { workFolder } from './support/cli.js';
import { utf8 } from './support/models.js';

const { at, textFile, succeeds, remove } = workFolder();
after(remove);

/** @param {string} name */
const golden = (name) => fileURLToPath(new URL(`../golden/checkpoints/${name}`, import.meta.url));

/** @param {number[]} logits */
function softmax(logits) {
  const most = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / sum);
}

for (const kind of ['adaptive', 'baseline']) {
  describe(`the prototype’s ${kind} checkpoint`, () => {
    const file = golden(`prototype-${kind}-h32.pt`);
    /** @type {{prompt: string, logits_last: number[], argmax: number[]}} */
    const expected = JSON.parse(readFileSync(golden(`prototype-${kind}-h32.json`), 'utf8'));

    it('gives its logits after the prompt, from the cache and from the whole pass', async () => {
      const { checkpoint, settings } = await openForReading(file, {});
      const model = await readModel(file, checkpoint, settings);
      const prompt = utf8(expected.prompt);
      const probe = new Probe(model.module, settings);
      probe.copyFrom(model.parameters);
      const at = [...prompt].map((byte) => probe.feed(byte, true).logits).at(-1) ?? 0;
      const whole = new Model(model.module, { ...settings, batch_size: 1, sequence_length: prompt.length });
      whole.setParameters(model.parameters);
      for (const logits of [
        probe.core.floats(at, 257),
        whole.logits(prompt, prompt.length, prompt.length - 1).decoder,
      ]) {
        expected.logits_last.forEach((want, i) => {
          assert.ok(Math.abs(logits[i] - want) < 1e-4, `logit ${i}: ${logits[i]} for ${want}`);
        });
      }
    });

    it('is traced with its predictions', async () => {
      writeFileSync(at(`${kind}.txt`), expected.prompt);
      const { stdout } = await succeeds('trace', [file, '--text-file', at(`${kind}.txt`)]);
      /** @type {Record<string, any>[]} */
      const bytes = JSON.parse(stdout).rows.filter((/** @type {{level: number}} */ row) => row.level === 0);
      assert.deepEqual(
        bytes.map(({ decoder_top }) => decoder_top[0][0]),
        expected.argmax,
      );
      const probabilities = softmax(expected.logits_last);
      for (const [symbol, p] of bytes.at(-1)?.decoder_top ?? []) assert.ok(Math.abs(p - probabilities[symbol]) < 1e-4);
    });

    it('writes the likeliest byte first, and is evaluated', async () => {
      const { stdout } = await succeeds('infer', [
        file,
        '--prompt',
        expected.prompt,
        '--top-k',
        '1',
        '--max-new-bytes',
        '1',
      ]);
      assert.equal(stdout.charCodeAt(0), expected.argmax.at(-1));
      const figures = JSON.parse((await succeeds('evaluate', [file, '--text-file', textFile])).stdout);
      assert.equal(figures.model_type, kind);
      // Trained on this book; 8 bits would be no model.
      assert.ok(figures.encoder_bpb > 1 && figures.encoder_bpb < 4.5, `${figures.encoder_bpb}`);
    });
  });
}
