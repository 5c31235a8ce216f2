/** Files on their way to a text, with a fake worker: what waits for a choice, what is given up, what stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { createIntake, leftOut, mustChoose, nameOf } from '../../web/state/intake.js';
import { createStore } from '../../web/state/store.js';
import { blobOf, handedOver, KEPT, sizeOf, textOfBlob, wholeOf } from '../../web/state/text.js';
import { createTextActions, PASTED } from '../../web/state/texts.js';
import { TextError } from '../../web/state/texts_worker.js';
import { heldOutStart, passageOf } from '../../web/state/tracing.js';
import { when } from '../../web/state/waiting.js';
import { utf8 } from './traces.js';

/** @typedef {import('../../wasm/engine/protocol.js').FoundTexts} FoundTexts */

const newStore = () => createStore({ settings: defaults(), theme: 'light' });
const blob = (/** @type {string} */ text) => new Blob([text]);
/** @param {string} name @param {string} [text] */
const file = (name, text = 'x') => ({ name, file: new File([text], name) });

/** @param {Partial<FoundTexts>} [changes] @returns {FoundTexts} */
const found = (changes) => ({
  files: [{ name: 'a.txt', bytes: 1, kind: 'text', encoding: 'utf-8', mark: 0 }],
  left: [],
  fields: [],
  field: null,
  delimiter: null,
  whole: false,
  ...changes,
});

/** A store, and an intake whose workers give the answers in `answers`. @param {Record<string, any>} answers */
function withIntake(answers) {
  const store = newStore();
  /** @type {any[]} */
  const asked = [];
  /** @type {import('../../web/state/text.js').Text[]} */
  const used = [];
  /** @type {string[]} */
  const refused = [];
  let [ended, latest] = [0, 0];
  const intake = createIntake(
    store,
    {
      async use(text) {
        used.push(text);
      },
      refuse: (message) => refused.push(message),
      begin() {
        const mine = ++latest;
        return () => mine === latest;
      },
    },
    () => ({
      /** @param {any} command */
      async ask(command) {
        asked.push(command);
        const answer = await answers[command.type];
        if (answer instanceof Error) throw answer;
        return answer;
      },
      end() {
        ended++;
      },
    }),
  );
  return { store, intake, asked, used, refused, ended: () => ended };
}

test('plain text is used at once, under a name for all its files', async () => {
  const { store, intake, used, ended } = withIntake({ inspect: { found: found() }, take: { text: blob('text') } });
  await intake.open([file('a.txt'), file('b.txt')]);
  assert.equal(used[0].name, 'a.txt and 1 other file');
  assert.deepEqual(used[0].bytes, utf8('text'));
  assert.equal(store.loadingText.value, null);
  assert.equal(ended(), 1, 'the worker is not kept');
});

test('files that can be read in several ways wait for a choice, with a preview', async () => {
  const several = found({ fields: ['title', 'text'], field: 'text' });
  const answers = { inspect: { found: several }, preview: { text: 'First' }, take: { text: blob('all') } };
  const { store, intake, asked, used } = withIntake(answers);
  await intake.open([file('a.jsonl')]);
  assert.equal(used.length, 0);
  assert.deepEqual(store.intake.value?.choice, { field: 'text', encoding: 'detected' });
  assert.equal(store.intake.value?.preview, 'First');
  await intake.choose({ field: 'title' });
  assert.deepEqual(asked.at(-1), { type: 'preview', choice: { field: 'title', encoding: 'detected' } });
  await intake.accept();
  assert.equal(used.length, 1);
  assert.equal(store.intake.value, null);
});

test('a refused file is reported in one sentence, and nothing else changes', async () => {
  const { store, intake, used, refused } = withIntake({
    inspect: new TextError('a.gz is damaged.', 'damaged_packing'),
  });
  await intake.open([file('a.gz')]);
  assert.deepEqual(refused, ['a.gz is damaged.']);
  assert.equal(used.length, 0);
  assert.equal(store.loadingText.value, null);
});

test('a reading that was cancelled, or overtaken by another choice, is not used', async () => {
  /** @type {(answer: any) => void} */
  let answer = () => {};
  const inspect = new Promise((resolve) => {
    answer = resolve;
  });
  const { store, intake, used, refused } = withIntake({ inspect, take: { text: blob('late') } });
  const opened = intake.open([file('a.txt')]);
  assert.equal(store.loadingText.value, 'a.txt');
  intake.cancel();
  assert.equal(store.loadingText.value, null);
  answer({ found: found() });
  await opened;
  assert.deepEqual([used.length, refused.length], [0, 0]);
});

test('files have a name together, and those left out are named', () => {
  assert.equal(nameOf([file('a.txt')]), 'a.txt');
  assert.equal(nameOf([file('books/a.txt'), file('books/more/b.txt')]), 'books');
  assert.equal(nameOf([file('a.txt'), file('b.txt'), file('c.txt')]), 'a.txt and 2 other files');
  assert.equal(leftOut(found()), null);
  assert.equal(
    leftOut(found({ left: [{ name: 'p.png', why: 'p.png is a PNG picture, so it is left out.', reason: 'binary' }] })),
    '1 file of 2 was left out. p.png is a PNG picture, so it is left out.',
  );
  assert.equal(mustChoose(found()), false);
  assert.equal(mustChoose(found({ fields: ['text'], field: 'text' })), false);
  assert.equal(mustChoose(found({ fields: ['text'], field: 'text', whole: true })), true);
});

test('the page keeps only the end of a long text, and passes the whole on as a Blob', async () => {
  const short = await textOfBlob('short', blob('short'));
  assert.equal(short.blob, undefined);
  assert.deepEqual([sizeOf(short), handedOver(short)[0]], [5, utf8('short')]);
  const long = new Blob([new Uint8Array(KEPT).fill(97), 'the very end']);
  const text = await textOfBlob('long', long, { heldOut: 20 });
  assert.deepEqual([text.offset, text.bytes.length, sizeOf(text)], [12, KEPT, KEPT + 12]);
  const [train, held] = /** @type {Blob[]} */ (handedOver(text));
  assert.deepEqual([train.size, held.size], [KEPT - 8, 20]);
  assert.equal((await wholeOf(text)).length, KEPT + 12);
  assert.equal(blobOf(text), long);

  const store = newStore();
  store.text.value = text;
  store.dataset.value = /** @type {any} */ ({ trainBytes: KEPT - 8, heldOutBytes: 20 });
  assert.equal(heldOutStart(store), KEPT - 20, 'an index into the bytes that the page has');
  store.passage.value = { ...store.passage.value, start: 8 };
  assert.match(new TextDecoder().decode(passageOf(store)?.bytes), /^(the )?very end$/);
});

test('a text that arrives while a run begins is kept for the next run', async () => {
  const store = newStore();
  store.model.value = /** @type {any} */ ({});
  let handed = 0;
  const { usePasted } = createTextActions(store, {
    async handText() {
      handed++;
      return true;
    },
    openWeights() {},
    fetchSample: async () => utf8('sample'),
  });
  store.busy.value = true;
  const pasted = usePasted('Some text');
  assert.equal(store.nextText.value?.name, PASTED);
  store.starting.value = true;
  store.busy.value = false;
  store.state.value = 'training';
  store.starting.value = false;
  await pasted;
  assert.deepEqual([handed, store.nextText.value?.name], [0, PASTED]);
  store.state.value = 'finished';
  await usePasted('More text');
  assert.equal(handed, 1);
});

test('waiting ends as soon as the condition holds', async () => {
  const store = newStore();
  await when(() => !store.busy.value);
  store.busy.value = true;
  let over = false;
  const wait = when(() => !store.busy.value).then(() => {
    over = true;
  });
  await Promise.resolve();
  assert.equal(over, false);
  store.busy.value = false;
  await wait;
});
