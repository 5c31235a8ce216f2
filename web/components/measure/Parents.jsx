/** What the hierarchy buys: the decoder with its parents, and with none. */
import { byteSize, fixed } from '../../format/numbers.js';
import { pairedDifference } from '../../statistics/numbers.js';
import { parentsVerdict } from '../../statistics/words.js';
import { figures } from '../../traces/trace.js';
import { useApp } from '../context.js';
import { useMeasuring } from './context.js';

/** @param {{label: string, bits: number, most: number, colour: string, testId: string, hatched?: boolean}} props */
function Bar({ label, bits, most, colour, testId, hatched = false }) {
  return (
    <div class="cost" style={{ '--colour': `var(--${colour})` }}>
      <span>{label}</span>
      <span class="number" data-testid={testId}>
        {fixed(bits, 3)}
      </span>
      <span class={hatched ? 'cost-bar hatched' : 'cost-bar'} aria-hidden="true">
        <span style={{ width: `${Number.isFinite(bits) ? (100 * bits) / most : 0}%` }} />
      </span>
    </div>
  );
}

export function Parents() {
  const { store } = useApp();
  const { without, reading, problem, measure } = useMeasuring();
  const trace = store.trace.value;
  if (!trace?.done) return null;
  const result = without.value?.of === trace ? without.value.trace : null;
  const now = figures(trace);
  const bare = result ? figures(result).decoderBpb : Number.NaN;
  const alone = store.oneHead.value;
  const most = Math.max(now.encoderBpb, now.decoderBpb, result ? bare : 0);
  const difference = result ? pairedDifference(result.decoderBits, trace.decoderBits) : null;
  return (
    <section class="measure" aria-labelledby="measure-parents">
      <h3 id="measure-parents">What the hierarchy buys</h3>
      <div class="costs">
        {!alone && <Bar label="encoder" bits={now.encoderBpb} most={most} colour="encoder" testId="buys-encoder" />}
        <Bar
          label={alone ? 'without parents' : 'decoder, no parents'}
          bits={bare}
          most={most}
          colour="decoder"
          testId="buys-without"
          hatched
        />
        <Bar
          label={alone ? 'as it is' : 'decoder'}
          bits={now.decoderBpb}
          most={most}
          colour="decoder"
          testId="buys-decoder"
        />
      </div>
      <p class="fine" data-testid="buys-verdict">
        {difference
          ? parentsVerdict(difference)
          : reading.value === trace
            ? 'The text is being read again with every parent set to zero…'
            : (problem.value ?? 'This text has not been read without its parents yet.')}
      </p>
      {!difference && reading.value !== trace && (
        <button type="button" class="button small" onClick={measure}>
          Read all {byteSize(trace.count)} again without parents
        </button>
      )}
      <p class="fine">
        Bits a byte, on the same bytes and with the same borders; the range is two standard errors over blocks of 64
        bytes.{' '}
        {alone
          ? 'This says how much the levels are used: the rest of the model has come to rely on them. What they are worth is the difference from the same model trained without them.'
          : 'What the decoder gains on the encoder beyond that, it gains by being deeper.'}
      </p>
    </section>
  );
}
