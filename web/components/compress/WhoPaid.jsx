/** Who paid for what: what a file would have cost without counts, without the model, and without its hierarchy. */
import { byteSize } from '../../format/numbers.js';
import { SizeBars } from './SizeBars.jsx';

/** @typedef {import('../../state/packing.js').Packed} Packed */
/** @typedef {import('../../../wasm/engine/weighing.js').Payer} Payer */

/** Fewer bytes than this between two sizes are no difference worth a word. */
const SAME = 1;

/** @param {number} bytes  that something saved @returns {string} */
function saved(bytes) {
  if (Math.abs(bytes) < SAME) return 'save nothing';
  return bytes > 0 ? `save ${byteSize(bytes)}` : `cost ${byteSize(-bytes)} more than they save`;
}

/** @param {{outcome: Packed}} props */
export function WhoPaid({ outcome: { original, shares, bits, mode } }) {
  if (shares.length === 0) return null;
  /** @type {Map<Payer, number>} */
  const bytes = new Map(shares.map((share) => [share.payer, share.bits / 8]));
  const [counts, alone, orphans] = [bytes.get('counts'), bytes.get('alone'), bytes.get('orphans')];
  const own = bits / 8;
  const both = mode !== 'model';
  const rows = [
    ...(counts === undefined ? [] : [{ name: 'Counts alone', bytes: counts, kind: 'compress-counts' }]),
    ...(alone === undefined ? [] : [{ name: 'The model alone', bytes: alone, kind: 'compress-model' }]),
    { name: both ? 'Both, mixed' : 'The model', bytes: own, kind: 'compress-paid' },
    ...(orphans === undefined
      ? []
      : [{ name: both ? 'Both, parents off' : 'Parents off', bytes: orphans, kind: 'compress-other' }]),
  ];
  return (
    <section class="who-paid" aria-labelledby="who-paid">
      <h3 id="who-paid">Who paid for what</h3>
      <SizeBars caption="Who paid for what" length={original.size} rows={rows} testId="who-paid-sizes" />
      <p class="fine" data-testid="who-paid-words">
        {counts !== undefined && `Beside counts, the model’s predictions ${saved(counts - own)}. `}
        {orphans !== undefined &&
          `What the levels above the bytes pass down to them: the parents ${saved(orphans - own)}. `}
        Predictions alone are counted here, not what stands around them in the file.
      </p>
    </section>
  );
}
