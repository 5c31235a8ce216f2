/** The worker's two ways to generate and its causality check; and readers, which do not disturb training. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { saveModel } from '../../wasm/engine/saving.js';
import { createGenerator } from '../reference/generation.js';
import { altered, LIVELY, LIVELY_TEXT, lively, openLively } from './support/lively_worker.js';
import { assertClose, assertSameBits, named, utf8 } from './support/models.js';
import { Client, closeClients } from './support/session.js';
import { joined } from './support/traces.js';

/** @typedef {import('../reference/tensors.js').ModelSettings} ModelSettings */
/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const PASSAGE = LIVELY_TEXT.slice(3000, 3600);
const TIMEOUT = { timeout: 60_000 };

afterEach(closeClients);

describe('generation', TIMEOUT, () => {
  const choices = [
    {},
    { temperature: 0.5, top_k: 5 },
    { temperature: 3, seed: 4294967295 },
    { top_k: 1 },
    { top_k: 257 },
  ];
  for (const choice of choices) {
    it(`writes the same from the cache and recomputed, ${JSON.stringify(choice)}`, async () => {
      const client = await openLively();
      const cached = await client.generate(choice);
      const recomputed = await client.generate({ ...choice, mode: 'recompute' });
      assert.equal(cached.bytes.length, 40);
      assert.equal(cached.reason, 'length');
      assert.deepEqual(cached.bytes, recomputed.bytes);
      assert.deepEqual(cached.borders, recomputed.borders);
      assert.ok(cached.borders.some((depth) => depth > 0) && cached.borders.some((depth) => depth === 0));
      assert.deepEqual((await client.generate(choice)).bytes, cached.bytes, 'again');
    });
  }

  it('takes the likeliest byte where nothing else is left: top-k of 1, or a temperature near 0', async () => {
    const client = await openLively();
    const greedy = await client.generate({ top_k: 1 });
    const settings = /** @type {ModelSettings} */ (/** @type {unknown} */ (LIVELY));
    const generator = createGenerator(settings, named(lively, lively.parameters));
    let step = [...utf8('Call me ')].map((byte) => generator.step(byte))[7];
    for (const byte of greedy.bytes) {
      const best = Math.max(...step.logits.subarray(0, 256));
      assertClose([step.logits[byte]], [best], { absolute: 1e-4 }, 'logit of the byte drawn');
      step = generator.step(byte);
    }
    for (const temperature of [1e-3, 1e-40, 1e-300, Number.MIN_VALUE]) {
      assert.deepEqual((await client.generate({ temperature })).bytes, greedy.bytes, `temperature ${temperature}`);
    }
  });

  it('draws by its seed and by the probabilities', async () => {
    const client = await openLively();
    const written = [];
    for (const seed of [1, 2, 3]) written.push((await client.generate({ seed, max_new_bytes: 8 })).bytes.join());
    assert.equal(new Set(written).size, 3);
    const likely = await openLively(
      altered((parameter) => {
        parameter('byte_decoder_head.weight').fill(0);
        parameter('byte_decoder_head.bias')
          .fill(-30)
          .set([Math.log(3), 0], 65);
      }),
    );
    const { bytes } = await likely.generate({ max_new_bytes: 4000 });
    assert.ok(bytes.every((byte) => byte === 65 || byte === 66));
    const share = bytes.filter((byte) => byte === 65).length / bytes.length;
    assert.ok(Math.abs(share - 0.75) < 0.035, `three in four, not ${share}`); // five standard deviations
  });

  it('stops at the end symbol only where it may', async () => {
    const client = await openLively(
      altered((parameter) => {
        parameter('byte_decoder_head.bias')[256] = 100;
      }),
    );
    for (const mode of /** @type {const} */ (['cached', 'recompute'])) {
      const ended = await client.generate({ mode, stop_at_eos: true });
      assert.deepEqual([ended.reason, ended.bytes], ['eos', []]);
      const on = await client.generate({ mode, stop_at_eos: false });
      assert.deepEqual([on.reason, on.bytes.length], ['length', 40]);
    }
  });

  for (const mode of /** @type {const} */ (['cached', 'recompute'])) {
    it(`streams and stops when it is cancelled, ${mode}`, async () => {
      const client = await openLively();
      const some = client.next('generated', ({ id, bytes }) => id === 50 && bytes.length > 0);
      const choice = { prompt: PASSAGE.slice(0, 100), temperature: 1, top_k: 0, stop_at_eos: false, seed: 1, mode };
      client.send({ type: 'generate', id: 50, ...choice, max_new_bytes: mode === 'cached' ? 1_000_000 : 8000 });
      await some;
      const { reason, done } = await client.ask({ type: 'cancel', id: 50 }, 'generated', (event) => event.done);
      assert.deepEqual([reason, done], ['stopped', true]);
      const bytes = client.all('generated').flatMap((event) => [...event.bytes]);
      assert.deepEqual(await client.overhear(), []);
      const again = await client.generate({ ...choice, max_new_bytes: Math.min(bytes.length, 100) });
      assert.deepEqual(again.bytes, bytes.slice(0, 100));
    });
  }
});

describe('the causality check', TIMEOUT, () => {
  /** @param {Client} client @param {Uint8Array} bytes */
  const check = (client, bytes) => client.ask({ type: 'causality', id: 7, text: bytes }, 'causality');

  it('finds no difference at all in uncertainty mode, nor in the baseline', async () => {
    const client = await openLively();
    const { positions, difference, leaks } = await check(client, PASSAGE);
    assert.deepEqual({ positions, difference, leaks }, { positions: 256, difference: 0, leaks: false });
    assert.equal((await check(client, PASSAGE.slice(0, 1))).positions, 1);
    await client.open({ model_type: 'baseline' });
    assert.equal((await check(client, PASSAGE)).difference, 0);
  });

  it('finds that teacher-forced borders leak', async () => {
    /** @type {Settings} */
    const settings = { ...LIVELY, border_mode: 'teacher_forced', threshold: 0.01 };
    const client = await openLively(saveModel(lively, settings, null));
    const { leaks, difference, worst } = await check(client, PASSAGE);
    assert.ok(leaks && difference > 0.01 && worst > 0, `${difference} at ${worst}`);
  });
});

describe('the border rules side by side', TIMEOUT, () => {
  const text = PASSAGE.slice(0, 150);

  for (const rule of /** @type {const} */ (['uncertainty', 'teacher_forced'])) {
    it(`gets the same figures for both, whichever the open model has: ${rule}`, async () => {
      const settings = { ...LIVELY, border_mode: rule, threshold: 0.01 };
      const client = await openLively(saveModel(lively, settings, null));
      const { positions, uncertainty, teacherForced } = await client.ask({ type: 'rules', id: 8, text }, 'rules');
      assert.equal(positions, text.length);
      assert.deepEqual([uncertainty.leaks, uncertainty.difference], [false, 0]);
      assert.ok(teacherForced.leaks && teacherForced.difference > 0.01, `${teacherForced.difference}`);
      assert.ok(uncertainty.decoderBpb > 0 && teacherForced.decoderBpb > 0);
      assert.notEqual(uncertainty.decoderBpb, teacherForced.decoderBpb);
      assert.equal(uncertainty.borders.length, LIVELY.num_levels - 1);
      // A full pass also predicts the end of the text; without it, the trace’s bits are the same.
      if (rule === 'uncertainty') {
        const bits = joined(await client.trace(text)).decoderBits.slice(0, -1);
        const last = uncertainty.decoderBpb * text.length - bits.reduce((sum, b) => sum + b, 0);
        assert.ok(last > 0 && last < 20, `${last} bits for the end`);
      }
    });
  }

  it('are not compared where there are none', async () => {
    const client = await openLively();
    await client.open({ model_type: 'baseline' });
    const { code } = await client.ask({ type: 'rules', id: 9, text }, 'failed');
    assert.equal(code, 'bad_settings');
  });
});

describe('reading while training', TIMEOUT, () => {
  for (const workers of [1, 2]) {
    it(`does not change what is learnt, ${workers} worker(s)`, async () => {
      const client = new Client();
      const fresh = async () => {
        await client.open({ max_steps: 60, dropout: 0.1, workers });
        await client.data(LIVELY_TEXT);
      };
      await fresh();
      await client.train();
      const undisturbed = await client.export();
      await fresh();
      const finished = client.next('state', ({ state }) => state === 'finished');
      client.send({ type: 'train' });
      const traces = [];
      for (let i = 0; i < 4; i++) {
        traces.push(joined(await client.trace(PASSAGE)));
        await client.generate();
        await client.generate({ mode: 'recompute', max_new_bytes: 5 });
        await client.ask({ type: 'causality', id: 7, text: PASSAGE.slice(0, 20) }, 'causality');
        await client.export();
      }
      await finished;
      assertSameBits(await client.export(), undisturbed, 'checkpoint');
      const after = joined(await client.trace(PASSAGE));
      assert.notDeepEqual(traces[0].decoderBits, after.decoderBits, 'the first was of earlier weights');
    });
  }
});
