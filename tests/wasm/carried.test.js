// tier: quick
/** What sequences carry, told step by step to another worker: it knows the same bits, and is told little. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NOTHING_CARRIED, readCarried, updated } from '../../wasm/engine/carried.js';
import { Model } from '../../wasm/engine/core.js';
import { pass } from '../../wasm/engine/replica.js';
import { Teller } from '../../wasm/engine/telling.js';
import { module, RESIDUAL, realText, small } from './support/models.js';

const LENGTH = 24;

/** @param {Float32Array} states */
const bitsOf = (states) => new Int32Array(states.buffer, states.byteOffset, states.length);

/** A model that reads on with each call. @param {Partial<import('../../wasm/engine/settings.js').Settings>} changes */
function reading(changes) {
  const model = new Model(module, small({ ...RESIDUAL, batch_size: 2, sequence_length: LENGTH, ...changes }));
  const text = realText(20 * 2 * LENGTH);
  let at = 0;
  const read = () => {
    const next = Int32Array.from([text[at + LENGTH], text[at + 2 * LENGTH]]);
    pass(model, { bytes: text.subarray(at, at + 2 * LENGTH), next }, LENGTH, true);
    at += 2 * LENGTH;
  };
  return { model, read };
}

describe('news of what is carried', () => {
  for (const recall of [true, false])
    it(`leads to the same bits, recall: ${recall}`, () => {
      const { model, read } = reading({ recall });
      const teller = new Teller();
      let known = NOTHING_CARRIED;
      for (let step = 0; step < 10; step++) {
        read();
        if (step === 6) teller.forget();
        const news = teller.news(model);
        assert.equal('whole' in news, !recall || step === 0 || step === 6, `step ${step}`);
        if ('at' in news) assert.ok(news.at.length < model.carried.states.length / 50, 'few have changed');
        known = updated(known, news);
        const now = readCarried(model);
        assert.deepEqual(bitsOf(known.states), bitsOf(now.states));
        assert.deepEqual(known.rules, now.rules);
      }
    });

  it('tells a zero whose sign alone is another', () => {
    const { model, read } = reading({});
    read();
    const teller = new Teller();
    const { whole } = /** @type {{whole: import('../../wasm/engine/carried.js').Carried}} */ (teller.news(model));
    const states = whole.states.slice();
    const zero = states.indexOf(0);
    states[zero] = -0;
    model.carried = { ...whole, states };
    assert.deepEqual(bitsOf(updated(whole, teller.news(model)).states), bitsOf(states));
  });
});
