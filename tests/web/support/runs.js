/** Runs and points for tests. */
import { defaults } from '../../../wasm/engine/settings.js';
import { newRun } from '../../../web/state/runs/record.js';

/** @typedef {import('../../../web/state/runs/record.js').Run} Run */
/** @typedef {import('../../../web/state/runs/points.js').Point} Point */

/** @param {number} x */
const losses = (x) => ({ total: x, byte_encoder: x, byte_decoder: x, meta: 0, uncertainty: 0, entropy_reg: 0 });

/** @param {number} step @param {number} [bpb] @returns {Point} */
export function point(step, bpb = 8 - step / 100) {
  return {
    step,
    time: 1.7e12 + step * 1000,
    elapsedMs: step * 10,
    bytesSeen: step * 1024,
    losses: losses(bpb),
    encoderBpb: bpb + 0.1,
    decoderBpb: bpb,
    borders: [12, 3],
  };
}

/** @param {Partial<Run>} [changes] @returns {Run} */
export function run(changes = {}) {
  const settings = { ...defaults(), max_steps: 100 };
  return {
    ...newRun({
      name: 'a run',
      settings,
      wanted: settings,
      text: { name: 'Moby-Dick', bytes: 1000, digest: 'sha256:00', id: 'moby-dick' },
      dataset: { trainBytes: 900, heldOutBytes: 100, gzipBpb: 3.2 },
      parameterCount: 12_345,
      firstStep: 0,
      from: null,
      counterpart: null,
    }),
    ...changes,
  };
}

/** @param {number} length @param {number} [seed] */
export const noise = (length, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 3)) & 255);
