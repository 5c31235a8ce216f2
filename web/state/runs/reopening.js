/** Opens a run again, exactly where it was kept: its text, its weights, its curves. Offers it after a reload. */
import { effect } from '@preact/signals';
import { isolated } from '../../../wasm/files/formats/names.js';
import { byteSize, integer } from '../../format/numbers.js';
import { textDigest } from '../../storage/digest.js';
import { sizeOf } from '../text.js';
import { SAMPLES } from '../texts.js';
import { upTo } from './points.js';

/** @typedef {import('./record.js').Run} Run */
/** @typedef {import('./points.js').Points} Points */
/** @typedef {import('../store.js').Text} Text */

/** Digests of texts that were asked for. @type {WeakMap<Uint8Array, Promise<string>>} */
const known = new WeakMap();

/** @param {Text} text @returns {Promise<string>} */
export function identityOf({ bytes, blob }) {
  const digest = known.get(bytes) ?? textDigest(blob ?? bytes);
  known.set(bytes, digest);
  return digest;
}

/**
 * A text as runs name it.
 * @param {Text} text
 * @returns {Promise<import('./record.js').TextIdentity>}
 */
export async function textIdentity(text) {
  const { name, id, heldOut } = text;
  return { name, bytes: sizeOf(text), digest: await identityOf(text), ...(id && { id }), ...(heldOut && { heldOut }) };
}

/**
 * A run's text: the open one, a sample, or one that was kept.
 * @param {Pick<Run, 'text'>} run
 * @param {import('../store.js').Store} store
 * @param {import('./shelf.js').Shelf} shelf
 * @param {(id: string) => Promise<Uint8Array>} fetchSample
 * @returns {Promise<Text|null>} null where it is not there
 */
export async function findText({ text: { digest, name, id, heldOut } }, store, shelf, fetchSample) {
  for (const text of [store.nextText.value, store.text.value]) {
    if (text && text.heldOut === heldOut && (await identityOf(text)) === digest) return text;
  }
  /** @param {Text} text */
  const checked = async (text) => ((await identityOf(text)) === digest ? text : null);
  if (id && Object.hasOwn(SAMPLES, id)) {
    const bytes = await fetchSample(id).catch(() => null);
    const text = bytes && (await checked({ name, bytes, id }));
    if (text) return text;
  }
  const kept = await shelf.text(digest).catch(() => null);
  return kept && checked({ ...kept, ...(heldOut && { heldOut }) });
}

/**
 * What a run was when its weights were kept: what came later is to be done again.
 * @param {Run} run
 * @param {Points} all
 * @param {import('./record.js').Saved|null} saved  null for the fresh weights of its seed
 * @returns {{run: Run, points: Points}}
 */
function asKept(run, all, saved) {
  const step = saved?.step ?? run.firstStep;
  const points = upTo(all, step);
  // The latest figures may be of a step between two points of the curve.
  const train = run.train && run.train.step <= step ? run.train : (points.train.at(-1) ?? null);
  const validation = points.validation.at(-1) ?? null;
  const finished = run.state === 'finished' && step >= run.step;
  return {
    run: {
      ...run,
      saved,
      before: saved && saved === run.before ? null : run.before,
      step,
      elapsedMs: saved?.elapsedMs ?? 0,
      train,
      validation,
      samples: run.samples.filter((sample) => sample.step <= step),
      state: finished ? 'finished' : 'paused',
      aside: false,
    },
    points,
  };
}

/** @param {Run} run @returns {string} */
export function askForText({ name, text }) {
  return `“${isolated(name)}” was trained on “${isolated(text.name)}” (${byteSize(text.bytes)}), which this browser did not keep: open that file, and the run goes on.`;
}

/**
 * @param {import('../store.js').Store} store
 * @param {{shelf: import('./shelf.js').Shelf, keeper: import('./keeper.js').Keeper, parts: import('./runs.js').Parts,
 *   take: import('./runs.js').Take, announce: () => void}} tools
 */
export function createOpening(store, { shelf, keeper, parts, take, announce }) {
  const { runs } = store;

  /** @param {string} message @param {string} reason @param {'note'|'problem'} [kind] @returns {false} */
  function say(message, reason, kind = 'problem') {
    store.notice.value = { kind, message, reason };
    return false;
  }

  /**
   * @param {Omit<import('./keeper.js').Open, 'points'> & {points?: Points}} taken  default points: those that were kept
   * @param {Text} text
   * @returns {Promise<Run|null>} the run, open
   */
  async function open({ run: listed, release, added, points: all }, text) {
    const found = await shelf.weights(listed);
    if (!found && (listed.saved || listed.from !== null || listed.state === 'finished')) {
      const why = listed.saved ? 'can’t be read any more' : 'were never kept';
      say(
        `The weights of “${isolated(listed.name)}” ${why}, so it can’t go on; its curves are still here.`,
        'no_weights',
      );
      return null;
    }
    const { run, points } = asKept(listed, all ?? (await shelf.points(listed.id)), found?.saved ?? null);
    if (!(await parts.openKept({ run, points, text, checkpoint: found?.bytes }))) return null;
    const { saved, before, state, aside } = run;
    await shelf.change(run.id, { saved, before, state, aside }, { points }).catch(() => {});
    keeper.attach({ run, points, release, added }, run.step);
    if (found && found.saved !== listed.saved)
      say(
        `The newest weights of “${isolated(run.name)}” were damaged; those of step ${integer(run.step)} are open.`,
        'damaged_weights',
        'note',
      );
    return run;
  }

  /** The run as it is kept, for this tab alone. @param {string} id */
  async function mine(id) {
    if (keeper.open?.run.id === id) return keeper.detach();
    const taken = await take(id);
    return taken && { ...taken, added: true };
  }

  /**
   * @param {string} id
   * @param {boolean} train  at once
   * @returns {Promise<Run|null>} the run where it is open now
   */
  async function openAgain(id, train) {
    const listed = runs.list.value.find((run) => run.id === id);
    if (!listed) return null;
    const text = await findText(listed, store, shelf, parts.fetchSample);
    if (!text) {
      runs.wants.value = { id, train };
      say(askForText(listed), 'no_text', 'note');
      return null;
    }
    runs.wants.value = null;
    const taken = await mine(id);
    if (!taken) return null;
    const run = await open(taken, text);
    if (!run) {
      taken.release();
      return null;
    }
    runs.offer.value = null;
    announce();
    if (train) parts.train();
    return run;
  }

  // A run that waits for its text goes on when that is opened.
  effect(() => {
    const text = store.nextText.value ?? store.text.value;
    const wants = runs.wants.value;
    if (!text || !wants) return;
    identityOf(text).then((digest) => {
      const run = runs.list.value.find(({ id }) => id === wants.id);
      if (runs.wants.value === wants && run?.text.digest === digest) openAgain(wants.id, wants.train);
    });
  });

  return {
    openAgain,

    /** After a reload: offers the latest run that was not finished. @param {readonly Run[]} all */
    makeOffer(all) {
      const run = all.find(
        ({ id, state, aside, deleted, saved, from }) =>
          state !== 'finished' && !aside && !deleted && (saved || from === null) && !runs.elsewhere.value.has(id),
      );
      if (!run || runs.current.value !== null) return;
      const { id, name, text, saved, firstStep, settings } = run;
      const [step, at] = [saved?.step ?? firstStep, saved?.at ?? run.created];
      runs.offer.value = { id, name, text: text.name, step, steps: settings.max_steps, at };
      store.announcement.value = `“${isolated(name)}” can go on from step ${integer(step)}.`;
    },

    /**
     * The worker died with a run: opens what was kept of it, in another.
     * @returns {Promise<Run|null>} null where there is none, or it can't be opened; it is then still the current one
     */
    async rescue() {
      // What is just being written may be the newest there is.
      await keeper.settle();
      const dead = keeper.detach();
      if (!dead) return null;
      const text = await findText(dead.run, store, shelf, parts.fetchSample);
      if (!text) {
        runs.wants.value = { id: dead.run.id, train: store.intent === 'train' };
        say(askForText(dead.run), 'no_text', 'note');
      }
      const run = text && (await open(dead, text));
      if (!run) keeper.attach(dead, dead.run.saved?.step ?? 0);
      announce();
      return run;
    },
  };
}

/** @typedef {ReturnType<typeof createOpening>} Opening */
