/** The streaming loop: what the figure says of each byte is what the stream did, and its parts do not overlap. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { barsPath, logitsPath, loopLayout, MOST_BARS, strideOf } from '../../web/figures/loop_layout.js';
import { arrivals, largestDifference, momentAt } from '../../web/figures/moments.js';
import { clusters } from '../../web/format/bytes.js';
import { percent } from '../../web/format/numbers.js';
import { emptyTrace, withPiece } from '../../web/traces/trace.js';
import { LIVELY, LIVELY_TEXT, openLively } from '../wasm/support/lively_worker.js';
import { small } from '../wasm/support/models.js';
import { Client, closeClients } from '../wasm/support/session.js';

/** @typedef {import('../../web/figures/moments.js').Walk} Walk */

const TEXT = LIVELY_TEXT.slice(2000, 2100);
const TIMEOUT = { timeout: 60_000 };

afterEach(closeClients);

/** @param {Client} client @param {import('../../wasm/engine/settings.js').Settings} settings @param {Uint8Array} [text] @returns {Promise<Walk>} */
async function walkOf(client, settings, text = TEXT) {
  const event = await client.ask({ type: 'time-steps', id: ++client.lastId, text: text.slice() }, 'time-steps');
  const levels = settings.model_type === 'baseline' ? 1 : settings.num_levels;
  const thresholds = Array.from({ length: levels - 1 }, (_, l) =>
    Number(l === 0 ? settings.byte_entropy_threshold : settings.meta_uncertainty_threshold),
  );
  return { event, trace: withPiece(emptyTrace(text, thresholds), event.piece, true), settings };
}

/** @param {ReturnType<typeof momentAt>} moment */
const changed = ({ states, budgets }) => [
  ...states.filter((state) => state.changed).map(({ name }) => `${name.kind}-${name.level}`),
  ...budgets.filter((budget) => budget.changed).map(({ level }) => `budget-${level}`),
];

/** How likely the byte that is expected next is, as it is shown. @param {Walk} walk @param {number} t */
const expectation = ({ trace }, t) => percent(trace.decoderProbability[t * trace.top]);

describe('moments', TIMEOUT, () => {
  it('tell for each byte which levels got a token, and only those levels’ states change', async () => {
    const walk = await walkOf(await openLively(), LIVELY);
    const bytes = arrivals(walk.trace);
    for (let step = 1; step <= TEXT.length; step++) {
      const moment = momentAt(walk, step);
      const got = bytes.flatMap((list, level) => (list.includes(step - 1) ? [level] : []));
      assert.deepEqual(
        moment.tokens.map(({ level }) => level),
        got,
      );
      for (const what of changed(moment)) {
        const [kind, level] = what.split('-');
        // A parent belongs to the level below the one that moved it; at the very first byte its projection is computed.
        const mover = Number(level) + (kind === 'parent' && step > 1 ? 1 : 0);
        assert.ok(got.includes(mover), `${what} changed at byte ${step}`);
      }
      for (const level of got) assert.ok(changed(moment).includes(`encoder-${level}`));
      const last = moment.tokens[moment.tokens.length - 1];
      assert.ok(moment.tokens.slice(0, -1).every(({ border }) => border) && !last.border);
    }
  });

  it('have the sums of the trace, which start again from 0 at a border', async () => {
    const walk = await walkOf(await openLively(), LIVELY);
    for (let step = 1; step <= TEXT.length; step++) {
      for (const { level, value, reached, border, threshold } of momentAt(walk, step).budgets) {
        assert.equal(threshold, walk.trace.thresholds[level]);
        if (border) assert.equal(value, 0);
        else assert.equal(value, reached);
        if (step > 1) assert.equal(border && reached > 0, border && reached >= Math.fround(threshold));
      }
    }
  });

  it('are the same going forward and back', async () => {
    const walk = await walkOf(await openLively(), LIVELY);
    const there = Array.from({ length: 30 }, (_, step) => momentAt(walk, step));
    const back = Array.from({ length: 30 }, (_, i) => momentAt(walk, 29 - i)).reverse();
    assert.deepEqual(there, back);
  });

  it('name the parent that conditions a position, or why there is none', async () => {
    const walk = await walkOf(await openLively(), LIVELY);
    const bytes = arrivals(walk.trace);
    let conditioned = 0;
    /** How the parent is described, numbers aside: where there is one, and where there is none. */
    const [having, lacking] = [new Set(), new Set()];
    for (let step = 1; step <= TEXT.length; step++) {
      const { tokens, phases } = momentAt(walk, step);
      const above = bytes[1].filter((byte) => byte < step - 1).length - 1;
      const expected = tokens[0].border || above < 1 ? -1 : above;
      assert.equal(tokens[0].parent, expected);
      conditioned += Number(expected >= 0);
      const said = phases.find(({ id }) => id === 'decode')?.text ?? '';
      const [parent] = said.split('. ');
      if (expected >= 0) assert.match(parent, new RegExp(`\\b${expected + 1}\\D+1$`));
      (expected >= 0 ? having : lacking).add(parent.replace(/\d+/g, '#'));
      assert.ok(said.includes(expectation(walk, step - 1)), said);
    }
    assert.ok(conditioned > 10);
    assert.equal(having.size, 1);
    assert.ok(lacking.size > 0 && ![...having].some((words) => lacking.has(words)));
  });

  it('have empty states before the first byte', async () => {
    const walk = await walkOf(await openLively(), LIVELY);
    const { states, budgets, phases, tokens, difference } = momentAt(walk, 0);
    assert.ok(states.every(({ values, changed: c }) => !c && values.every((x) => x === 0)));
    assert.ok(budgets.every(({ value }) => value === 0));
    assert.deepEqual([phases, tokens], [[], []]);
    assert.ok(Number.isNaN(difference));
  });

  it('show the measured difference', async () => {
    const walk = await walkOf(await openLively(), LIVELY);
    assert.ok(largestDifference(walk.event) <= 1e-4);
    const doctored = {
      ...walk,
      event: { ...walk.event, difference: walk.event.difference.map((_, t) => (t === 7 ? 0.5 : 0)) },
    };
    assert.equal(largestDifference(doctored.event), 0.5);
    assert.equal(momentAt(doctored, 8).difference, 0.5);
  });

  it('exist for one level and for the baseline', async () => {
    for (const changes of /** @type {const} */ ([{ num_levels: 1 }, { model_type: 'baseline' }])) {
      const client = new Client();
      await client.open(changes);
      const walk = await walkOf(client, small(changes), TEXT.slice(0, 20));
      const { states, phases, budgets } = momentAt(walk, 5);
      assert.ok(states.every((state) => state.changed));
      assert.deepEqual(budgets, []);
      assert.ok(phases.at(-1)?.text.includes(expectation(walk, 4)), 'what it expects comes last');
    }
  });
});

describe('the loop’s drawing', TIMEOUT, () => {
  for (const [levels, type] of /** @type {const} */ ([
    [1, 'adaptive'],
    [2, 'adaptive'],
    [3, 'adaptive'],
    [4, 'adaptive'],
    [5, 'adaptive'],
    [3, 'baseline'],
  ])) {
    it(`of a ${type} model of ${levels}: a cell for every state, none over another, at any width`, async () => {
      const client = new Client();
      const changes = { num_levels: levels, model_type: type };
      await client.open(changes);
      const { event, trace } = await walkOf(client, small(changes), TEXT.slice(0, 60));
      const blocks = event.names.length / 2;
      for (const width of [300, 358, 640, 950]) {
        const drawing = loopLayout({
          clusters: clusters(trace.text),
          names: event.names,
          levels: type === 'baseline' ? blocks : levels,
          width,
        });
        const strips = drawing.cells
          .filter(({ kind }) => kind !== 'budget')
          .reduce((sum, cell) => sum + cell.strips.length, 0);
        assert.equal(strips, event.names.length);
        assert.equal(
          drawing.cells.filter(({ kind }) => kind === 'budget').length,
          type === 'baseline' ? 0 : levels - 1,
        );
        for (const [i, a] of drawing.cells.entries()) {
          assert.ok(a.x >= 0 && a.x + a.width <= width + 0.01);
          for (const strip of a.strips) assert.ok(strip.width > 40 && strip.y + strip.height <= a.y + a.height);
          for (const b of drawing.cells.slice(i + 1))
            assert.ok(
              a.x + a.width <= b.x + 0.01 ||
                b.x + b.width <= a.x + 0.01 ||
                a.y + a.height <= b.y + 0.01 ||
                b.y + b.height <= a.y + 0.01,
            );
        }
        const foot = Math.max(...drawing.cells.map(({ y, height }) => y + height));
        assert.ok(drawing.signs.every(({ x, y }) => y > foot && x < width));
        assert.equal(
          drawing.signs.reduce((sum, { cluster }) => sum + cluster.length, 0),
          trace.count,
        );
        assert.ok(drawing.logits.y > Math.max(...drawing.signs.map(({ y }) => y)));
        assert.ok(drawing.logits.y + drawing.logits.height <= drawing.height);
      }
    });
  }

  it('draws a limited number of a vector’s values, evenly spaced', () => {
    assert.deepEqual([1, 64, 65, 128, 1024].map(strideOf), [1, 1, 2, 2, 16]);
    const strip = { x: 0, y: 0, width: 100, height: 20 };
    assert.equal(barsPath(new Float32Array(1024), strip, 1).match(/M/g)?.length, MOST_BARS);
    assert.notEqual(barsPath([0.5], strip, 1), barsPath([-0.5], strip, 1));
  });

  it('mirrors equal logits exactly', () => {
    const logits = Float32Array.from([-3, 0, 2, 5]);
    const line = { x: 0, y: 0, width: 40 };
    const up = logitsPath(logits, line, 30, -3, 5);
    const down = logitsPath(logits, line, -30, -3, 5);
    assert.equal(up.replace(/v-?([\d.]+)/g, 'v$1'), down.replace(/v-?([\d.]+)/g, 'v$1'));
    assert.notEqual(up, down);
  });
});
