/** State carried from window to window: through replicas and checkpoints, and restored where numbers stop being finite. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { NOTHING_CARRIED } from '../../wasm/engine/carried.js';
import { Model } from '../../wasm/engine/core.js';
import { spawnReplica } from '../../wasm/engine/node/surroundings.js';
import { settled, stateOf } from '../../wasm/engine/opening.js';
import { defaults } from '../../wasm/engine/settings.js';
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
  small,
  stateAfter,
  trainerOn,
} from './support/models.js';

/** @typedef {import('../../wasm/engine/core.js').ModelState} ModelState */

const text = realText(6000);
const TIMEOUT = { timeout: 60_000 };

afterEach(closeGroups);

describe('exact resume of carried state', TIMEOUT, () => {
  for (const changes of /** @type {const} */ ([
    RESIDUAL,
    { ...RESIDUAL, model_type: 'flat', segment_length: 0, dropout: 0.1 },
  ])) {
    for (const [before, after] of [
      [1, 1],
      [3, 3],
      [3, 2],
    ]) {
      it(`40 steps are 17 and 23 more, ${before} and ${after} worker(s), ${JSON.stringify(changes)}`, async () => {
        const settings = small({ ...changes, schedule: 'cosine', max_steps: 45 });
        const whole = await stateAfter(settings, text, 40, before);
        const { saved, state } = await stateAfter(settings, text, 17, before);
        assert.ok(state.carried.states.some((x) => x !== 0));
        const { checkpoint, settings: read } = settled(readCheckpoint(module, saved), defaults());
        const from = stateOf(checkpoint, new Model(module, read));
        assertSameState(from.state, state, 'saved');
        const steered = settings.model_type === 'flat' ? '0.05' : String(read.level_thresholds);
        assert.deepEqual(read, { ...settings, level_thresholds: steered });
        const { group, trainer } = await trainerOn(read, text, { workers: after, spawn: spawnReplica, from });
        await advance(trainer, 23);
        if (before === after) assertSameState(group.state(), whole.state, 'state');
        else assertClose(group.state().parameters, whole.state.parameters, { absolute: 2e-3 }, 'state');
      });
    }
  }

  it('carried state changes the losses, and the thresholds that are saved are the steered ones', async () => {
    const settings = small(RESIDUAL);
    const { state, saved } = await stateAfter(settings, text, 17);
    const losses = async (/** @type {ModelState} */ from) => {
      const { trainer } = await trainerOn(settings, text, { from: { state: from, step: 17 } });
      return advance(trainer, 2);
    };
    assert.notDeepEqual(await losses({ ...state, carried: NOTHING_CARRIED }), await losses(state));
    const { settings: read } = settled(readCheckpoint(module, saved), defaults());
    assert.notEqual(read.level_thresholds, settings.level_thresholds);
    const model = new Model(module, read);
    assertSameBits(model.thresholds, state.thresholds, 'thresholds');
  });

  it('a checkpoint whose carried state does not fit goes on without any', async () => {
    const { saved } = await stateAfter(small(RESIDUAL), text, 3);
    const { checkpoint, settings } = settled(readCheckpoint(module, saved), defaults());
    const model = new Model(module, settings);
    const { resume } = checkpoint;
    assert.ok(resume?.carried);
    for (const broken of [
      { ...resume, carried: undefined },
      { ...resume, carried: { ...resume.carried, shape: [1, resume.carried.data.length] } },
      { ...resume, state: { ...resume.state, rules: [1, 2] } },
      { ...resume, state: { ...resume.state, rules: 'x' } },
    ]) {
      const { state, step } = stateOf({ ...checkpoint, resume: broken }, model);
      assert.equal(step, 3);
      assert.equal(state.carried.states.length, 0);
    }
  });

  it('carried state goes back, too, when numbers stop being finite', async () => {
    const { group, trainer } = await trainerOn(small(RESIDUAL), text);
    await advance(trainer, 6);
    await trainer.evaluate();
    const good = group.state();
    await advance(trainer, 2);
    group.lead.parameters.fill(Number.NaN);
    group.lead.parametersChanged();
    await assert.rejects(trainer.advance(), { code: 'not_finite' });
    assert.equal(trainer.step, 6);
    assertSameState(group.state(), good, 'state');
  });
});
