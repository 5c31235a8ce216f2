/** What a strip draws, seen through the drawing context that writes SVG. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawBrush, drawMinimap, minimapAxis, minimapLayout } from '../../web/explorer/minimap.js';
import { drawStrip } from '../../web/explorer/strip.js';
import { axisOf, stripLayout } from '../../web/explorer/strip_layout.js';
import { SvgContext } from '../../web/export/svg_context.js';
import { entropyScale } from '../../web/hierarchy/draw.js';
import { clampWindow } from '../../web/traces/axis.js';
import { findAll } from '../../web/traces/search.js';
import { bytesConditionedBy, conditionsOf, pathOf, tokenEnds } from '../../web/traces/spans.js';
import fc from '../random_cases.js';
import { traceOf, utf8 } from './traces.js';

/** @typedef {import('../../web/traces/spans.js').Place} Place */

const PALETTE = {
  ink: '#111',
  soft: '#444',
  faint: '#666',
  rule: '#ccc',
  grid: '#eee',
  sheet: '#fff',
  sunk: '#ddd',
  edge: '#888',
  focus: '#00f',
  levels: Array.from({ length: 8 }, (_, l) => `#${l}${l}${l}`),
  encoder: '#55a',
  decoder: '#a05',
  mono: 'monospace',
  dark: false,
};

const TEXT = utf8('It was a dark ﬁne night – “日本語”, and the rain\nfell in torrents. '.repeat(30));

/** @param {number} levels @param {Uint8Array} text */
const traceWith = (levels, text) =>
  traceOf(text, [4, 3, 2.5, 2, 2, 2, 2].slice(0, levels - 1), (level, t) => 0.25 * (1 + ((t * 7 + level) % 5)));

/**
 * @param {ReturnType<typeof traceOf>} trace
 * @param {{from: number, span: number}} window
 * @param {{width?: number, folded?: number[], place?: Place|null, find?: string, map?: boolean}} [options]
 */
function drawing(trace, window, { width = 900, folded = [], place = null, find = '', map = false } = {}) {
  const levels = trace.levels.length;
  const strip = stripLayout({ levels, width, folded });
  const layout = map ? minimapLayout(levels, width, strip.left, strip.right) : strip;
  const axis = map ? minimapAxis(layout, trace.text.length) : axisOf(layout, window);
  const context = new SvgContext(layout.width, layout.height);
  const scene = {
    context,
    trace,
    ends: tokenEnds(trace),
    layout,
    axis,
    palette: PALETTE,
    path: place ? pathOf(trace, place) : [],
    conditions: place ? conditionsOf(trace, place) : [],
    reach: place && place.level > 0 ? bytesConditionedBy(trace, place) : null,
    hits: findAll(trace.text, find),
    hit: find ? 0 : -1,
    mostEntropy: entropyScale(trace),
  };
  if (map) {
    drawMinimap(scene);
    drawBrush(scene, window);
  } else drawStrip(scene);
  return context.toString({ title: 'strip' });
}

/** Texts in the order they were drawn. @param {string} svg */
const textsOf = (svg) => Array.from(svg.matchAll(/>([^<]*)<\/text>/g), ([, text]) => text);

test('whatever is shown, folded and pointed at, every coordinate is a number', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(340, 900),
      fc.subarray([0, 1, 2, 3, 4]),
      fc.nat(4),
      fc.nat(5000),
      fc.boolean(),
      (levels, a, b, width, folded, level, index, map) => {
        const trace = traceWith(levels, TEXT);
        const n = TEXT.length;
        const window = clampWindow({ from: a * n, span: 2 + b * b * n }, n);
        const at = Math.min(level, levels - 1);
        const place = { level: at, index: index % trace.levels[at].count };
        const svg = drawing(trace, window, { width, folded, place, find: 'night', map });
        assert.doesNotMatch(svg, /NaN|undefined|Infinity|null/);
      },
    ),
    { numRuns: 150 },
  );
});

test('characters are drawn when zoomed in, and not when zoomed out', () => {
  const trace = traceWith(3, TEXT);
  const near = textsOf(drawing(trace, { from: 0, span: 60 })).join('');
  assert.match(near, /It␣was␣a␣dark␣ﬁne␣night/);
  assert.match(near, /日/);
  const far = textsOf(drawing(trace, { from: 0, span: TEXT.length }));
  assert.ok(!far.includes('␣'));
  for (const name of ['level 2', 'level 1', 'sum', 'entropy', 'byte']) assert.ok(far.includes(name), name);
});

test('a span shows its text and its length where there is room, and the beginning of its text where there is less', () => {
  const trace = traceWith(3, TEXT);
  const ends = tokenEnds(trace);
  const [from, to] = [ends[2][1] + 1, ends[2][2] + 1];
  const text = new TextDecoder().decode(TEXT.subarray(from, to));
  const texts = textsOf(drawing(trace, { from: from - 1, span: to - from + 2 }, { folded: [1] }));
  assert.ok(texts.includes(text), `${text} in ${texts.join('|')}`);
  assert.ok(texts.includes(String(to - from)));
  const less = textsOf(drawing(trace, { from: from - 1, span: 14 * (to - from + 2) }, { folded: [1] }));
  assert.ok(!less.includes(text));
  assert.ok(less.some((part) => part.endsWith('…') && text.startsWith(part.slice(0, -1))));
});

test('pointing frames the path, with dashes around what conditions it', () => {
  const trace = traceWith(3, TEXT);
  const window = { from: 300, span: 120 };
  const plain = drawing(trace, window);
  const index = Array.from({ length: 60 }, (_, i) => 320 + i).find(
    (t) =>
      conditionsOf(trace, { level: 0, index: t }).length === 2 && pathOf(trace, { level: 0, index: t }).length === 3,
  );
  assert.ok(index !== undefined);
  const lit = drawing(trace, window, { place: { level: 0, index } });
  const count = (/** @type {string} */ svg, /** @type {RegExp} */ pattern) => (svg.match(pattern) ?? []).length;
  const dashed = /stroke="#111" stroke-width="1.5" stroke-dasharray="4 3"/g;
  assert.equal(count(plain, dashed), 0);
  assert.equal(count(lit, dashed), 2, 'a frame for each token that conditions it');
  assert.equal(count(lit, /stroke-width="2.25"/g), 3, 'a frame for the byte and for each token that it is part of');
});

test('a drawing of a long text is no larger than its pixels need', () => {
  const trace = traceWith(4, utf8('abc '.repeat(60_000)));
  const all = drawing(trace, { from: 0, span: 240_000 });
  assert.ok((all.match(/<(?:rect|path|text)/g) ?? []).length < 200, 'a few paths a lane');
  assert.ok(all.length < 900 * 4 * 6 * 40, `${all.length} characters`);
  const map = drawing(trace, { from: 0, span: 80 }, { map: true });
  assert.ok((map.match(/<(?:rect|path|text)/g) ?? []).length < 100);
});

test('a hundred thousand hits are drawn once a pixel', () => {
  const trace = traceWith(2, utf8('ab'.repeat(50_000)));
  for (const map of [false, true]) {
    const svg = drawing(trace, { from: 0, span: 100_000 }, { find: 'a', map });
    assert.ok((svg.match(/<rect/g) ?? []).length < 4000);
  }
});
