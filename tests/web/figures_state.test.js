/** The state of the explanation's figures: readings that follow the sentence, thresholds and model; the address. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { activityOfPassage, activityOfStep, termsOf } from '../../web/anatomy/activity.js';
import { nearestBox } from '../../web/figures/nearest.js';
import { readFigures, writeFigures } from '../../web/state/figure_address.js';
import { bytesOf, createFigures, MOST_BYTES, NOTHING_TYPED, thresholdsFor } from '../../web/state/figures.js';
import { createStore } from '../../web/state/store.js';
import { askedClient, modelOf } from './support/store.js';
import { pieceOf, traceOf, utf8 } from './traces.js';

const SETTINGS = { ...defaults(), hidden_size: 8, byte_entropy_threshold: 5, meta_uncertainty_threshold: 0.5 };

/** A client that records what it is asked, and finds the latest question of a kind. */
function asked() {
  const { client, jobs } = askedClient();
  /** @param {string} type */
  const latest = (type) => {
    const job = jobs.findLast(({ command }) => command.type === type);
    assert.ok(job, `nothing was asked for ${type}`);
    return job;
  };
  return { client, jobs, latest };
}

/** @param {Partial<import('../../wasm/engine/settings.js').Settings>} [changes] */
function started(changes = {}) {
  const store = createStore({ settings: defaults(), theme: 'light' });
  const { client, jobs, latest } = asked();
  const figures = createFigures(store, client);
  const settings = /** @type {import('../../wasm/engine/settings.js').Settings} */ ({ ...SETTINGS, ...changes });
  store.model.value = modelOf(settings);
  /** Answers the latest trace. */
  const answer = () => {
    const { command, emit } = latest('trace');
    const piece = pieceOf(command.text, command.thresholds, (level, t) => (level === 0 ? 1 + (t % 3) : 0.2));
    emit({ type: 'trace', run: 1, id: 1, total: command.text.length, done: true, piece });
    return new Promise((resolve) => setTimeout(resolve));
  };
  return { store, figures, jobs, latest, answer };
}

/** @param {import('../../web/state/figures.js').Figures} figures */
const tokens = (figures) => figures.routed.value?.levels.slice(1).map(({ count }) => count);

describe('the sentence', () => {
  it('is read with the trained thresholds, again when it changes, and not without a model', async () => {
    const { figures, latest, jobs, answer } = started();
    assert.deepEqual(latest('trace').command.thresholds, [5, 0.5]);
    await answer();
    const before = tokens(figures);
    assert.ok(before && before[0] > 1);
    figures.type('Something else.');
    assert.equal(new TextDecoder().decode(latest('trace').command.text), 'Something else.');
    assert.equal(figures.routed.value, null, 'nothing of another text is shown');
    await answer();
    assert.notEqual(figures.routed.value, null);
    figures.dispose();
    const count = jobs.length;
    figures.type('Nobody listens.');
    assert.equal(jobs.length, count);
  });

  it('is cut between characters, and says so when it is empty', async () => {
    assert.equal(bytesOf('a'.repeat(500)).length, MOST_BYTES);
    const cut = bytesOf(`${'a'.repeat(MOST_BYTES - 1)}ü`);
    assert.equal(cut.length, MOST_BYTES - 1);
    const { figures, answer } = started();
    await answer();
    figures.type('');
    assert.equal(figures.problem.value, NOTHING_TYPED);
    figures.type('x');
    await answer();
    assert.equal(figures.problem.value, null);
  });

  it('moves borders between bytes at once, and those above once their scores are known', async () => {
    const { store, figures, answer, latest } = started();
    await answer();
    const [before] = tokens(figures) ?? [];
    figures.setThreshold(0, 2);
    const [now, above] = tokens(figures) ?? [];
    assert.ok(now > before);
    assert.equal(above, 0, 'not known yet');
    assert.deepEqual(latest('trace').command.thresholds, [2, 0.5]);
    await answer();
    assert.ok((tokens(figures) ?? [])[1] > 0);
    assert.deepEqual(store.figureView.value.rule, [2, 0.5]);
    figures.resetThresholds();
    assert.deepEqual(figures.thresholds.value, [5, 0.5]);
  });

  it('has one threshold for all levels above the bytes', () => {
    assert.deepEqual(thresholdsFor([5, 1, 1, 1], [3, 0.2]), [3, 0.2, 0.2, 0.2]);
    assert.deepEqual(thresholdsFor([5, 1], null), [5, 1]);
    assert.deepEqual(thresholdsFor([], [3, 0.2]), []);
  });

  it('says why it can’t be read', async () => {
    const { figures, latest } = started({ border_mode: 'teacher_forced' });
    latest('trace').emit({ type: 'failed', run: 1, id: 1, code: 'leaks', message: 'It leaks.', fatal: false });
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(figures.problem.value, 'It leaks.');
  });
});

describe('the loop', () => {
  it('asks for time steps only while it is in view', async () => {
    const { figures, jobs, latest } = started();
    const asks = () => jobs.filter(({ command }) => command.type === 'time-steps').length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(asks(), 0);
    figures.see('loop', true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(asks(), 1);
    latest('time-steps').emit({ type: 'failed', run: 1, id: 1, code: 'leaks', message: 'It leaks.', fatal: false });
    assert.equal(figures.walkProblem.value, 'It leaks.');
    figures.dispose();
  });

  it('stays within the text, and is left out of the address at its start', () => {
    const { store, figures } = started();
    figures.type('abc');
    figures.goTo(2);
    assert.deepEqual([figures.read.value, store.figureView.value.read], [2, 2]);
    figures.goTo(99);
    assert.equal(figures.read.value, 3);
    figures.type('a');
    assert.equal(figures.read.value, 1);
    figures.goTo(-4);
    assert.deepEqual([figures.read.value, store.figureView.value.read], [0, null]);
  });
});

describe('the causality check', () => {
  it('shows its result until the text is another', () => {
    const { figures, latest } = started();
    figures.check();
    assert.equal(figures.causality.value.running, true);
    const result = { type: 'causality', run: 1, id: 1, positions: 60, worst: 3, difference: 0, leaks: false };
    latest('causality').emit(result);
    assert.equal(figures.causality.value.result?.positions, 60);
    figures.type('other');
    assert.deepEqual(figures.causality.value, { running: false, result: null, problem: null });
  });
});

describe('the activity', () => {
  const settings = /** @type {import('../../wasm/engine/settings.js').Settings} */ (SETTINGS);

  it('of a step has that step’s losses, and tokens from border counts', () => {
    const losses = { total: 3, byte_encoder: 1, byte_decoder: 2, meta: 0.5, uncertainty: 0.1, entropy_reg: 0 };
    const progress = /** @type {any} */ ({
      step: 7,
      losses,
      borders: [10, 2.5],
      gradientNorm: 0.3,
      learningRate: 0.01,
    });
    const activity = activityOfStep(progress, settings);
    assert.deepEqual(activity.tokens, [1024, 80, 20]);
    assert.equal(activity.losses, losses);
    assert.match(activity.title, /\b7\b/);
  });

  it('has the terms of the loss that the model has', () => {
    const losses = { byte_encoder: 1, byte_decoder: 2, meta: 0.5, uncertainty: 0.1, entropy_reg: 0 };
    const namesOf = (/** @type {Partial<typeof settings>} */ changes) =>
      termsOf(losses, { ...settings, wiring: 'residual', ...changes }).map(({ name }) => name);
    assert.deepEqual(namesOf({ num_levels: 3 }), ['byte_decoder', 'uncertainty']);
    const encoder_scores = true;
    assert.deepEqual(namesOf({ num_levels: 3, encoder_scores }), ['byte_encoder', 'byte_decoder', 'uncertainty']);
    assert.deepEqual(namesOf({ num_levels: 2, encoder_scores }), ['byte_encoder', 'byte_decoder']);
    assert.deepEqual(namesOf({ num_levels: 1, encoder_scores }), ['byte_decoder', 'uncertainty']);
  });

  it('of a passage has means in nats, and a total of weighted terms', () => {
    const trace = traceOf(utf8('abcdefghijklmnop'), [5, 0.5], (level, t) => (level === 0 ? 1 + (t % 3) : 0.2));
    const { losses, tokens: counts, perLevel } = activityOfPassage(trace, settings);
    assert.deepEqual(
      counts,
      trace.levels.map(({ count }) => count),
    );
    const bits = trace.encoderBits.filter((b) => !Number.isNaN(b));
    assert.ok(Math.abs(losses.byte_encoder - (bits.reduce((a, b) => a + b, 0) / bits.length) * Math.LN2) < 1e-6);
    assert.ok(Math.abs((perLevel?.[1].meta ?? 0) - 0.1) < 1e-6);
    const sum = termsOf(losses, settings).reduce((all, { weight, value }) => all + weight * value, 0);
    assert.ok(Math.abs(losses.total - sum) < 1e-9);
  });
});

describe('the address', () => {
  it('holds place, thresholds and part, and comes back the same', () => {
    const view = { part: 'decoder-0', read: 12, rule: [10, 0.25] };
    const params = new URLSearchParams();
    writeFigures(view, params);
    assert.equal(params.toString(), 'part=decoder-0&step=12&rule=10_0.25');
    /** @type {string[]} */
    const errors = [];
    assert.deepEqual(readFigures(params, errors), view);
    assert.deepEqual(errors, []);
    assert.equal(readFigures(new URLSearchParams('at=3'), errors), null);
  });

  it('reports what is wrong, and leaves it out', () => {
    for (const query of ['step=-1', 'step=1.5', 'rule=3', 'rule=a_b', 'rule=1_-2', 'part=<b>', 'part=']) {
      /** @type {string[]} */
      const errors = [];
      readFigures(new URLSearchParams(query), errors);
      assert.equal(errors.length, 1, query);
    }
  });
});

describe('arrow keys', () => {
  it('lead to the nearest box in their direction', () => {
    /** @param {string} id @param {number} x @param {number} y */
    const box = (id, x, y) =>
      /** @type {import('../../web/figures/boxes.js').Box} */ (
        /** @type {unknown} */ ({ part: { id }, x, y, width: 10, height: 10 })
      );
    const boxes = [box('a', 0, 0), box('b', 30, 0), box('c', 0, 40), box('d', 90, 5)];
    const go = (/** @type {string} */ key) => nearestBox(boxes, boxes[0], key)?.part.id;
    assert.deepEqual(['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'x'].map(go), [
      'b',
      'c',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
