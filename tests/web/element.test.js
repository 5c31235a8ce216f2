/** What the element `<border-hierarchy>` makes of its attributes and texts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesToRead, MOST_BYTES, readAttributes, thresholdsFor } from '../../web/element/attributes.js';

/** @param {Record<string, string>} attributes */
const read = (attributes) => readAttributes((name) => attributes[name] ?? null);

describe('attributes of the element', () => {
  it('need not be there', () => {
    assert.deepEqual(read({}), {
      checkpoint: null,
      text: null,
      src: null,
      levels: null,
      thresholds: [],
      theme: null,
      height: null,
      interactive: true,
      problems: [],
    });
  });

  it('are read', () => {
    const { problems, ...options } = read({
      checkpoint: 'a.safetensors',
      text: 'x',
      levels: '2',
      thresholds: '10, 0.3',
      theme: 'dark',
      height: '300px',
      interactive: 'false',
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(options, {
      checkpoint: 'a.safetensors',
      text: 'x',
      src: null,
      levels: 2,
      thresholds: [10, 0.3],
      theme: 'dark',
      height: 300,
      interactive: false,
    });
  });

  for (const [name, values] of Object.entries({
    levels: ['0', '9', '1.5', 'all', ''],
    thresholds: ['-1', 'a', '1,,b', '1 2 3 4 5 6 7 8', 'Infinity'],
    theme: ['blue'],
    height: ['tall', '59', '-5', '100000'],
    interactive: ['maybe'],
  })) {
    it(`${name}: says what it must be`, () => {
      for (const value of values)
        assert.match(read({ [name]: value }).problems.join(), new RegExp(`${name} must be`), value);
    });
  }

  it('theme may be that of the page around', () => assert.equal(read({ theme: 'auto' }).theme, null));
});

describe('thresholds for a model', () => {
  const levels = [10, 0.3, 0.3].map((threshold) => ({ threshold }));

  it('are those of the attribute, then its own', () => {
    assert.deepEqual(thresholdsFor([], levels), [10, 0.3, 0.3]);
    assert.deepEqual(thresholdsFor([5, 0], levels), [5, 0, 0.3]);
    assert.deepEqual(thresholdsFor([5, 4, 3, 2, 1], levels), [5, 4, 3]);
  });

  it('are none for the baseline', () => assert.deepEqual(thresholdsFor([5], []), []));
});

describe('text of the element', () => {
  it('comes without the white space around it', () => {
    assert.deepEqual(bytesToRead('\n  The sea.\n '), new TextEncoder().encode('The sea.'));
  });

  it('is cut between characters', () => {
    const bytes = bytesToRead('€'.repeat(MOST_BYTES));
    assert.ok(bytes.length <= MOST_BYTES && bytes.length > MOST_BYTES - 3);
    assert.equal(new TextDecoder('utf-8', { fatal: true }).decode(bytes), '€'.repeat(bytes.length / 3));
  });
});
