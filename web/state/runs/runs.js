/** Runs in the browser: what ties storage, the current run and the reader's actions together. */

import { CHANGEABLE } from '../../../wasm/engine/settings.js';
import { isolated } from '../../../wasm/files/formats/names.js';
import { openDatabase } from '../../storage/database.js';
import { createLocks } from '../../storage/locks.js';
import { memoryDatabase } from '../../storage/memory.js';
import { createRunActions } from './actions.js';
import { stayAwake } from './awake.js';
import { createComparing } from './comparing.js';
import { createKeeper } from './keeper.js';
import { emptyPoints } from './points.js';
import { NO_STORAGE, openingProblem, savingProblem } from './problems.js';
import { seekPromise } from './promise.js';
import { defaultName, newId, newRun } from './record.js';
import { createRecovery } from './recovery.js';
import { createOpening, identityOf, textIdentity } from './reopening.js';
import { createShelf } from './shelf.js';

/** @typedef {import('../store.js').Store} Store */
/** @typedef {import('../client.js').Client} Client */
/** @typedef {import('./record.js').Run} Run */
/** @typedef {import('./points.js').Points} Points */
/** @typedef {import('../../storage/locks.js').Locks} Locks */

/** What is opened again. @typedef {{run: Run, points: Points, checkpoint: Uint8Array|undefined, text: import('../store.js').Text}} Kept */

/**
 * @typedef {object} Parts
 * @property {(kept: Kept) => Promise<boolean>} openKept   opens a model, its text and curves; resolves with whether that
 *   went well
 * @property {() => void} train   trains what is open
 * @property {() => void} pause
 * @property {() => void} stop    ends training with a last evaluation
 * @property {(id: string) => Promise<Uint8Array>} fetchSample
 * @property {(action: string, proceed: () => void) => void} unlessUnsaved
 * @property {(bytes: Uint8Array, name: string) => void} download
 * @property {(run: {name: string, counterpart?: string}) => Promise<boolean>} startRun   starts a run of fresh weights with
 *   the settings and the text that are chosen
 * @property {(changed: (open: boolean) => void) => Promise<import('../../storage/database.js').Database>} [database]
 * @property {Locks} [locks]
 * @property {(name?: string) => import('../client.js').WorkerLike} [spawn]
 * @property {import('../../../wasm/engine/watching.js').Watch} [watch]
 */

/**
 * Makes this tab the one that may write a run; null where another tab has it open, which is shown to the reader.
 * @typedef {(id: string) => Promise<{run: Run, release: () => void}|null>} Take
 */

/** Milliseconds that a closing tab has to let go of its runs. */
const AFTER_OTHERS = 3000;

/** @param {string} id */
const lockName = (id) => `run ${id}`;

/**
 * @param {Store} store
 * @param {Client} client
 * @param {Parts} parts
 */
export async function createRuns(store, client, parts) {
  const { runs } = store;
  const locks = parts.locks ?? createLocks();
  let database;
  try {
    database = await (parts.database ?? openDatabase)((open) => recover(!open));
    runs.lasting.value = database.lasting;
    if (!database.lasting) runs.problem.value = NO_STORAGE;
  } catch (error) {
    database = memoryDatabase();
    runs.problem.value = openingProblem(error);
  }
  const shelf = createShelf(database, newId());
  const keeper = createKeeper(store, client, shelf, show);
  const others = typeof BroadcastChannel === 'function' ? new BroadcastChannel('adaptive-compressor runs') : null;

  /** Puts a run into the list as it is now. @param {Run} run */
  function show(run) {
    const rest = runs.list.value.filter(({ id }) => id !== run.id);
    const shown = run.deleted ? rest : [{ ...run }, ...rest];
    runs.list.value = shown.sort((a, b) => b.created - a.created);
  }

  /** Reads the list anew: at first, and when another tab changed it. */
  async function refresh() {
    const { runs: all, damaged } = await shelf.list();
    const open = keeper.open?.run;
    const others = all.filter(({ deleted, id }) => !deleted && id !== open?.id);
    runs.list.value = [...(open ? [{ ...open }] : []), ...others].sort((a, b) => b.created - a.created);
    runs.elsewhere.value = new Set([...(await locks.taken())].map((name) => name.replace(/^run /, '')));
    return { all, damaged };
  }

  /** Tells other tabs that the list has changed. */
  function announce() {
    others?.postMessage('changed');
  }

  /**
   * Makes this tab the one that may write a run.
   * @param {string} id
   * @returns {ReturnType<Take>}
   */
  async function take(id) {
    const free = await locks.take(lockName(id));
    const run = free && (await shelf.claim(id));
    if (free && run) {
      const release = () => {
        free();
        announce();
      };
      return { run, release };
    }
    free?.();
    await refresh();
    const name = runs.list.value.find((each) => each.id === id)?.name;
    store.notice.value = {
      kind: 'problem',
      message: name
        ? `“${isolated(name)}” is open in another tab of this page: go on there, or close that tab first.`
        : 'That run is not there any more: another tab deleted it.',
      reason: name ? 'elsewhere' : 'gone',
    };
    return null;
  }

  /** Keeps an own text, if the reader agreed. @param {import('../store.js').Text} text @param {string} digest */
  async function keepText(text, digest) {
    if (!runs.keepTexts.value || text.id || !shelf.lasting) return;
    try {
      if (!(await shelf.hasText(digest))) await shelf.keepText(digest, text);
    } catch (error) {
      runs.problem.value = savingProblem(error, 'the text is');
    }
  }

  /** Keeps the text of the current run, if the reader agreed. */
  async function keepOpenText() {
    const [text, run] = [store.text.value, keeper.open?.run];
    if (!text || !run || (await identityOf(text)) !== run.text.digest) return;
    await keepText(text, run.text.digest);
  }

  /** Training is about to begin, or to go on from what is open. @param {import('./gate.js').Beginning} beginning */
  async function begin({ wanted, going, name, counterpart }) {
    const [text, model, dataset] = [store.text.value, store.model.value, store.dataset.value];
    if (!text || !model) return;
    const identity = await textIdentity(text);
    const { digest } = identity;
    const changed = Object.fromEntries(CHANGEABLE.map((key) => [key, wanted[key]]));
    const settings = { ...model.settings, ...changed, max_steps: store.firstStep + Number(wanted.max_steps) };
    keepText(text, digest);
    const open = keeper.open?.run;
    if (going && open && open.text.digest === digest) {
      const changes = { settings, wanted, firstStep: store.firstStep };
      keeper.amend(open.id, changes);
      await shelf.change(open.id, changes).catch(() => {});
      return;
    }
    await keeper.leave();
    const run = newRun({
      name: name ?? defaultName(settings, runs.list.value),
      settings,
      wanted,
      text: identity,
      dataset: dataset && {
        trainBytes: dataset.trainBytes,
        heldOutBytes: dataset.heldOutBytes,
        gzipBpb: dataset.gzipBpb,
      },
      parameterCount: model.parameterCount,
      firstStep: store.firstStep,
      from: going ? model.name : null,
      counterpart: counterpart ?? null,
    });
    const release = (await locks.take(lockName(run.id))) ?? (() => {});
    runs.offer.value = null;
    runs.wants.value = null;
    keeper.attach({ run, points: emptyPoints(), release, added: false }, 0);
    announce();
  }

  async function lookAgain() {
    await refresh().catch(() => {});
    await comparing.look();
    opening.makeOffer(runs.list.value);
  }

  /** Reads what is kept, forgets what was deleted, and offers to go on. */
  async function first() {
    const { all, damaged } = await refresh();
    const gone = all.filter(({ id, deleted }) => deleted && !runs.elsewhere.value.has(id)).map(({ id }) => id);
    if (gone.length > 0) await shelf.remove(gone);
    if (damaged.length > 0) runs.damaged.value = damaged;
    await comparing.look();
    opening.makeOffer(runs.list.value);
    // The page before a reload may take a moment to go.
    if (runs.elsewhere.value.size > 0) setTimeout(lookAgain, AFTER_OTHERS);
  }

  const opening = createOpening(store, { shelf, keeper, parts, take, announce });
  const comparing = createComparing(store, client, { keeper, shelf, opening, parts, locks });
  const recover = createRecovery(store, { keeper, refresh, keepOpenText });
  const tools = { shelf, keeper, opening, parts, take, announce, show, keepOpenText, refresh, recover };
  const actions = createRunActions(store, tools);
  if (others) others.onmessage = () => refresh().catch(() => {});
  if (globalThis.document) {
    window.addEventListener('storage', comparing.look);
    stayAwake(store);
    seekPromise(store);
    // A hidden tab may be ended without notice, and a device that slept has closed what was open.
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) (runs.problem.value?.cure === 'again' ? recover() : refresh()).catch(() => {});
      else if (store.state.value === 'training') keeper.save();
    });
  }
  await first().catch((error) => {
    runs.problem.value = openingProblem(error);
  });

  return {
    ...actions,
    comparing,
    begin,
    /** @param {import('../../../wasm/engine/protocol.js').Event} event */
    receive(event) {
      keeper.receive(event);
      comparing.receive(event);
    },
    keep: keeper.keep,
    leave: keeper.leave,
    rescue: opening.rescue,
  };
}

/** @typedef {Awaited<ReturnType<typeof createRuns>>} Runs */
