/** The latest held-out figures, large, and what they mean. */
import { fixed } from '../format/numbers.js';
import { useApp } from './context.js';

/** @param {number} bpb @param {number|null} gzip */
function meaning(bpb, gzip) {
  if (!Number.isFinite(bpb)) return 'Nothing evaluated yet. Without a model every byte costs 8 bits.';
  if (gzip === null) return `A byte costs ${fixed(bpb / 0.08, 0)} % of the 8 bits that it takes without a model.`;
  const difference = gzip - bpb;
  if (Math.abs(difference) < 0.005) return 'As good as gzip on the same text.';
  return difference > 0
    ? `${fixed(difference)} bits a byte fewer than gzip needs for the same text.`
    : `${fixed(-difference)} bits a byte more than gzip needs for the same text.`;
}

export function Readouts() {
  const { store } = useApp();
  const validation = store.validation.value;
  const alone = store.oneHead.value;
  const decoder = validation?.decoderBpb ?? Number.NaN;
  return (
    <div class="readouts">
      <div class="readout" style={{ '--colour': 'var(--decoder)' }}>
        <span class="label">{alone ? 'model' : 'decoder'}, held-out text</span>
        <span class="number" data-testid="val-decoder-bpb">
          {fixed(decoder)}
        </span>
        <span class="fine">bits per byte. {meaning(decoder, store.dataset.value?.gzipBpb ?? null)}</span>
      </div>
      {!alone && (
        <div class="readout dashed" style={{ '--colour': 'var(--encoder)' }}>
          <span class="label">encoder, held-out text</span>
          <span class="number" data-testid="val-encoder-bpb">
            {fixed(validation?.encoderBpb ?? Number.NaN)}
          </span>
          <span class="fine">
            bits per byte. The encoder reads without the levels above; the decoder has them, and more layers.
          </span>
        </div>
      )}
      {store.leaks.value && (
        <p class="problem">
          Teacher-forced borders look at the very byte that is to be predicted, so the decoder’s figures leak the future
          and say nothing about how well it writes.
        </p>
      )}
    </div>
  );
}
