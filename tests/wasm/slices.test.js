/** Long work lets messages in between slices; the first slice may be longer, so that short work is not interrupted. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Slices } from '../../wasm/engine/worker/slices.js';

it('the first slice has its own length, then come the usual ones', async (t) => {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  /** Whether messages had a turn at given moments. @param {Slices} slices @param {number[]} at */
  const turns = async (slices, at) => {
    const had = [];
    for (const moment of at) {
      now = 1000 + moment;
      had.push(await slices.turn());
    }
    return had;
  };
  assert.deepEqual(await turns(new Slices(), [20, 30, 50, 60]), [false, true, false, true]);
  now = 1000;
  assert.deepEqual(await turns(new Slices(100), [60, 99, 110, 130, 140]), [false, false, true, false, true]);
});
