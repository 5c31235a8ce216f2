/** A short run of the fuzzers, the same every time; `npm run fuzz` is the long one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzzCore } from './fuzz.js';
import { fuzzParsers } from './parsers.js';

describe('outside data', () => {
  it('the core survives any settings, numbers and order of calls', async (t) => {
    const { runs, edges } = await fuzzCore({ seed: 1, runs: 2000 });
    assert.ok(runs >= 2000);
    // About two thirds of all edges: the calls get past their first checks.
    assert.ok(edges > 1000, `${edges} edges`);
    t.diagnostic(`${runs} inputs reached ${edges} edges`);
  });

  it('the codec survives any predictions and pieces, and gives back what went in', async (t) => {
    const { runs, edges } = await fuzzCore({ target: 'codec', seed: 1, runs: 300 });
    assert.ok(runs >= 300);
    assert.ok(edges > 250, `${edges} edges`);
    t.diagnostic(`${runs} inputs reached ${edges} edges`);
  });

  it('file readers return, or refuse with one sentence', async (t) => {
    const { read, refused, slowest } = await fuzzParsers({ seed: 1, rounds: 1000 });
    assert.ok(read > 500 && refused > 500, `${read} read, ${refused} refused`);
    t.diagnostic(`${read} read, ${refused} refused, the slowest took ${(1000 * slowest).toFixed(0)} ms`);
  });
});
