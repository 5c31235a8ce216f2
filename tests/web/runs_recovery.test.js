import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { openingProblem, savingProblem } from '../../web/state/runs/problems.js';
import { createRecovery } from '../../web/state/runs/recovery.js';
import { createStore } from '../../web/state/store.js';
import { LostError } from '../../web/storage/database.js';
import { run } from './support/runs.js';

/**
 * A page with runs in its list, of which the first is open, and storage that has some of them.
 * @param {number} listed
 * @param {{left?: number[], open?: boolean, failure?: Error|null, losses?: number}} [what]  `left`: which are still there; `failure`:
 *   what opening ends with; `losses`: how often the storage goes away again meanwhile
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
  return { saved, notice: store.notice.value?.message ?? '', problem: store.runs.problem.value?.message ?? '' };
}

test('what is open is written again with its text, and what went with the storage is reported', async () => {
  const { saved, notice, problem } = await recovered(3);
  assert.deepEqual([saved, problem], [{ runs: 1, texts: 1 }, '']);
  assert.equal(
    notice,
    'What this browser had kept for this page was deleted. 2 other runs went with it. “run 0” is open here, and is kept again, whole.',
  );
  assert.match((await recovered(2, { left: [0] })).notice, /deleted\. 1 run went with it\.$/);
  assert.match((await recovered(1)).notice, /deleted\. “run 0” is open here/);
  assert.match((await recovered(2, { open: false })).notice, /deleted\. 2 runs went with it\.$/);
});

test('storage that goes away again meanwhile is opened once more', async () => {
  assert.deepEqual((await recovered(1, { losses: 2 })).saved, { runs: 3, texts: 3 });
});

test('storage that was only closed is opened again without a word', async () => {
  assert.equal((await recovered(2, { left: [0, 1] })).notice, '');
});

test('storage that can’t be opened again is reported, with what to do', async () => {
  const { notice, problem } = await recovered(2, { failure: new LostError(null) });
  assert.equal(notice, '');
  assert.match(problem, /took this page’s storage away.*Training goes on.*attempts to open it.*download/);
  assert.equal(savingProblem(new LostError(null), 'it is').cure, 'again');
});

test('storage of a newer version of the page is not called damaged', () => {
  const problem = openingProblem(new DOMException('old', 'VersionError'));
  assert.match(problem.message, /newer version of this page.*reload/);
  assert.equal(problem.cure, undefined);
});
