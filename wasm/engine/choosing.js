/**
 * How many workers train fastest, where the reader leaves that to the machine: all that it offers, half of them, for some
 * browsers offer more than there are and some cores are halves of one, or one alone, which spares the exchange. Found on the job itself before its first step, by steps that are taken back. Sums of gradients come out
 * in another order with another number of workers, so that number is settled before the first step that counts, and kept.
 */
import { CoreError } from './module.js';
import { learningRate } from './schedule.js';
import { SETTINGS } from './settings.js';

/** @typedef {import('./replicas.js').Group} Group */
/** @typedef {import('./settings.js').Settings} Settings */
/** How many train, of how many; and the steps a second of each number that was tried. @typedef {{workers: number, all: number, speeds: {workers: number, speed: number}[]}} Choice */

/**
 * `open`: a group of so many workers for the trainer's settings; `pause`: called between steps, for messages; `now`: a clock
 * in milliseconds. @typedef {{open: (workers: number) => Promise<Group>, pause: () => Promise<void>, now?: () => number}} Way
 */

/** The share of a run, and the milliseconds, that finding out may take. */
const [SHARE, MOST_MS] = [0.05, 400];
/** Steps of each that are measured at most. */
const ROUNDS = 6;
/** Shorter runs are not worth it: as many steps are made while finding out. */
const LEAST_STEPS = Math.ceil((2 * ROUNDS) / SHARE);
/** Fewer workers are taken where they make so many times the steps; a number is no longer tried where another makes so many times its. */
const [CLEARLY, MUCH] = [1.05, 1.5];

/** What was found, by what it depends on: as long as this program runs. @type {Map<string, Choice>} */
const found = new Map();

/** Settings that the time of a step depends on. */
const OF_SPEED = SETTINGS.filter(
  ({ name, group }) => group === 'model' || group === 'borders' || name === 'batch_size' || name === 'sequence_length',
).map(({ name }) => name);

/** @param {Settings} settings @param {number} all  workers that the machine offers */
const keyOf = (settings, all) => JSON.stringify([all, ...OF_SPEED.map((name) => settings[name])]);

/**
 * What was found for a model of such settings since this program began.
 * @param {Settings} settings
 * @param {number} all  workers that the machine offers for them
 * @returns {Choice|undefined}
 */
export const knownChoice = (settings, all) => found.get(keyOf(settings, all));

/**
 * Milliseconds of the fastest step of each group.
 * @param {Group} all
 * @param {() => Promise<Group[]>} openOthers  called where it is worth measuring
 * @param {import('./trainer.js').Trainer} trainer
 * @param {Way} way
 * @returns {Promise<number[]|null>} of all, then of the others; null where finding out would take too long
 */
async function timed(all, openOthers, { corpus, settings }, { pause, now = () => performance.now() }) {
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
  const begun = now();
  // Code is compiled at the first, which says little but that steps are long.
  if ((await take(all)) > MOST_MS) return null;
  const usual = await take(all);
  const minutes = Number(settings.max_minutes) || Number.POSITIVE_INFINITY;
  const most = Math.min(MOST_MS, SHARE * Math.min(Number(settings.max_steps) * usual, minutes * 60_000));
  if (4 * usual > most) return null;
  const groups = [all, ...(await openOthers())];
  for (const other of groups.slice(1)) await take(other);
  const best = groups.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS && (round === 0 || now() - begun < most); round++) {
    const limit = MUCH * Math.min(...best);
    for (const [i, group] of groups.entries())
      if (round === 0 || best[i] <= limit) best[i] = Math.min(best[i], await take(group));
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
  if (all === 1 || trainer.step > 0 || Number(settings.max_steps) < LEAST_STEPS) return null;
  const key = keyOf(settings, all);
  const known = found.get(key);
  if (known?.workers === all) return known;
  /** @type {Group[]} */
  const others = [];
  /** @param {number[]} counts */
  const open = async (counts) => {
    for (const count of counts) {
      const other = await way.open(count);
      others.push(other);
      other.restore(good.state);
    }
    return others;
  };
  try {
    let choice = known;
    if (choice) await open([choice.workers]);
    else {
      const best = await timed(group, () => open(all > 2 ? [Math.ceil(all / 2), 1] : [1]), trainer, way);
      group.restore(good.state);
      if (!best) return null;
      const speeds = [group, ...others].map(({ workers }, i) => ({ workers, speed: 1000 / best[i] }));
      const [most, ...fewer] = speeds;
      const fastest = fewer.reduce((a, b) => (b.speed > a.speed ? b : a));
      choice = { workers: (fastest.speed > CLEARLY * most.speed ? fastest : most).workers, all, speeds };
      found.set(key, choice);
    }
    const chosen = others.find(({ workers }) => workers === choice.workers);
    if (chosen) {
      chosen.restore(good.state);
      group.become(chosen);
      others.splice(others.indexOf(chosen), 1);
      settings.workers = choice.workers;
    }
    return choice;
  } catch (error) {
    // What the first step that counts will say, if it is so.
    if (!(error instanceof CoreError && error.code === 'not_finite')) throw error;
    group.restore(good.state);
    return null;
  } finally {
    for (const other of others) other.close();
  }
}
