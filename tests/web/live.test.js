/** Code that live drawings share, without a browser. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fit } from '../../web/hierarchy/live.js';

const page = /** @type {{window?: {devicePixelRatio: number}}} */ (globalThis);
after(() => {
  delete page.window;
});

test('a canvas has the screen’s pixels and the page’s size, even where zooming changes only one of them', () => {
  /** @type {number[]} */
  let scale = [];
  const context = { setTransform: (/** @type {number[]} */ ...transform) => (scale = transform) };
  const canvas = /** @type {HTMLCanvasElement} */ (
    /** @type {unknown} */ ({ width: 300, height: 150, style: {}, getContext: () => context })
  );
  for (const [ratio, width, height] of [
    [1, 1280, 448],
    [2, 640, 224],
    [1.5, 853, 224],
  ]) {
    page.window = { devicePixelRatio: ratio };
    fit(canvas, width, height);
    assert.deepEqual([canvas.style.width, canvas.style.height], [`${width}px`, `${height}px`]);
    assert.deepEqual([canvas.width, canvas.height], [Math.round(width * ratio), Math.round(height * ratio)]);
    assert.deepEqual(scale.slice(0, 4), [ratio, 0, 0, ratio]);
  }
});
