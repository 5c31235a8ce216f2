/** Training: the same seed gives the same bits, stopped and resumed or not; nothing is lost when numbers stop being finite. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import { CoreError } from '../../wasm/engine/module.js';
import { spawnReplica } from '../../wasm/engine/node/surroundings.js';
import { settled, stateOf } from '../../wasm/engine/opening.js';
import { defaults } from '../../wasm/engine/settings.js';
import { Trainer } from '../../wasm/engine/trainer.js';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import {
  advance,
  assertClose,
  assertSameBits,
  assertSameState,
  closeGroups,
  module,
  RESIDUAL,
  realText,
  sameBits,
  small,
  stateAfter,
  trainerOn,
} from './support/models.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const text = realText(6000);
const TIMEOUT = { timeout: 60_000 };

afterEach(closeGroups);

/** @param {Model} model @param {string} name */
function tensorOf(model, name) {
  const found = model.tensors.find((tensor) => tensor.name === name);
  assert.ok(found, name);
  return found;
}

describe('exact resume', TIMEOUT, () => {
  for (const workers of [1, 2]) {
    for (const dropout of [0, 0.1]) {
      it(`40 steps are 17 and 23 more, ${workers} worker(s), dropout ${dropout}`, async () => {
        // The end of the cosine and of an epoch (42 steps) depend on the step: both lie on the way.
        const settings = small({ dropout, schedule: 'cosine', warmup_steps: 5, max_steps: 45, clip_norm: 1 });
        const whole = await stateAfter(settings, text, 40, workers);
        const { saved, losses: first } = await stateAfter(settings, text, 17, workers);

        const { checkpoint, settings: read } = settled(readCheckpoint(module, saved), defaults());
        assert.deepEqual(read, settings);
        const from = stateOf(checkpoint, new Model(module, read));
        assert.equal(from.step, 17);
        const { group, trainer } = await trainerOn(read, text, { workers, spawn: spawnReplica, from });
        const second = await advance(trainer, 23);
        assert.equal(trainer.step, 40);
        assertSameState(group.lead.state(), whole.state, 'state');
        assert.deepEqual([...first, ...second], whole.losses);
      });
    }
  }
});

describe('seeds', TIMEOUT, () => {
  it('the same gives the same bits', async () => {
    const [a, b] = [
      await stateAfter(small({ dropout: 0.2 }), text, 20),
      await stateAfter(small({ dropout: 0.2 }), text, 20),
    ];
    assertSameState(a.state, b.state, 'state');
    assert.deepEqual(a.losses, b.losses);
  });

  it('another gives other bits', async () => {
    const [a, b] = [await stateAfter(small(), text, 20), await stateAfter(small({ seed: 2 }), text, 20)];
    assert.ok(!sameBits(a.state.parameters, b.state.parameters));
    assert.notEqual(a.losses[0], b.losses[0]);
  });

  it('decides dropout masks and the order of the text, not only the initial weights', async () => {
    const { state } = await stateAfter(small(), text, 1);
    const losses = async (/** @type {Partial<Settings>} */ changes) => {
      const { trainer } = await trainerOn(small(changes), text, { from: { state, step: 0 } });
      return advance(trainer, 3);
    };
    const order = { shuffle: false };
    assert.deepEqual(await losses({ ...order, seed: 1 }), await losses({ ...order, seed: 2 }));
    assert.notDeepEqual(await losses({ seed: 1 }), await losses({ seed: 2 }));
    assert.notDeepEqual(
      await losses({ ...order, dropout: 0.1, seed: 1 }),
      await losses({ ...order, dropout: 0.1, seed: 2 }),
    );
  });

  it('training learns: the loss falls on real text', async () => {
    for (const changes of /** @type {const} */ ([
      {},
      { model_type: 'baseline' },
      { border_mode: 'teacher_forced' },
      { dropout: 0.1 },
      RESIDUAL,
      { ...RESIDUAL, carry_state: false, dropout: 0.1 },
      { ...RESIDUAL, encoder_scores: true },
      { model_type: 'flat', carry_state: true },
    ])) {
      const { losses } = await stateAfter(small({ ...changes, learning_rate: 5e-3 }), text, 40);
      const mean = (/** @type {number[]} */ some) => some.reduce((sum, x) => sum + x, 0) / some.length;
      assert.ok(mean(losses.slice(-5)) < 0.8 * mean(losses.slice(0, 5)), `${JSON.stringify(changes)}: ${losses}`);
    }
  });
});

/** @param {() => Promise<unknown>} work @param {number} failed @param {number} good */
async function stopsBeingFinite(work, failed, good) {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof CoreError && error.code === 'not_finite', String(error));
    assert.deepEqual(error.fields, { failed, step: good });
    return true;
  });
}

describe('numbers that stop being finite', TIMEOUT, () => {
  /** @param {Trainer} trainer */
  const until = async (trainer) => {
    for (let i = 0; i < 20; i++) await trainer.advance();
  };

  for (const workers of [1, 2]) {
    it(`weights that are NaN: back to the last good state, ${workers} worker(s)`, async () => {
      const { group, trainer } = await trainerOn(small(), text, { workers, spawn: spawnReplica });
      await advance(trainer, 3);
      const good = group.lead.state();
      const figures = await trainer.evaluate();
      assert.ok(figures && Number.isFinite(figures.losses.total));
      const untouched = await advance(trainer, 2);

      for (const name of [
        'byte_encoder_head.weight',
        'meta_uncertainty_heads.0.bias',
        'decoder_blocks.0.gru.gru.bias_hh_l1',
      ]) {
        const broken = group.lead.state();
        broken.parameters[tensorOf(group.lead, name).offset] = Number.NaN;
        group.restore(broken);
        const failed = trainer.step + 1;
        await stopsBeingFinite(() => trainer.advance(), failed, 3);
        assert.equal(trainer.step, 3);
        assertSameState(group.lead.state(), good, `state after ${name}`);
        group.restore(broken);
        await stopsBeingFinite(() => trainer.evaluate(), trainer.step, 3);
        assertSameState(group.lead.state(), good, `state after evaluating ${name}`);
      }
      // All replicas are back, too: training goes on as if nothing had happened.
      assert.deepEqual(await advance(trainer, 2), untouched);
    });

    it(`an absurd learning rate, ${workers} worker(s)`, async () => {
      const { group, trainer } = await trainerOn(small(), text, { workers, spawn: spawnReplica });
      const fresh = group.lead.state();
      for (const learning_rate of [1e25, 1e39, Number.MAX_VALUE]) {
        trainer.settings = small({ learning_rate });
        await assert.rejects(until(trainer), (e) => e instanceof CoreError && e.code === 'not_finite');
        assert.equal(trainer.step, 0);
        assertSameState(group.lead.state(), fresh, `state after ${learning_rate}`);
      }
      trainer.settings = small();
      const { losses } = await stateAfter(small(), text, 3, workers);
      assert.deepEqual(await advance(trainer, 3), losses);
    });

    it(`a gradient that overflows though the loss does not, ${workers} worker(s)`, async () => {
      const { group, trainer } = await trainerOn(small({ meta_loss_weight: 1000 }), text, {
        workers,
        spawn: spawnReplica,
      });
      const fresh = group.lead.state();
      const huge = group.lead.state();
      const { offset, size } = tensorOf(group.lead, 'meta_predictors.0.weight');
      huge.parameters.subarray(offset, offset + size).fill(1e18);
      group.restore(huge);
      assert.ok(
        Number.isFinite((await group.evaluate(trainer.corpus.trainingBatch(0))).losses.total),
        'the loss is finite',
      );
      await stopsBeingFinite(() => trainer.advance(), 1, 0);
      assertSameState(group.lead.state(), fresh, 'state');
      const { losses } = await stateAfter(small({ meta_loss_weight: 1000 }), text, 3, workers);
      assert.deepEqual(await advance(trainer, 3), losses);
    });
  }
});

it('a good state is overwritten by the next, and takes no more memory', async () => {
  const { group, trainer } = await trainerOn(small(), text);
  const { parameters, first, second, updates } = trainer.good.state;
  await advance(trainer, 2);
  await trainer.evaluate();
  const { good } = trainer;
  assert.equal(good.step, 2);
  assertSameState(good.state, group.lead.state(), 'good');
  for (const [one, other] of [
    [parameters, good.state.parameters],
    [first, good.state.first],
    [second, good.state.second],
    [updates, good.state.updates],
  ])
    assert.equal(one, other);
});

describe('numbers that are not finite and do not show in the loss', TIMEOUT, () => {
  /** Puts a number into the embedding of a byte that the text does not have. @param {import('../../wasm/engine/replicas.js').Group} group @param {number} value */
  const hide = (group, value) => {
    const state = group.lead.state();
    assert.ok(!text.includes(1));
    state.parameters[tensorOf(group.lead, 'byte_embedding.weight').offset + small().hidden_size] = value;
    group.restore(state);
  };

  for (const changes of [{}, { val_fraction: 0 }]) {
    it(`are found by an evaluation, ${JSON.stringify(changes)}`, async () => {
      const { group, trainer } = await trainerOn(small(changes), text);
      await advance(trainer, 2);
      await trainer.evaluate();
      const good = group.lead.state();
      await advance(trainer, 1);
      for (const value of [Number.NaN, Infinity, -Infinity]) {
        hide(group, value);
        await stopsBeingFinite(() => trainer.evaluate(), trainer.step, 2);
        assertSameState(group.lead.state(), good, 'state');
      }
      const moments = group.lead.state();
      moments.second[5] = Infinity;
      group.restore(moments);
      await stopsBeingFinite(() => trainer.evaluate(), 2, 2);
      assertSameState(group.lead.state(), good, 'state');
    });
  }

  it('do not make a good state for a trainer on another text', async () => {
    const { group, corpus, trainer } = await trainerOn(small(), text);
    await advance(trainer, 2);
    await trainer.evaluate();
    const good = group.lead.state();
    await advance(trainer, 1);
    hide(group, Number.NaN);
    const other = new Trainer(group, corpus, small(), trainer.step, null, trainer.good);
    await stopsBeingFinite(() => other.evaluate(), 3, 2);
    assertSameState(group.lead.state(), good, 'state');
  });
});

describe('a learning rate that diverges', TIMEOUT, () => {
  const settings = small({ model_type: 'baseline', learning_rate: 1 });

  it('is reported with what to try, and the model is back in its last good state', async () => {
    const { group, trainer } = await trainerOn(settings, text);
    const fresh = group.lead.state();
    await assert.rejects(advance(trainer, 200), (error) => {
      assert.ok(error instanceof CoreError && error.code === 'diverges', String(error));
      assert.equal(error.fields.step, 0);
      assert.ok(Number(error.fields.failed) > 0);
      return true;
    });
    assert.equal(trainer.step, 0);
    assertSameState(group.lead.state(), fresh, 'state');
    trainer.settings = { ...settings, learning_rate: 3e-3 };
    assert.ok((await advance(trainer, 100)).every((loss) => loss < 8));
  });

  it('does not make a state good that is evaluated meanwhile', async () => {
    const { trainer } = await trainerOn(settings, text);
    await advance(trainer, 15);
    assert.ok(trainer.worse > 0);
    await trainer.evaluate();
    assert.equal(trainer.good.step, 0);
  });
});

describe('gradients that are not finite', TIMEOUT, () => {
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    it(`${value} in the lead’s own`, async () => {
      const { group, trainer } = await trainerOn(small(), text);
      const fresh = group.lead.state();
      const backward = group.lead.backward.bind(group.lead);
      group.lead.backward = (total) => {
        backward(total);
        group.lead.gradients[11] = value;
      };
      await stopsBeingFinite(() => trainer.advance(), 1, 0);
      assertSameState(group.lead.state(), fresh, 'state');
      group.lead.backward = backward;
      assert.deepEqual(await advance(trainer, 2), (await stateAfter(small(), text, 2)).losses);
    });

    it(`${value} from another worker`, async () => {
      let poison = true;
      const { group, trainer } = await trainerOn(small(), text, { workers: 2, spawn: spawnReplica });
      const { exchange } = group;
      const trade = exchange.trade.bind(exchange);
      exchange.trade = async (parts) => {
        const theirs = await trade(parts);
        if (poison && theirs[1] instanceof Float32Array) theirs[1][11] = value;
        return theirs;
      };
      const fresh = group.lead.state();
      await stopsBeingFinite(() => trainer.advance(), 1, 0);
      assertSameState(group.lead.state(), fresh, 'state');
      poison = false;
      assert.deepEqual(await advance(trainer, 3), (await stateAfter(small(), text, 3, 2)).losses);
    });
  }

  it('a learning rate that is NaN', async () => {
    const { group, trainer } = await trainerOn(small(), text);
    const fresh = group.lead.state();
    for (const learning_rate of [Number.NaN, Infinity]) {
      trainer.settings = small({ learning_rate });
      await stopsBeingFinite(() => trainer.advance(), 1, 0);
      assertSameState(group.lead.state(), fresh, 'state');
    }
  });
});

describe('evaluation', () => {
  it('is the mean of each batch’s loss over the first batches, and changes nothing', async () => {
    const settings = small({ val_max_batches: 3, val_fraction: 0.1 });
    const { group, corpus, trainer } = await trainerOn(settings, text);
    assert.ok(corpus.heldOutBatches > 3);
    const before = group.lead.state();
    const figures = await trainer.evaluate();
    const model = new Model(module, settings);
    const totals = [0, 1, 2].map((i) => {
      model.forward(corpus.heldOutBatch(i).bytes, corpus.length);
      return model.result();
    });
    const mean = (/** @type {(r: typeof totals[0]) => number} */ of) => totals.reduce((sum, r) => sum + of(r), 0) / 3;
    assertClose([figures?.losses.total ?? 0], [mean((r) => r.losses.total)], { absolute: 1e-12 }, 'total');
    assertClose(
      [figures?.encoderBpb ?? 0],
      [mean((r) => r.losses.byte_encoder) / Math.LN2],
      { absolute: 1e-12 },
      'bits',
    );
    assertClose(
      figures?.borders ?? [],
      [0, 1].map((l) => mean((r) => r.borders[l])),
      { absolute: 1e-12 },
      'borders',
    );
    assert.equal(figures?.bytes, 3 * corpus.batch * corpus.length);
    assertSameState(group.lead.state(), before, 'state');
  });

  it('has no dropout, so repeating it gives the same bits', async () => {
    const { trainer } = await trainerOn(small({ dropout: 0.5 }), text);
    assert.deepEqual(await trainer.evaluate(), await trainer.evaluate());
  });

  it('has no figures where nothing is held out', async () => {
    const { trainer } = await trainerOn(small({ val_fraction: 0 }), text);
    assert.equal(await trainer.evaluate(), null);
  });
});

it('settings that may change during training take effect at once', async () => {
  const settings = small({ clip_norm: 0 });
  const one = await trainerOn(settings, text);
  const two = await trainerOn(settings, text);
  const clipped = { ...settings, clip_norm: 1e-3, weight_decay: 0.5 };
  two.trainer.configure(clipped);
  assert.equal((await one.trainer.advance()).gradientNorm, (await two.trainer.advance()).gradientNorm);
  assert.ok(!sameBits(one.group.lead.parameters, two.group.lead.parameters));
  const three = await trainerOn(clipped, text);
  await three.trainer.advance();
  assertSameBits(two.group.lead.parameters, three.group.lead.parameters, 'weights');
});
