/** What the reader does with runs: go on, name, compare, copy, delete and take back, export. */
import { fileNameOf, isolated } from '../../../wasm/files/formats/names.js';
import { emptyDatabase } from '../../storage/database.js';
import { csv, jsonLines, tensorBoard } from './export.js';
import { savingProblem } from './problems.js';
import { counterpartName, counterpartSettings, freeName } from './record.js';
import { askForText, findText } from './reopening.js';
import { createSessionActions } from './session.js';
import { KEEP_TEXTS, remember, STAY_AWAKE } from './signals.js';

/** @typedef {import('./record.js').Run} Run */

/**
 * @typedef {object} Tools
 * @property {import('./shelf.js').Shelf} shelf
 * @property {import('./keeper.js').Keeper} keeper
 * @property {import('./reopening.js').Opening} opening
 * @property {import('./runs.js').Parts} parts
 * @property {import('./runs.js').Take} take
 * @property {() => void} announce
 * @property {(run: Run) => void} show
 * @property {() => Promise<void>} keepOpenText
 * @property {() => Promise<unknown>} refresh
 * @property {() => Promise<void>} recover
 */

/** @param {import('../store.js').Store} store @param {Tools} tools */
export function createRunActions(store, tools) {
  const { shelf, keeper, opening, parts, take, announce, show, keepOpenText, refresh, recover } = tools;
  const { runs } = store;
  const utf8 = new TextEncoder();

  /** @param {string} id */
  const find = (id) => runs.list.value.find((run) => run.id === id);

  /** The last of the pending changes: each takes its run for a moment, so the next one waits. */
  let editing = Promise.resolve(false);

  /**
   * Changes what the reader says about a run, after all earlier changes.
   * @param {string} id
   * @param {Partial<Run>} changes
   * @returns {Promise<boolean>} whether it is kept
   */
  function edit(id, changes) {
    const before = editing.catch(() => {});
    editing = before.then(() => change(id, changes));
    return editing;
  }

  /** @param {string} id @param {Partial<Run>} changes @returns {Promise<boolean>} */
  async function change(id, changes) {
    const open = keeper.open;
    const mine = open?.run.id === id;
    keeper.amend(id, changes);
    const taken = mine ? { run: open.run, release: () => {} } : await take(id);
    if (!taken) return false;
    try {
      // One that is not there yet is written with all that was decided until then.
      const kept = mine && !open.added ? open.run : await shelf.change(id, changes);
      show(mine ? open.run : kept);
      return true;
    } catch (error) {
      runs.problem.value = savingProblem(error, 'that change is');
      return false;
    } finally {
      taken.release();
      announce();
    }
  }

  /** Opens a run as its last change left it. @param {string} id @param {boolean} train */
  async function openEdited(id, train) {
    await editing.catch(() => {});
    await opening.openAgain(id, train);
  }

  /** Forgets for good what was deleted before. */
  async function forgetDeleted() {
    const former = runs.deleted.value;
    runs.deleted.value = null;
    if (former) await shelf.remove([former.id]).catch(() => {});
    await shelf.dropTexts(runs.list.value.map(({ text }) => text.digest)).catch(() => {});
  }

  /** A run's text; tells the reader where it is missing. @param {Run} run */
  async function textFor(run) {
    const text = await findText(run, store, shelf, parts.fetchSample);
    if (!text)
      store.notice.value = {
        kind: 'note',
        message: askForText(run).replace(', and the run goes on', ' first'),
        reason: 'no_text',
      };
    return text;
  }

  /** @param {string} id */
  const pointsOf = async (id) => (keeper.open?.run.id === id ? keeper.open.points : shelf.points(id));

  return {
    ...createSessionActions(store, { ...tools, find, pointsOf }),
    pointsOf,

    /** Trains on where a run was left. @param {string} id */
    goOn(id) {
      parts.unlessUnsaved('Go on with the other run', () => openEdited(id, true));
    },
    /** Opens a run's weights and curves, without training. @param {string} id */
    open(id) {
      parts.unlessUnsaved('Open the other run', () => openEdited(id, false));
    },
    /** Does not offer this run again. */
    async setAside() {
      const offer = runs.offer.value;
      runs.offer.value = null;
      if (offer) await edit(offer.id, { aside: true, state: 'paused' });
    },
    /** @param {string} id @param {string} name */
    rename(id, name) {
      const others = runs.list.value.filter((run) => run.id !== id);
      const wanted = name.trim().slice(0, 120);
      return wanted === '' ? Promise.resolve(false) : edit(id, { name: freeName(wanted, others) });
    },
    /** @param {string} id @param {string} notes */
    setNotes: (id, notes) => edit(id, { notes }),

    /** Puts a run's settings and text into the form, to be changed before the next start. @param {string} id */
    async duplicate(id) {
      const run = find(id);
      if (!run) return;
      const text = await findText(run, store, shelf, parts.fetchSample);
      store.invalid.value = {};
      store.settings.value = { ...run.wanted };
      store.continueWeights.value = false;
      if (text && text !== store.text.value) store.nextText.value = text;
      const missing = text
        ? ''
        : ` Open its text, “${isolated(run.text.name)}”, as well: this browser did not keep it.`;
      store.notice.value = {
        kind: 'note',
        message: `The settings of “${isolated(run.name)}” are in the form: change what you like, then press Start training.${missing}`,
        reason: 'settings_taken',
      };
    },

    /** Trains the other model from fresh weights, with the same data, seed and settings. @param {string} id */
    async trainCounterpart(id) {
      const run = find(id);
      const text = run && (await textFor(run));
      if (!run || !text) return;
      const wanted = counterpartSettings(run);
      parts.unlessUnsaved('Train the counterpart', () => {
        store.invalid.value = {};
        store.settings.value = wanted;
        store.nextText.value = text === store.text.value ? null : text;
        const name = freeName(counterpartName(run.name, wanted), runs.list.value);
        parts.startRun({ name, counterpart: id });
      });
    },

    /** @param {string} id */
    async remove(id) {
      const run = find(id);
      if (!run) return;
      await forgetDeleted();
      if (keeper.open?.run.id === id) {
        // What is on its way is written first: there is nothing to delete before that.
        await keeper.settle();
        await keeper.leave();
        // The reader does not want it: nothing to warn of.
        store.savedStep.value = store.step.value;
      }
      if (await edit(id, { deleted: true })) runs.deleted.value = find(id) ? null : { ...run, deleted: true };
    },
    async undoRemove() {
      const run = runs.deleted.value;
      runs.deleted.value = null;
      if (run) await edit(run.id, { deleted: false });
    },
    forgetDeleted,

    /** @param {string} id @param {'jsonl'|'csv'|'tensorboard'|'weights'} kind */
    async exportRun(id, kind) {
      // The weights as they are now, not as they were kept some seconds ago.
      if (kind === 'weights' && keeper.open?.run.id === id) await keeper.save();
      const run = find(id);
      if (!run) return;
      const name = fileNameOf(run.name);
      if (kind === 'weights') {
        const found = await shelf.weights(run);
        if (found) parts.download(found.bytes, `${name}.safetensors`);
        else
          store.notice.value = {
            kind: 'problem',
            message: `No weights of “${isolated(run.name)}” are kept.`,
            reason: 'no_weights',
          };
        return;
      }
      const points = await pointsOf(id);
      if (kind === 'tensorboard') {
        const file = tensorBoard(run, points);
        parts.download(file.bytes, file.name);
      } else parts.download(utf8.encode((kind === 'csv' ? csv : jsonLines)(run, points)), `${name}.${kind}`);
    },

    /** @param {boolean} yes */
    async setKeepTexts(yes) {
      runs.keepTexts.value = yes;
      remember(KEEP_TEXTS, yes);
      if (yes) await keepOpenText();
      else await shelf.dropTexts().catch(() => {});
    },
    /** @param {boolean} yes */
    setStayAwake(yes) {
      runs.stayAwake.value = yes;
      remember(STAY_AWAKE, yes);
    },
    /** Tries again to keep what could not be kept. */
    keepAgain: () => recover(),
    /** Throws away what can't be opened, then loads the page anew. */
    async emptyStorage() {
      await emptyDatabase();
      location.reload();
    },
    /** Forgets records that can't be made sense of. */
    async dropDamaged() {
      await shelf.remove(runs.damaged.value);
      runs.damaged.value = [];
      await refresh();
    },
  };
}
