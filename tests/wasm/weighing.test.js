/** What other predictors would have paid, as the page shows it, is what they pay. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compressed } from '../../wasm/engine/compressor.js';
import { Model } from '../../wasm/engine/core.js';
import { saveModel } from '../../wasm/engine/saving.js';
import { servePacking } from '../../wasm/engine/worker/packing.js';
import { livelyModel } from './support/lively.js';
import { module, realText } from './support/models.js';

/** @typedef {import('../../wasm/engine/protocol.js').PackingEvent} PackingEvent */
/** @typedef {Extract<PackingEvent, {type: 'packed'}>} Packed */

const text = realText(5000);
const file = new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (text)]);

/** A model in which every level matters, and its checkpoint. */
const weights = livelyModel({}, realText(50_000));
const model = new Model(module, weights.settings);
model.setParameters(weights.parameters);
const checkpoint = saveModel(model, weights.settings, null);

/** @param {Omit<import('../../wasm/engine/protocol.js').Pack, 'type'|'file'>} command @returns {Promise<Packed>} */
async function packed(command) {
  /** @type {PackingEvent[]} */
  const events = [];
  const serve = servePacking(
    (event) => events.push(event),
    async () => module,
  );
  await serve({ type: 'pack', file, ...command });
  const last = events.at(-1);
  assert.ok(last?.type === 'packed', JSON.stringify(last));
  return last;
}

/** What all bytes cost. @param {import('../../wasm/engine/compressor.js').CompressOptions} options */
async function bitsBy(options) {
  let sum = 0;
  const chunks = compressed(module, [text], {
    length: text.length,
    ...options,
    onBits: (bits) => {
      for (const cost of bits) sum += cost;
    },
  });
  for await (const _ of chunks);
  return sum;
}

/** @param {number} found @param {number} expected */
const near = (found, expected) => assert.ok(Math.abs(found - expected) < 1e-6 * expected, `${found}, not ${expected}`);

/** @param {Packed} event */
const sharesOf = ({ shares }) => new Map(shares.map(({ payer, bits }) => [payer, bits]));

describe('what other predictors would have paid', () => {
  it('is what the counts, the model, and both without parents do pay', async () => {
    const event = await packed({ mode: 'mix', checkpoint });
    const shares = sharesOf(event);
    assert.deepEqual([...shares.keys()].sort(), ['alone', 'counts', 'orphans']);
    near(event.bits, await bitsBy({ weights, mode: 'mix' }));
    near(shares.get('counts') ?? 0, await bitsBy({ mode: 'counts' }));
    near(shares.get('alone') ?? 0, await bitsBy({ weights, mode: 'model' }));
    near(shares.get('orphans') ?? 0, await bitsBy({ weights, mode: 'mix', withoutParents: true }));
    assert.notEqual(shares.get('orphans'), event.bits);
    for (const { bits, costs } of event.shares) {
      const means = costs.reduce((sum, mean) => sum + mean, 0) / costs.length;
      // The numbers of bytes in columns differ by one.
      assert.ok(Math.abs(means * text.length - bits) < 0.05 * bits, 'the line adds up to the same bits');
    }
  });

  it('is what the model without parents pays where the model predicts alone', async () => {
    const shares = sharesOf(await packed({ mode: 'model', checkpoint }));
    assert.deepEqual([...shares.keys()], ['orphans']);
    near(shares.get('orphans') ?? 0, await bitsBy({ weights, mode: 'model', withoutParents: true }));
  });

  it('is what the counts and the model that learns do pay', async () => {
    const shares = sharesOf(await packed({ mode: 'mix', learn: 'flat' }));
    assert.deepEqual([...shares.keys()].sort(), ['alone', 'counts']);
    near(shares.get('counts') ?? 0, await bitsBy({ mode: 'counts' }));
    near(shares.get('alone') ?? 0, await bitsBy({ learn: 'flat', mode: 'model' }));
  });

  it('is not given where counts alone predict', async () => {
    assert.deepEqual((await packed({ mode: 'counts' })).shares, []);
  });

  it('leaves the file as it is', async () => {
    const parts = [];
    for await (const chunk of compressed(module, [text], { length: text.length, weights, mode: 'mix' }))
      parts.push(chunk);
    const { file: smaller } = await packed({ mode: 'mix', checkpoint });
    assert.deepEqual(Buffer.from(await smaller.arrayBuffer()), Buffer.concat(parts));
  });
});

describe('the platform’s own compression', () => {
  it('is measured', async () => {
    const { sizes } = await packed({ mode: 'counts' });
    assert.equal(sizes[0].format, 'gzip');
    const gzip = new Response(file.stream().pipeThrough(new CompressionStream('gzip')));
    assert.equal(sizes[0].bytes, (await gzip.arrayBuffer()).byteLength);
  });
});
