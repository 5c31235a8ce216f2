/** What is said of kept runs and of comparisons. Where a name stands in a list of parts, it may be text or an element. */
import { isolated } from '../../../wasm/files/formats/names.js';
import { modelName } from '../../format/model_names.js';
import { duration, fixed, integer } from '../../format/numbers.js';

/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */

export const NO_RUNS =
  'There are no runs yet. Press Start training above: its curves, figures and weights are kept here.';

/** How safe kept runs are, by whether the browser promised to keep them. */
export const PROMISES = Object.freeze({
  given: 'This browser promised to keep your runs until you delete them or its data. A file is safe from that too.',
  lacking:
    'This browser keeps your runs, but has not promised to: when it runs out of room, or after some weeks without a visit, it may delete them all at once. A file is safe.',
});

/**
 * Up to where the open run is kept.
 * @template T
 * @param {{name: T, step: number, at: string}} kept  `at`: a time of day
 * @returns {(T|string)[]}
 */
export const keptUpTo = ({ name, step, at }) => [
  'Kept in this browser as ',
  name,
  `: step ${integer(step)}, at ${at}.`,
];

/**
 * A run that can go on.
 * @template T
 * @param {{name: T, text: T, step: number, steps: number, at: string}} offer  `at`: a date
 * @returns {(T|string)[]}
 */
export const canGoOn = ({ name, text, step, steps, at }) => [
  name,
  ' was trained on ',
  text,
  ` up to step ${integer(step)} of ${integer(steps)}, kept on ${at}. It goes on exactly where it was.`,
];

/**
 * A comparison that can go on.
 * @template T
 * @param {{settings: number, done: number, trainings: number, linked: (text: string) => T}} cut  `linked`: makes a link
 * @returns {(T|string)[]}
 */
export const comparisonCanGoOn = ({ settings, done, trainings, linked }) => [
  'The ',
  linked('comparison'),
  ` of ${integer(settings)} settings waits: ${integer(done)} of ${integer(trainings)} trainings are done. It goes on exactly where it was.`,
];

/** Runs that another tab has open. @param {readonly string[]} names @returns {string} */
export const openElsewhere = (names) =>
  `Another tab of this page has ${names.map((name) => `“${isolated(name)}”`).join(', ')} open. What it trains is safe from this one: here it can be looked at, not changed.`;

/**
 * What a run began from that did not begin from fresh weights.
 * @template T
 * @param {{name: T, firstStep: number}} from
 * @returns {(T|string)[]}
 */
export const beganFrom = ({ name, firstStep }) => [
  'It began from “',
  name,
  `”, the model beside it begins from fresh weights: same text, seed and number of steps, but without the ${firstStep > 0 ? `${integer(firstStep)} steps` : 'training'} that those weights had.`,
];

/** @param {string} name @param {string} from @returns {string} */
export const notFresh = (name, from) =>
  `“${isolated(name)}” did not begin from fresh weights, but from “${isolated(from)}”.`;

/** Which of two runs is better, in bits a byte. @type {Readonly<Record<'this'|'other'|'neither', (by: number) => string>>} */
export const BETTER = Object.freeze({
  this: (by) => `This one is better by ${fixed(by, 3)}.`,
  other: (by) => `This one is worse by ${fixed(by, 3)}.`,
  neither: () => 'Neither is better.',
});

/**
 * What a run came to beside its counterpart.
 * @template T, B
 * @param {object} pair
 * @param {T} pair.name  of the other
 * @param {number|null} pair.parameters  of both; null where they have different ones
 * @param {{decoderBpb: number, step: number}} pair.mine
 * @param {{decoderBpb: number, step: number}} pair.its
 * @param {(text: string) => B} pair.strong  sets a text in bold
 * @returns {(T|B|string)[]}
 */
export const besideOther = ({ name, parameters, mine, its, strong }) => [
  'Beside “',
  name,
  `”, ${parameters === null ? 'of another size' : `with the same ${integer(parameters)} parameters`}, the same text and seed: `,
  strong(fixed(mine.decoderBpb, 3)),
  ` bits per byte at step ${integer(mine.step)} against `,
  strong(fixed(its.decoderBpb, 3)),
  ` at step ${integer(its.step)}.`,
];

/** Settings as the list of a comparison calls them, unless they have a name. @param {Settings} settings @returns {string} */
export function settingsName(settings) {
  const kind = modelName(settings);
  const what =
    settings.model_type === 'adaptive'
      ? `Hierarchy of ${settings.num_levels} levels`
      : kind.charAt(0).toUpperCase() + kind.slice(1);
  return `${what}, ${settings.hidden_size} wide`;
}

/** @param {string} name  of the settings @param {number} seed @param {string} problem @returns {string} */
export const ofTraining = (name, seed, problem) => `“${isolated(name)}”, seed ${seed}: ${problem}`;

/** What a comparison that is not over does. @type {Readonly<Record<'training'|'paused'|'cut', string>>} */
const DOES = Object.freeze({ training: 'training', paused: 'paused in', cut: 'next' });

/**
 * How far a comparison is.
 * @template T
 * @param {object} progress
 * @param {'training'|'paused'|'cut'} progress.phase
 * @param {boolean} progress.elsewhere  whether another tab trains it
 * @param {number} progress.over   trainings that are over
 * @param {number} progress.trainings
 * @param {{name: T, seed: number}|null} progress.job  the training that is under way, or comes next
 * @param {number} progress.left   milliseconds; NaN where that is not known
 * @returns {(T|string)[]}
 */
export const comparisonProgress = ({ phase, elsewhere, over, trainings, job, left }) => [
  phase === 'cut' ? (elsewhere ? 'Another tab trains it: ' : 'It waits: ') : '',
  `${integer(over)} of ${integer(trainings)} done`,
  ...(job ? [`, ${DOES[phase]} `, job.name, `, seed ${job.seed}`] : []),
  `.${Number.isFinite(left) ? ` About ${duration(left)} left.` : ''}`,
];
