/**
 * When training ends: after a number of steps or minutes, when evaluations stop improving, when a target is reached.
 * Steps, progress and target follow from what training computed, so a resumed run ends where an uninterrupted one does;
 * minutes depend on the machine.
 */

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./protocol.js').StopReason} StopReason */

/**
 * What the rules remember, as it is kept in resumable checkpoints.
 * @typedef {object} Memory
 * @property {number|null} best  lowest bits per byte (decoder) of an evaluation, null before the first
 * @property {number} stale      evaluations since then
 * @property {number} counted    step of the last evaluation that counted, −1 before the first
 */

/** Why training may end. @type {readonly StopReason[]} */
const REASONS = ['steps', 'minutes', 'no_progress', 'target', 'stopped'];

/** @param {unknown} raw  from storage or a file @returns {StopReason|null} null where it is none */
export const readReason = (raw) => REASONS.find((reason) => reason === raw) ?? null;

/** @type {Readonly<Memory>} */
const BLANK = Object.freeze({ best: null, stale: 0, counted: -1 });

/** @param {unknown} x */
const whole = (x) => Number.isInteger(x) && Number(x) >= 0 && Number(x) < 2 ** 31;

/**
 * @param {unknown} raw  from a file
 * @returns {Memory|null} null where it is none
 */
export function readMemory(raw) {
  if (typeof raw !== 'object' || raw === null) return null;
  const { best, stale, counted } = /** @type {Record<string, unknown>} */ (raw);
  const known = best === null || (typeof best === 'number' && Number.isFinite(best));
  if (!known || !whole(stale) || !(whole(counted) || counted === -1)) return null;
  return { best, stale: Number(stale), counted: Number(counted) };
}

/**
 * Whether an evaluation is due at a step although its turn has not come: at powers of two before the first regular one.
 * @param {number} step
 * @param {Settings} settings
 * @returns {boolean}
 */
const early = (step, { eval_early, eval_every }) =>
  eval_early === true && step > 0 && step < Number(eval_every) && Number.isInteger(Math.log2(step));

/**
 * Evaluations that are due from the first step to another.
 * @param {number} step
 * @param {Settings} settings
 * @returns {number}
 */
export function evaluationsUpTo(step, settings) {
  const every = settings.eval_every;
  if (every === 0 || step < 1) return 0;
  const before = Math.min(step, every - 1);
  const early = settings.eval_early === true && before > 0 ? Math.floor(Math.log2(before)) + 1 : 0;
  return Math.floor(step / every) + early;
}

/** The rules that may end training early, and what they remember. */
export class StopRules {
  /** @param {Memory|null} [memory] */
  constructor(memory = null) {
    /** @type {Memory} */
    this.memory = { ...(memory ?? BLANK) };
  }

  /**
   * Whether an evaluation is due at a step and has not been counted yet.
   * @param {number} step
   * @param {Settings} settings
   * @returns {boolean}
   */
  isDue(step, settings) {
    const every = settings.eval_every;
    const due = every > 0 && (step % every === 0 || early(step, settings));
    return due && step > this.memory.counted;
  }

  /**
   * Counts an evaluation, each step's once, and only those that are due anyway: asking for more changes nothing. An early
   * one without progress does not count for patience.
   * @param {number} step
   * @param {number|null} bitsPerByte  null where nothing is held out
   * @param {Settings} settings
   */
  count(step, bitsPerByte, settings) {
    if (!this.isDue(step, settings)) return;
    this.memory.counted = step;
    if (bitsPerByte === null) return;
    if (this.memory.best === null || bitsPerByte < this.memory.best) {
      this.memory.best = bitsPerByte;
      this.memory.stale = 0;
    } else if (!early(step, settings)) this.memory.stale++;
  }

  /** Starts counting anew, when training goes on although a rule had ended it. */
  startOver() {
    this.memory = { ...BLANK, counted: this.memory.counted };
  }

  /**
   * @param {{step: number, elapsedMs: number}} place  steps made, and the work they took
   * @param {Settings} settings
   * @returns {StopReason|null} why training ends now
   */
  reason({ step, elapsedMs }, settings) {
    const { best, stale } = this.memory;
    const { target_bpb: target, patience, max_minutes: minutes } = settings;
    if (step >= settings.max_steps) return 'steps';
    if (target > 0 && best !== null && best <= target) return 'target';
    if (patience > 0 && stale >= patience) return 'no_progress';
    if (minutes > 0 && elapsedMs >= minutes * 60_000) return 'minutes';
    return null;
  }
}

/**
 * Why training ended, for a sentence.
 * @param {StopReason} reason
 * @param {Settings} settings
 * @returns {string}
 */
export function reasonText(reason, settings) {
  const { patience, target_bpb, max_minutes } = settings;
  switch (reason) {
    case 'steps':
      return 'all steps made';
    case 'target':
      return `the target of ${target_bpb} bits per byte is reached`;
    case 'no_progress':
      return `no progress for ${patience} evaluation${patience === 1 ? '' : 's'}`;
    case 'minutes':
      return `the time limit of ${max_minutes} minute${max_minutes === 1 ? '' : 's'} is reached`;
    case 'stopped':
      return 'stopped by hand';
  }
}
