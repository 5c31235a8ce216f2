// tier: slow
/** Compressed files: what goes in comes out, and a damaged file is refused in one sentence. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { WHO } from '../../wasm/engine/codec.js';
import { Model } from '../../wasm/engine/core.js';
import { RECIPE_FOR } from '../../wasm/engine/lessons.js';
import { openCheckpoint } from '../../wasm/engine/opening.js';
import { trainedWeights } from '../../wasm/engine/predictor.js';
import { Probe } from '../../wasm/engine/probe.js';
import { defaults } from '../../wasm/engine/settings.js';
import { readStreamed } from '../../wasm/engine/streamed.js';
import { wordBytes } from '../../wasm/files/compressed/chunks.js';
import { MODEL, VERSION } from '../../wasm/files/compressed/format.js';
import { sha256 } from '../../wasm/files/compressed/sha256.js';
import { crc32 } from '../../wasm/files/formats/crc.js';
import { compress, compressChunks, decompress, decompressChunks, FormatError } from '../../wasm/library/index.js';
import { module, realText, small } from './support/models.js';
import { assertReason, withReason } from './support/refusals.js';

const GOLDEN = new URL('../golden/compressed/', import.meta.url);
const text = realText(20_000);

/** A file of this project. @param {string} name */
const bytesOf = (name) => Uint8Array.from(readFileSync(new URL(`../../${name}`, import.meta.url)));

/** Bytes that no model shrinks, from a generator, so that they are the same each time. @param {number} length */
function noise(length) {
  let x = 1;
  return Uint8Array.from({ length }, () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x >>> 24;
  });
}

/** @param {Partial<import('../../wasm/engine/settings.js').Settings>} [changes] */
function weights(changes) {
  const settings = small(changes);
  return { settings, parameters: new Model(module, settings).parameters.slice() };
}

/** @param {Uint8Array} bytes @param {object} [options] */
const refused = (bytes, options) =>
  decompress(bytes, { module, ...options }).then(
    () => assert.fail('it was accepted'),
    (error) => {
      assert.ok(error instanceof FormatError, String(error));
      return error;
    },
  );

describe('compressed files', () => {
  for (const [name, bytes, most] of /** @type {const} */ ([
    ['a text', text, 0.4 * text.length],
    ['no byte', new Uint8Array(), 64],
    ['one byte', Uint8Array.of(255), 65],
    ['noise', noise(200_000), 200_000 * 1.001 + 64],
    ['zeros', new Uint8Array(200_000), 300],
    ['every byte', Uint8Array.from({ length: 4096 }, (_, i) => i), 4096 * 1.001 + 64],
  ])) {
    it(`bring back ${name}`, async () => {
      const file = await compress(bytes, { module, mode: 'counts' });
      assert.ok(file.length <= most, `${file.length} bytes`);
      assert.deepEqual(await decompress(file, { module }), new Uint8Array(bytes));
    });
  }

  it('are made by counts and a model that learns, unless the text is short, long, or of unknown length', async () => {
    /** @param {Uint8Array} bytes @param {object} [options] */
    const headerOf = async (bytes, options) => {
      const found = /** @type {import('../../wasm/files/compressed/format.js').Header[]} */ ([]);
      const chunks = compressChunks([bytes], { module, ...options, onHeader: (header) => found.push(header) });
      await chunks.next();
      await chunks.return();
      return found[0];
    };
    const learned = await headerOf(text, { length: 10_000_000 });
    assert.deepEqual([learned.who, learned.model, learned.recipe], [WHO.both, MODEL.LEARNED, RECIPE_FOR.flat]);
    for (const length of [8191, 10_000_001, undefined])
      assert.equal((await headerOf(text, { length })).who, WHO.counts, `${length}`);
    assert.equal((await headerOf(text, { mode: 'mix' })).model, MODEL.LEARNED);
    assert.equal((await headerOf(text, { mode: 'counts', length: 20_000 })).who, WHO.counts);
    // A text that can’t be predicted stays within the bound with a model that learns, too.
    const loud = noise(20_000);
    const file = await compress(loud, { module });
    assert.ok(file.length <= loud.length * 1.001 + 64, `${file.length} bytes`);
    assert.deepEqual(await decompress(file, { module }), loud);
  });

  it('are the same however the bytes arrive and, but for the header, whether or not their length is known', async () => {
    const whole = await compress(text, { module });
    const parts = [text.subarray(0, 1), text.subarray(1, 1), text.subarray(1, 9999), text.subarray(9999)];
    const chunks = [];
    for await (const chunk of compressChunks(parts, { module, length: text.length })) chunks.push(chunk);
    assert.deepEqual(Buffer.concat(chunks), Buffer.from(whole));
    const back = [];
    const single = (function* () {
      for (const byte of whole) yield Uint8Array.of(byte);
    })();
    for await (const chunk of decompressChunks(single, { module })) back.push(chunk);
    assert.deepEqual(Buffer.concat(back), Buffer.from(text));
  });

  it('hold a name and a time on request', async () => {
    const file = await compress(text.slice(0, 300), { module, name: 'ü.txt', time: 1_700_000_000 });
    /** @type {import('../../wasm/files/compressed/format.js').Header[]} */
    const headers = [];
    await decompress(file, {
      module,
      onHeader: (found) => headers.push(found),
    });
    assert.equal(headers[0].name, 'ü.txt');
    assert.equal(headers[0].time, 1_700_000_000);
  });

  it('report what each byte costs, which adds up to the size', async () => {
    let bits = 0;
    let count = 0;
    const file = await compress(text, {
      module,
      onBits: (costs) => {
        count += costs.length;
        for (const cost of costs) bits += cost;
      },
    });
    assert.equal(count, text.length);
    assert.ok(Math.abs(file.length - bits / 8) < 64, `${file.length} bytes, ${bits / 8} by the bits`);
  });

  it('are made with a model, and need it', async () => {
    const given = weights();
    const sizes = [];
    for (const mode of /** @type {const} */ (['mix', 'model'])) {
      const bytes = text.slice(0, 1500);
      const file = await compress(bytes, { module, weights: given, mode });
      sizes.push(file.length);
      assert.deepEqual(await decompress(file, { module, weights: given }), bytes);
      assertReason(await refused(file), 'no_weights');
      assertReason(await refused(file, { weights: weights({ seed: 9 }) }), 'other_weights');
    }
    assert.ok(sizes[0] < sizes[1], 'counts help a model that knows nothing');
  });

  it('trust a given model from the start where that is cheaper, and the counts where it is not', async () => {
    const { checkpoint, settings } = await openCheckpoint(module, bytesOf('public/example.safetensors'), defaults());
    const given = trainedWeights(module, checkpoint, settings);
    const sample = bytesOf('public/samples/moby-dick.txt');
    const chapter = sample.subarray(Buffer.from(sample).lastIndexOf('\nCHAPTER ') + 1);
    assert.ok(chapter.length > 20_000 && chapter.length < 0.1 * sample.length, 'it is in the held-out tenth');
    const probe = new Probe(module, settings);
    probe.copyFrom(given.parameters);
    const { decoderBpb } = await readStreamed(probe, chapter);
    const file = await compress(chapter, { module, weights: given });
    assert.ok(8 * file.length < 1.001 * decoderBpb * chapter.length, `${file.length} bytes, ${decoderBpb} bits a byte`);
    assert.equal(file[5], WHO.trained);
    assert.deepEqual(await decompress(file, { module, weights: given }), chapter);
    const source = bytesOf('c/gru.c').subarray(0, 6000);
    const other = await compress(source, { module, weights: given });
    assert.equal(other[5], WHO.both);
    assert.deepEqual(await decompress(other, { module, weights: given }), source);
  });

  it('carry the weights of a model', async () => {
    const bytes = text.slice(0, 1000);
    const file = await compress(bytes, { module, weights: weights(), includeWeights: true });
    assert.deepEqual(await decompress(file, { module }), bytes);
  });

  for (const learn of /** @type {const} */ (['flat', 'hierarchy'])) {
    it(`are made with a model that learns from nothing: ${learn}`, async () => {
      const bytes = text.slice(0, 3000);
      const sizes = [];
      for (const mode of /** @type {const} */ (['mix', 'model'])) {
        const file = await compress(bytes, { module, learn, mode });
        sizes.push(file.length);
        assert.deepEqual(await decompress(file, { module }), bytes);
      }
      assert.ok(sizes[1] < 0.65 * bytes.length, `${sizes[1]} bytes, by a model that knew nothing`);
      assert.ok(sizes[0] < sizes[1], 'counts help');
    });
  }

  it('are made with a given model that keeps learning, and need it', async () => {
    const given = weights({ model_type: 'flat', num_levels: 1, hidden_size: 24, level_blocks: '1' });
    const bytes = text.slice(0, 4000);
    const options = /** @type {const} */ ({ module, weights: given, mode: 'model' });
    const still = await compress(bytes, options);
    const file = await compress(bytes, { ...options, learn: 'model' });
    assert.ok(file.length < 0.8 * still.length, `${file.length} bytes, ${still.length} without learning`);
    assert.deepEqual(await decompress(file, { module, weights: given }), bytes);
    assertReason(await refused(file), 'no_weights');
    const mirror = { module, weights: weights(), learn: /** @type {const} */ ('model') };
    await assert.rejects(compress(bytes, mirror), withReason('no_learning'));
  });

  it('may be made without the parents of a hierarchy, and say so', async () => {
    const given = weights({ wiring: 'residual' });
    const bytes = text.slice(0, 600);
    const [all, without] = await Promise.all(
      [false, true].map((withoutParents) => compress(bytes, { module, weights: given, withoutParents })),
    );
    assert.notDeepEqual(all.slice(-40), without.slice(-40));
    assert.deepEqual(await decompress(without, { module, weights: given }), bytes);
  });

  it('are refused where a model learns by an unknown recipe', async () => {
    const file = await compress(text.slice(0, 300), { module, learn: 'flat' });
    const at = file.findIndex((byte, i) => i > 9 && byte === RECIPE_FOR.flat && file[i + 2] === '{'.charCodeAt(0));
    const header = file.slice(0, at + 2 + file[at + 1]);
    header[at] = 9;
    const bad = Uint8Array.from([...header, ...wordBytes(crc32(header)), ...file.slice(header.length + 4)]);
    assertReason(await refused(bad), 'unknown_recipe');
  });

  it('are refused with any one bit altered', async () => {
    const file = await compress(text.slice(0, 150), { module, name: 'a', time: 1_700_000_000 });
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const bad = file.slice();
      bad[bit >> 3] ^= 1 << (bit & 7);
      await refused(bad);
    }
  });

  it('are refused cut anywhere, and with bytes behind', async () => {
    const file = await compress(text.slice(0, 600), { module });
    for (let length = 0; length < file.length; length += 1 + (length % 5)) await refused(file.slice(0, length));
    assertReason(await refused(Uint8Array.of(...file, 0)), 'bytes_behind');
  });

  it('are refused beyond a limit, whether or not they say how long they are', async () => {
    const zeros = new Uint8Array(150_000);
    const said = await compress(zeros, { module, mode: 'counts' });
    const chunks = [];
    for await (const chunk of compressChunks([zeros], { module })) chunks.push(chunk);
    const unsaid = Uint8Array.from(Buffer.concat(chunks));
    for (const file of [said, unsaid]) {
      assertReason(await refused(file, { limit: 100_000 }), ['too_long', { limit: 100_000 }]);
      assert.equal((await decompress(file, { module, limit: 150_000 })).length, 150_000);
    }
  });

  it('name the damaged piece, and give what came before it', async () => {
    const file = await compress(noise(200_000), { module, mode: 'counts' });
    const bad = file.slice();
    bad[150_000] ^= 1;
    let given = 0;
    const reading = async () => {
      for await (const chunk of decompressChunks([bad], { module })) given += chunk.length;
    };
    await assert.rejects(reading(), withReason(['damaged_piece', { number: 3, from: 131_072 }]));
    assert.equal(given, 65_536, 'the piece before the damaged one is held back until the next is checked');
  });

  it('stop when a signal says so', async () => {
    const controller = new AbortController();
    const options = { module, signal: controller.signal, onProgress: () => controller.abort() };
    await assert.rejects(compress(noise(300_000), options), { name: 'AbortError' });
  });

  for (const name of ['counts', 'both', 'learned', 'learned-ngrams', 'learned-levels', 'learned-spans']) {
    it(`of version 1 stay readable: ${name}`, async () => {
      const file = new Uint8Array(readFileSync(new URL(`v1-${name}.acz`, GOLDEN)));
      const original = new Uint8Array(readFileSync(new URL('original.txt', GOLDEN)));
      assert.deepEqual(await decompress(file, { module }), original);
      // Models of another time learned in two of them, a given one predicted in the third.
      if (name === 'both' || name === 'learned' || name === 'learned-levels') return;
      const mode = name === 'counts' ? 'counts' : 'mix';
      const learn = name === 'learned-spans' ? 'hierarchy' : undefined;
      assert.deepEqual(await compress(original, { module, mode, learn }), file, 'and are still written the same');
    });
  }

  it('carry the version of the core that computes them', () => {
    assert.equal(VERSION, new Model(module, small()).core.constants.AC_CODE_VERSION);
  });

  it('are named by a digest that is SHA-256', () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
      const bytes = noise(length);
      assert.equal(Buffer.from(sha256(bytes)).toString('hex'), createHash('sha256').update(bytes).digest('hex'));
    }
  });
});
