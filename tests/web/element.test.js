/** How the element `<border-hierarchy>` reads its attributes, texts and runs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesToRead, foldedBy, MOST_BYTES, readAttributes, thresholdsFor } from '../../web/element/attributes.js';
import { costs, figuresLine, PROGRESS } from '../../web/element/captions.js';

/** @param {Record<string, string>} attributes */
const read = (attributes) => readAttributes((name) => attributes[name] ?? null);

describe('attributes of the element', () => {
  it('are optional', () => {
    assert.deepEqual(read({}), {
      checkpoint: null,
      text: null,
      src: null,
      levels: null,
      shows: null,
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
      shows: '0, 1',
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
      shows: [0, 1],
      thresholds: [10, 0.3],
      theme: 'dark',
      height: 300,
      interactive: false,
    });
  });

  for (const [name, values] of Object.entries({
    shows: ['', '8', '1.5', 'all', 'cost 1', '-1'],
    levels: ['0', '9', '1.5', 'all', ''],
    thresholds: ['-1', 'a', '1,,b', '1 2 3 4 5 6 7 8', 'Infinity'],
    theme: ['blue'],
    height: ['tall', '59', '-5', '100000'],
    interactive: ['maybe'],
  })) {
    it(`${name}: says what it must be`, () => {
      for (const value of values) {
        const { problems } = read({ [name]: value });
        assert.equal(problems.length, 1, value);
        assert.ok(problems[0].includes(name), problems[0]);
      }
    });
  }

  it('can take the theme from the surrounding page', () => assert.equal(read({ theme: 'auto' }).theme, null));
});

describe('levels that the element shows', () => {
  it('are all, some, or none if it shows the cost', () => {
    assert.deepEqual(foldedBy(read({}).shows, 3), []);
    assert.deepEqual(foldedBy(read({ shows: '1' }).shows, 3), [0, 2]);
    assert.deepEqual(foldedBy(read({ shows: '0 2' }).shows, 3), [1]);
    assert.deepEqual(foldedBy(read({ shows: 'cost' }).shows, 3), [0, 1, 2]);
  });
});

describe('figures of the element', () => {
  const figures = { bytes: 81, encoderBpb: 3, decoderBpb: 2.5, levels: [] };
  /** @param {'opening'|'training'|'ended'} state */
  const run = (state) => ({ state, progress: { step: 1200, maxSteps: 3000, decoderBpb: 2 } });

  it('are empty without a run, unless it shows the cost', () => {
    assert.equal(figuresLine(null, figures, false), '');
    assert.equal(figuresLine(null, figures, true), costs(2.5, { bytes: 26, of: 81 }));
    assert.equal(figuresLine(null, { ...figures, decoderBpb: Number.NaN }, true), '');
  });

  it('say how far a run is', () => {
    assert.equal(figuresLine(run('opening'), null, false), PROGRESS.opening(1200, 3000));
    assert.equal(figuresLine(run('training'), figures, false), `${PROGRESS.training(1200, 3000)} ${costs(2.5)}`);
    assert.equal(figuresLine(run('ended'), null, true), PROGRESS.ended(1200, 3000));
  });
});

describe('thresholds for a model', () => {
  const levels = [10, 0.3, 0.3].map((threshold) => ({ threshold }));

  it('are those of the attribute first, then the model’s own', () => {
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
