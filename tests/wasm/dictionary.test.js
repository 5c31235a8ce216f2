// tier: quick
/** The long text of the studies: where a dictionary's index says that its articles are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf } from '../../wasm/tools/study/dictionary.js';

test('articles are in the order of the file, each once, whatever names it', () => {
  // Offsets and lengths have 64 digits, A to Z, a to z, 0 to 9, + and /, the highest place first.
  const index = ['sea\tBA\tz', 'ship\tA\tBA', 'vessel\tA\tBA', 'shore\tB/\tQ', ''].join('\n');
  assert.deepEqual(placesOf(index), [
    { offset: 0, length: 64 },
    { offset: 64, length: 51 },
    { offset: 127, length: 16 },
  ]);
  assert.deepEqual(placesOf(''), []);
});
