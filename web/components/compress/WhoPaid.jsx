/** Who paid for what: what a file would have cost without counts, without the model, and without its hierarchy. */
import { modelSaved, parentsSaved, SIZES } from './packing_sentences.js';
import { SizeBars } from './SizeBars.jsx';

/** @typedef {import('../../state/packing.js').Packed} Packed */
/** @typedef {import('../../../wasm/engine/weighing.js').Payer} Payer */

/** @param {{outcome: Packed}} props */
export function WhoPaid({ outcome: { original, shares, bits, mode } }) {
  if (shares.length === 0) return null;
  /** @type {Map<Payer, number>} */
  const bytes = new Map(shares.map((share) => [share.payer, share.bits / 8]));
  const [counts, alone, orphans] = [bytes.get('counts'), bytes.get('alone'), bytes.get('orphans')];
  const own = bits / 8;
  const both = mode !== 'model';
  const rows = [
    ...(counts === undefined ? [] : [{ name: SIZES.counts, bytes: counts, kind: 'compress-counts' }]),
    ...(alone === undefined ? [] : [{ name: SIZES.alone, bytes: alone, kind: 'compress-model' }]),
    { name: both ? SIZES.mixed : SIZES.model, bytes: own, kind: 'compress-paid' },
    ...(orphans === undefined
      ? []
      : [
          {
            name: both ? SIZES.mixedWithoutParents : SIZES.modelWithoutParents,
            bytes: orphans,
            kind: 'compress-other',
          },
        ]),
  ];
  return (
    <section class="who-paid" aria-labelledby="who-paid">
      <h3 id="who-paid">Who paid for what</h3>
      <SizeBars caption="Who paid for what" length={original.size} rows={rows} testId="who-paid-sizes" />
      <p class="fine" data-testid="who-paid-words">
        {counts !== undefined && `${modelSaved(counts - own)} `}
        {orphans !== undefined && `${parentsSaved(orphans - own)} `}
        Predictions alone are counted here, not what stands around them in the file.
      </p>
    </section>
  );
}
