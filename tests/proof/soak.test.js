/** Short versions of the long runs; `npm run soak` makes them long. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { largeText, loadCheckpoints, pauseAndResume, startAndStop, trainFor } from './soak.js';

describe('long runs', () => {
  it('pauses change no bit', async () => assert.ok((await pauseAndResume(300)) >= 300));

  it('starts and stops change no bit', () => startAndStop(50));

  it('checkpoints leave no memory behind', async (t) => {
    t.diagnostic(`${(await loadCheckpoints(20, 100)).toFixed(0)} MB`);
  });

  it('a text of 20 MB takes a few times its size', async (t) => {
    const grown = await largeText(20_000_000);
    assert.ok(grown < 300, `${grown} MB`);
    t.diagnostic(`${grown.toFixed(0)} MB`);
  });

  it('training keeps its memory and its numbers', async (t) => {
    const { steps, memory } = await trainFor(3);
    assert.ok(steps > 20 && memory[1] < memory[0] + 60, `${steps} steps, ${memory} MB`);
    t.diagnostic(`${steps} steps, ${memory.map((mb) => mb.toFixed(0)).join(' and then ')} MB`);
  });
});
