/**
 * Storage that goes away while the page is open: its data are cleared, another tab deletes it, the browser closes it
 * while the device sleeps. It is opened again, and what this tab has open is written once more, all of it.
 */
import { isolated } from '../../../wasm/files/formats/names.js';
import { count } from '../../format/numbers.js';
import { savingProblem } from './problems.js';

/**
 * @param {import('../store.js').Store} store
 * @param {{keeper: import('./keeper.js').Keeper, refresh: () => Promise<{all: import('./record.js').Run[]}>,
 *   keepOpenText: () => Promise<void>}} parts
 * @returns {(lost?: boolean) => Promise<void>} tries to keep all again; what can't be kept is reported. `lost`: as the storage
 *   was closed
 */
export function createRecovery(store, { keeper, refresh, keepOpenText }) {
  const { runs } = store;
  let [busy, again] = [false, false];

  /** @param {readonly string[]} before  ids of the runs that were in the list */
  async function recover(before) {
    const { rewritten } = keeper;
    const { all } = await refresh();
    runs.problem.value = null;
    await keeper.save();
    await keepOpenText();
    if (runs.problem.value) return;
    const open = keeper.open?.run;
    const gone = before.filter((id) => id !== open?.id && !all.some((run) => run.id === id)).length;
    const mine =
      open && keeper.rewritten > rewritten ? ` “${isolated(open.name)}” is open here, and is kept again, whole.` : '';
    if (gone === 0 && mine === '') return;
    const others = gone > 0 ? ` ${count(gone, mine === '' ? 'run' : 'other run')} went with it.` : '';
    store.notice.value = {
      kind: 'problem',
      message: `What this browser had kept for this page was deleted.${others}${mine}`,
      reason: 'deleted',
      fields: { gone, mine: mine !== '' },
    };
  }

  return async (lost = false) => {
    if (busy) {
      again ||= lost;
      return;
    }
    busy = true;
    try {
      // A failure is reported; it is no reason to begin again at once.
      do {
        again = false;
        await recover(runs.list.value.map(({ id }) => id));
      } while (again && !runs.problem.value);
    } catch (error) {
      runs.problem.value = savingProblem(error, 'what you train is');
    } finally {
      busy = false;
    }
  };
}
