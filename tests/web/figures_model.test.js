/** The figure of both models: every tensor of the core's table is shown once, nothing overlaps, every text fits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadModule } from '../../wasm/engine/node/surroundings.js';
import { PRESETS } from '../../wasm/engine/presets.js';
import { defaults } from '../../wasm/engine/settings.js';
import { tensorsOf } from '../../wasm/engine/tensors.js';
import { anatomyOf, parametersOf, shapeLine } from '../../web/anatomy/parts.js';
import { widthFor } from '../../web/figures/boxes.js';
import { pairLayout } from '../../web/figures/pair_layout.js';
import { describePart } from '../../web/figures/part_texts.js';

const module = await loadModule();

/** @param {'adaptive'|'baseline'} model_type @param {number} num_levels @param {number} hidden_size */
const tableOf = (model_type, num_levels, hidden_size) =>
  tensorsOf(module, defaults({ model_type, num_levels, hidden_size }));

/** @param {number} levels @param {number} hidden */
const both = (levels, hidden) => ({
  adaptive: anatomyOf(tableOf('adaptive', levels, hidden)),
  baseline: anatomyOf(tableOf('baseline', levels, hidden)),
});

/** A residual stream. @param {number} num_levels @param {boolean} encoder_scores */
const scored = (num_levels, encoder_scores) =>
  anatomyOf(tensorsOf(module, defaults({ wiring: 'residual', num_levels, encoder_scores })));

/** @typedef {{x: number, y: number, width: number, height: number}} Rectangle */

/** @param {Rectangle} a @param {Rectangle} b */
const overlap = (a, b) =>
  a.x + a.width > b.x + 0.01 &&
  b.x + b.width > a.x + 0.01 &&
  a.y + a.height > b.y + 0.01 &&
  b.y + b.height > a.y + 0.01;

/** @param {Rectangle} inner @param {Rectangle} outer */
const within = (inner, outer) =>
  inner.x >= outer.x - 0.01 &&
  inner.y >= outer.y - 0.01 &&
  inner.x + inner.width <= outer.x + outer.width + 0.01 &&
  inner.y + inner.height <= outer.y + outer.height + 0.01;

/** Whether a straight piece of a connecting line passes through a box. @param {[number, number]} a @param {[number, number]} b @param {Rectangle} box */
const crosses = ([ax, ay], [bx, by], box) =>
  overlap(
    { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) },
    {
      x: box.x + 1,
      y: box.y + 1,
      width: box.width - 2,
      height: box.height - 2,
    },
  );

describe('parts', () => {
  for (const levels of [1, 2, 3, 4, 5, 8]) {
    for (const type of /** @type {const} */ (['adaptive', 'baseline'])) {
      it(`of the ${type} model of ${levels}: each tensor belongs to exactly one, and their sizes add up`, () => {
        const table = tableOf(type, levels, 48);
        const { parts } = anatomyOf(table);
        const names = parts.flatMap(({ tensors }) => tensors.map(({ name }) => name));
        assert.deepEqual(names.sort(), table.map(({ name }) => name).sort());
        const sum = parts.reduce((total, part) => total + parametersOf(part), 0);
        assert.equal(
          sum,
          table.reduce((total, { size }) => total + size, 0),
        );
        assert.equal(new Set(parts.map(({ id }) => id)).size, parts.length, 'ids differ');
      });
    }
  }

  it('of quick start: tables are in parts that are drawn without them, too, those of spans with the parent', () => {
    const { changes } = PRESETS.quick_start;
    const { parts } = anatomyOf(tensorsOf(module, defaults(changes)));
    const plain = anatomyOf(tensorsOf(module, defaults({ ...changes, ngram_order: 0, span_order: 0, recall: false })));
    assert.deepEqual(
      parts.map(({ id }) => id),
      plain.parts.map(({ id }) => id),
    );
    const partOf = (/** @type {string} */ tensor) =>
      parts.find(({ tensors }) => tensors.some(({ name }) => name === tensor))?.id;
    assert.equal(partOf('ngram_embeddings.2.weight'), 'embedding');
    assert.equal(partOf('span_embeddings.2.weight'), 'projection-0');
    assert.equal(partOf('ngram_recall.2.weight'), 'embedding');
    assert.equal(partOf('span_recall.2.weight'), 'projection-0');
  });

  it('of a residual stream that scores bytes by its encoder: a byte head and its loss in place of the estimate', () => {
    const idsOf = (/** @type {boolean} */ encoder_scores) => scored(3, encoder_scores).parts.map(({ id }) => id);
    const [without, with_] = [idsOf(false), idsOf(true)];
    assert.deepEqual(
      with_.filter((id) => !without.includes(id)),
      ['encoder-head', 'encoder-loss'],
    );
    assert.deepEqual(
      without.filter((id) => !with_.includes(id)),
      ['score-0', 'score-loss-0'],
    );
  });

  it('refuse a tensor that belongs to none', () => {
    assert.throws(() => anatomyOf([{ name: 'something.new', shape: [3] }]), /something\.new/);
  });

  it('show their shapes', () => {
    const { parts } = anatomyOf(tableOf('adaptive', 3, 64));
    const shapes = Object.fromEntries(parts.map((part) => [part.id, shapeLine(part)]));
    assert.equal(shapes.embedding, '257 × 64');
    assert.equal(shapes['encoder-1'], '64 → 64');
    assert.equal(shapes['byte-head'] ?? shapes['encoder-head'], '64 → 257');
    assert.equal(shapes['uncertainty-2'], '64 → 1');
    assert.equal(shapes['projection-0'], '64 → 64');
  });
});

/**
 * A drawing has all parts of a model, apart, with room for their text.
 * @param {import('../../web/figures/boxes.js').Drawing} drawing
 * @param {import('../../web/anatomy/parts.js').Anatomy} model
 */
function assertParts(drawing, model) {
  const { boxes } = drawing;
  assert.deepEqual(boxes.map(({ part }) => part.id).sort(), model.parts.map(({ id }) => id).sort());
  for (const [i, box] of boxes.entries()) {
    assert.ok(within(box, { x: 0, y: 0, ...drawing }), `${box.part.id} is in the figure`);
    assert.ok(widthFor(box.lines) <= box.width, `${box.lines} fit in ${box.width}`);
    for (const other of boxes.slice(i + 1))
      assert.ok(!overlap(box, other), `${box.part.id} and ${other.part.id} are apart`);
  }
}

describe('the figure of a residual stream', () => {
  const baseline = anatomyOf(tensorsOf(module, defaults({ model_type: 'flat' })));
  for (const levels of [2, 3])
    for (const encoder_scores of [false, true])
      for (const width of [300, 700, 1300])
        it(`${levels} levels, encoder scores: ${encoder_scores}, ${width} wide: all parts, apart, with room for their text`, () => {
          const models = { adaptive: scored(levels, encoder_scores), baseline };
          for (const { type, drawing } of pairLayout(models, width).models) {
            const { boxes } = drawing;
            assertParts(drawing, models[type]);
            for (const { part } of boxes) {
              const { title, text } = describePart(part, models[type]);
              assert.ok(title.length > 0 && text.length > 0);
            }
          }
        });
});

describe('the figure of both models', () => {
  for (const levels of [1, 2, 3, 4, 5]) {
    for (const hidden of [8, 128, 1024]) {
      for (const width of [300, 358, 700, 860, 976, 1300]) {
        it(`${levels} levels, ${hidden} units, ${width} wide: all parts, apart, in place, with room for their text`, () => {
          const models = both(levels, hidden);
          const figure = pairLayout(models, width);
          for (const { x, y, type, drawing } of figure.models) {
            const { boxes, wires, bands } = drawing;
            assert.ok(
              within({ x, y, ...drawing, width: drawing.width, height: drawing.height }, { x: 0, y: 0, ...figure }),
            );
            assertParts(drawing, models[type]);
            assert.equal(bands.length, type === 'adaptive' ? levels : 0);
            for (const [i, band] of bands.entries()) {
              for (const other of bands.slice(i + 1)) assert.ok(!overlap(band, other));
              for (const box of boxes.filter(({ part }) => part.kind === 'encoder' && part.level === band.level))
                assert.ok(within(box, band));
            }
            for (const { id, points } of wires) {
              for (let i = 1; i < points.length; i++) {
                const [a, b] = [points[i - 1], points[i]];
                assert.ok(
                  a[0] === b[0] || a[1] === b[1] || Math.hypot(a[0] - b[0], a[1] - b[1]) < 8,
                  `${id} is straight`,
                );
                for (const box of boxes) assert.ok(!crosses(a, b, box), `${id} does not cross ${box.part.id}`);
              }
            }
          }
        });
      }
    }
  }
});
