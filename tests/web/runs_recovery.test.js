import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { openingProblem, savingProblem } from '../../web/state/runs/problems.js';
import { createRecovery } from '../../web/state/runs/recovery.js';
import { createStore } from '../../web/state/store.js';
import { LostError } from '../../web/storage/database.js';
import { run } from './support/runs.js';

/**
 * A page with runs in its list, the first of them open, and storage that has some of them.
 * @param {number} listed
 * @param {{left?: number[], open?: boolean, failure?: Error|null, losses?: number}} [what]  `left`: those still there; `failure`:
 *   the error on opening; `losses`: how often the storage goes away again meanwhile
 */
async function recovered(listed, { left = [], open = true, failure = null, losses = 0 } = {}) {
  const store = createStore({ settings: defaults(), theme: 'light' });
  const all = Array.from({ length: listed }, (_, i) => run({ id: `run-${i}`, name: `run ${i}` }));
  store.runs.list.value = all;
  const saved = { runs: 0, texts: 0 };
  const keeper = {
    open: open ? { run: all[0], added: true } : null,
    rewritten: 0,
    async save() {
      saved.runs++;
      if (open && !left.includes(0)) keeper.rewritten++;
    },
  };
  const recover = createRecovery(store, {
    keeper: /** @type {any} */ (keeper),
    refresh: async () => {
      if (failure) throw failure;
      return { all: all.filter((_, i) => left.includes(i)) };
    },
    async keepOpenText() {
      saved.texts++;
      if (saved.texts <= losses) recover(true);
    },
  });
  await Promise.all([recover(true), recover()]);
  const { reason = '', fields } = store.notice.value ?? {};
  return { saved, notice: reason, fields, problem: store.runs.problem.value?.reason ?? '' };
}

test('the open run is written again with its text, and runs lost with the storage are reported', async () => {
  const { saved, problem, notice } = await recovered(3);
  assert.deepEqual([saved, problem, notice], [{ runs: 1, texts: 1 }, '', 'deleted']);
  assert.deepEqual((await recovered(3)).fields, { gone: 2, mine: true });
  assert.deepEqual((await recovered(2, { left: [0] })).fields, { gone: 1, mine: false });
  assert.deepEqual((await recovered(1)).fields, { gone: 0, mine: true });
  assert.deepEqual((await recovered(2, { open: false })).fields, { gone: 2, mine: false });
});

test('storage that is lost again meanwhile is opened once more', async () => {
  assert.deepEqual((await recovered(1, { losses: 2 })).saved, { runs: 3, texts: 3 });
});

test('storage that was only closed is reopened silently', async () => {
  assert.equal((await recovered(2, { left: [0, 1] })).notice, '');
});

test('storage that can’t be opened again is reported, with what to do', async () => {
  const { notice, problem } = await recovered(2, { failure: new LostError(null) });
  assert.equal(notice, '');
  assert.equal(problem, 'lost');
  assert.equal(savingProblem(new LostError(null), 'it is').cure, 'again');
});

test('storage of a newer version of the page is not called damaged', () => {
  const problem = openingProblem(new DOMException('old', 'VersionError'));
  assert.equal(problem.reason, 'newer');
  assert.equal(problem.cure, undefined);
});
