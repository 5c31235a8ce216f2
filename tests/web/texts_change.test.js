/** The change from one text to another, as the page sees it while the worker takes the new one. */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { effect } from '@preact/signals';
import { openPage } from './support/page.js';
import { utf8 } from './traces.js';

const page = await openPage(
  { hidden_size: 8, num_levels: 2, batch_size: 2, sequence_length: 16, workers: 1, max_steps: 4 },
  utf8('A book that is long enough to be trained on. '.repeat(40)),
);
after(() => page.close());

/** Names of the texts shown as chosen, one after the other. @returns {string[]} which grows */
function shown() {
  /** @type {string[]} */
  const names = [];
  effect(() => {
    const name = (page.store.nextText.value ?? page.store.text.value)?.name ?? '';
    if (names.at(-1) !== name) names.push(name);
  });
  return names;
}

it('goes straight from the old text to the new', async () => {
  const names = shown();
  page.store.nextText.value = {
    name: 'another',
    bytes: utf8('Another text, which is long enough as well. '.repeat(40)),
  };
  assert.equal(await page.actions.handText(), true);
  assert.deepEqual(names, ['a book', 'another']);
  assert.equal(page.store.nextText.value, null);
  assert.equal(page.store.text.value?.name, 'another');
});

it('is undone where the new text is refused', async () => {
  const names = shown();
  page.store.nextText.value = { name: 'short', bytes: utf8('x') };
  assert.equal(await page.actions.handText(), false);
  assert.deepEqual(names, ['another', 'short', 'another']);
  assert.equal(page.store.text.value?.name, 'another');
});

it('keeps a text chosen meanwhile for the next run', async () => {
  const [third, fourth] = ['third', 'fourth'].map((name) => ({
    name,
    bytes: utf8(`The ${name} text, which is long enough as well. `.repeat(40)),
  }));
  page.store.nextText.value = third;
  const handed = page.actions.handText();
  page.store.nextText.value = fourth;
  assert.equal(await handed, true);
  assert.deepEqual([page.store.text.value, page.store.nextText.value], [third, fourth]);
});
