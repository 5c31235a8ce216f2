/** A device that sleeps while its clock runs on: the time does not count as training, and the bits stay the same. */
import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { Pace } from '../../wasm/engine/worker/pace.js';
import { TrainingLoop } from '../../wasm/engine/worker/training.js';
import { assertSameState, closeGroups, realText, small, trainerOn } from './support/models.js';

const text = realText(6000);
const HOURS = 3_600_000;

afterEach(closeGroups);

/** Milliseconds of one piece of each kind on the made-up machine. */
const STEP = 50;
const BATCH = 10;
const SAMPLE = 20;

/**
 * Training to its end on a machine whose clock moves with its work.
 * @param {number} sleep  milliseconds in the middle of one step, one batch of an evaluation, and one sample
 */
async function trained(sleep) {
  const settings = small({ max_minutes: 0.1, max_steps: 1000, eval_every: 20, val_max_batches: 3, sample_bytes: 4 });
  const { group, trainer } = await trainerOn(settings, text, {});
  let time = 5;
  let [steps, batches] = [0, 0];
  const { step, evaluate } = group;
  group.step = (...args) => {
    time += STEP + (++steps === 30 ? sleep : 0);
    return step.apply(group, args);
  };
  group.evaluate = (...args) => {
    time += BATCH + (++batches === 8 ? sleep : 0);
    return evaluate.apply(group, args);
  };
  /** @type {any[]} */
  const events = [];
  const loop = new TrainingLoop(
    trainer,
    (event) => events.push(event),
    1,
    () => time,
  );
  let samples = 0;
  const { readers } = loop;
  const probe = readers.probe.bind(readers);
  readers.probe = (name) => {
    time += SAMPLE + (++samples === 3 ? sleep : 0);
    return probe(name);
  };
  loop.start();
  await loop.running;
  const last = events.filter(({ type }) => type === 'progress').at(-1);
  const work = steps * STEP + batches * BATCH + samples * SAMPLE;
  return { loop, last, work, end: events.at(-1), state: group.lead.state(), passed: time };
}

it('hours slept in a step, an evaluation or a sample do not count: the time limit, the time left and the bits stay the same', async () => {
  const awake = await trained(0);
  const slept = await trained(3 * HOURS);
  assert.ok(slept.passed > 9 * HOURS);
  for (const { loop, end, work } of [awake, slept]) {
    assert.deepEqual([end.state, end.reason], ['finished', 'minutes']);
    assert.ok(work >= 6000 && work < 6200, `${work} ms`);
    assert.equal(loop.elapsed, work);
  }
  assert.equal(slept.end.step, awake.end.step);
  assert.deepEqual(
    [slept.last.elapsedMs, slept.last.remainingMs, slept.last.stepsPerSecond],
    [awake.last.elapsedMs, awake.last.remainingMs, awake.last.stepsPerSecond],
  );
  assertSameState(slept.state, awake.state, 'after sleep');
});

it('time that is merely slow counts', () => {
  let time = 0;
  const pace = new Pace(() => time);
  /** @param {number} ms */
  const piece = (ms) => {
    pace.begin();
    time += ms;
    return pace.lap();
  };
  // The first piece has nothing to be compared with. A busy machine is not asleep, nor is one whose steps take minutes.
  assert.deepEqual([piece(10), piece(4900), piece(400)], [10, 4900, 400]);
  assert.ok(piece(HOURS) < 1000);
  const large = new Pace(() => time);
  large.begin();
  time += 60_000;
  assert.equal(large.lap(), 60_000);
  time += 600_000;
  assert.equal(large.lap(), 600_000);
});
