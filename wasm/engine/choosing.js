/**
 * How many workers train fastest, where the reader leaves that to the machine: all that it offers, or one alone, which spares
 * the exchange. Found before the start where an estimate measured both (worker/whole_steps.js), else on the job itself before
 * its first step, by steps that are taken back. Sums of gradients come out
 * in another order with another number of workers, so that number is settled before the first step that counts, and kept.
 */
import { CoreError } from './module.js';
import { Group } from './replicas.js';
import { learningRate } from './schedule.js';
import { SETTINGS } from './settings.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** Steps a second with one worker and with all. @typedef {{workers: number, all: number, aloneSpeed: number, allSpeed: number}} Choice */

/** `pause`: called between steps, for messages; `now`: a clock in milliseconds. @typedef {{pause: () => Promise<void>, now?: () => number}} Way */

/** The share of a run, and the milliseconds, that finding out may take. */
const [SHARE, MOST_MS] = [0.05, 400];
/** Steps of each that are measured at most. */
const ROUNDS = 6;
/** Shorter runs are not worth it: as many steps are made while finding out. */
const LEAST_STEPS = Math.ceil((2 * ROUNDS) / SHARE);
/** One worker is taken where it makes so many times the steps; and is no longer looked at where all make so many times its. */
const [CLEARLY, MUCH] = [1.05, 1.5];

/** What was found, by what it depends on: as long as this program runs. @type {Map<string, Choice>} */
const found = new Map();

/** Settings that the time of a step depends on. */
const OF_SPEED = SETTINGS.filter(
  ({ name, group }) => group === 'model' || group === 'borders' || name === 'batch_size' || name === 'sequence_length',
).map(({ name }) => name);

/**
 * What the time of a step depends on, on one machine.
 * @param {Settings} settings
 * @param {number} workers
 * @returns {string} the same for settings whose steps take equally long
 */
export const speedKey = (settings, workers) => JSON.stringify([workers, ...OF_SPEED.map((name) => settings[name])]);

/** Whether a run is long enough for its number of workers to be found. @param {Settings} settings */
export const worthChoosing = (settings) => settings.max_steps >= LEAST_STEPS;

/**
 * What was found for a model of such settings since this program began.
 * @param {Settings} settings
 * @param {number} all  workers that the machine offers for them
 * @returns {Choice|undefined} undefined also of a run that is too short for one
 */
export const knownChoice = (settings, all) =>
  worthChoosing(settings) ? found.get(speedKey(settings, all)) : undefined;

/**
 * Remembers how fast steps of such settings are.
 * @param {Settings} settings
 * @param {number} all  workers that the machine offers for them
 * @param {readonly number[]} speeds  steps a second with all, and with one
 * @returns {Choice}
 */
export function choiceBy(settings, all, [allSpeed, aloneSpeed]) {
  const choice = { workers: aloneSpeed > CLEARLY * allSpeed ? 1 : all, all, aloneSpeed, allSpeed };
  found.set(speedKey(settings, all), choice);
  return choice;
}

/**
 * Milliseconds of the fastest step of all workers and of one.
 * @param {Group[]} groups  all, and one
 * @param {import('./trainer.js').Trainer} trainer
 * @param {Way} way
 * @returns {Promise<number[]|null>} null where finding out would take too long
 */
async function timed(groups, { corpus, settings }, { pause, now = () => performance.now() }) {
  const rate = learningRate(settings, 0);
  let step = 0;
  /** @param {Group} group */
  const take = async (group) => {
    const from = now();
    await group.step(corpus.trainingBatch(step), step, rate);
    step++;
    const took = now() - from;
    await pause();
    return took;
  };
  const startedAt = now();
  const [all, one] = groups;
  // Code is compiled at the first, which says little but that steps are long.
  if ((await take(all)) > MOST_MS) return null;
  const usual = await take(all);
  const minutes = settings.max_minutes || Number.POSITIVE_INFINITY;
  const most = Math.min(MOST_MS, SHARE * Math.min(settings.max_steps * usual, minutes * 60_000));
  if (2 * groups.length * usual > most) return null;
  await take(one);
  const best = [usual, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS && (round === 0 || now() - startedAt < most); round++) {
    best[1] = Math.min(best[1], await take(one));
    best[0] = Math.min(best[0], await take(all));
    if (best[1] > MUCH * best[0]) break;
  }
  return best;
}

/**
 * Has a trainer go on with the number of workers that is fastest, before its first step. Its settings then say how many.
 * @param {import('./trainer.js').Trainer} trainer  at step 0; its group has all workers that the machine offers
 * @param {Way} way
 * @returns {Promise<Choice|null>} null where it is not worth finding out; all workers go on
 * @throws {CoreError} `worker`
 */
export async function chooseWorkers(trainer, way) {
  const { group, settings, good } = trainer;
  const all = group.workers;
  if (all === 1 || trainer.step > 0 || !worthChoosing(settings)) return null;
  let choice = knownChoice(settings, all);
  if (choice?.workers === all) return choice;
  const one = await Group.open(group.lead.module, { ...settings, workers: 1 }, 1);
  one.restore(good.state);
  if (!choice) {
    let best = null;
    try {
      best = await timed([group, one], trainer, way);
    } catch (error) {
      // What the real first step will say, if it is so.
      if (!(error instanceof CoreError && error.code === 'not_finite')) throw error;
    }
    group.restore(good.state);
    if (!best) return null;
    one.restore(good.state);
    const speeds = best.map((ms) => 1000 / ms);
    choice = choiceBy(settings, all, speeds);
  }
  if (choice.workers === 1) {
    group.become(one);
    settings.workers = 1;
  }
  return choice;
}
