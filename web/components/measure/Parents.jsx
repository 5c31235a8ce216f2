/** What the hierarchy buys: predictions with their parents, without each level’s, and by a model without levels. */
import { byteSize, fixed } from '../../format/numbers.js';
import { pairedDifference } from '../../statistics/measures.js';
import { levelVerdict, parentsVerdict, worthVerdict } from '../../statistics/verdicts.js';
import { figures } from '../../traces/trace.js';
import { useApp } from '../context.js';
import { Button } from '../fields.jsx';
import { useMeasuring } from './context.js';

/** @typedef {import('../../traces/trace.js').Trace} Trace */

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

/** What the levels are worth, which takes a model that was trained without them. @param {{trace: Trace, control: Trace|null}} props  `control`: its reading of the same text, once there is one */
function Worth({ trace, control }) {
  const { store } = useApp();
  const { comparison } = useMeasuring();
  const { busy, hasFlat, useFlat } = comparison;
  if (store.model.value?.origin !== 'example' || !hasFlat)
    return (
      <p class="fine">
        What they are worth is the difference from the same model trained without them: train the flat model beside its
        run under <a href="#runs">Runs</a>, or <a href="#runs-compare">compare both</a> with several seeds.
      </p>
    );
  if (!control)
    return (
      <Button class="button small" off={busy.value} data-testid="buys-worth" onClick={useFlat}>
        {busy.value ? 'The flat model is reading…' : 'What are the levels worth?'}
      </Button>
    );
  return (
    <p class="fine" data-testid="worth-verdict">
      {worthVerdict(pairedDifference(control.decoderBits, trace.decoderBits))}
    </p>
  );
}

export function Parents() {
  const { store } = useApp();
  const { without, reading, problem, measure, comparison } = useMeasuring();
  const trace = store.trace.value;
  if (!trace?.done) return null;
  const traces = without.value?.of === trace ? without.value.traces : [];
  const now = figures(trace);
  const bare = trace.levels.slice(1).map((_, i) => (traces[i] ? figures(traces[i]).decoderBpb : Number.NaN));
  const alone = store.oneHead.value;
  const { other, pair } = comparison;
  const control = other.value?.kind === 'flat' && pair.value?.of === trace ? pair.value.trace : null;
  const flat = control ? figures(control).decoderBpb : 0;
  const most = Math.max(now.encoderBpb, now.decoderBpb, flat, ...bare.filter(Number.isFinite));
  const differences = traces.map((each) => pairedDifference(each.decoderBits, trace.decoderBits));
  return (
    <section class="measure" aria-labelledby="measure-parents">
      <h3 id="measure-parents">What the hierarchy buys</h3>
      <div class="costs">
        {!alone && <Bar label="encoder" bits={now.encoderBpb} most={most} colour="encoder" testId="buys-encoder" />}
        {bare.map((bits, i) => (
          <Bar
            key={`${i}`}
            label={i > 0 ? `without level ${i + 1}` : alone ? 'without parents' : 'decoder, no parents'}
            bits={bits}
            most={most}
            colour="decoder"
            testId={i > 0 ? `buys-without-${i + 1}` : 'buys-without'}
            hatched
          />
        ))}
        <Bar
          label={alone ? 'as it is' : 'decoder'}
          bits={now.decoderBpb}
          most={most}
          colour="decoder"
          testId="buys-decoder"
        />
        {control && <Bar label="the flat model" bits={flat} most={most} colour="encoder" testId="buys-flat" />}
      </div>
      <p class="fine" data-testid="buys-verdict">
        {differences.length > 0
          ? parentsVerdict(differences[0], alone)
          : reading.value === trace
            ? 'The text is being read again with every parent set to zero…'
            : (problem.value ?? 'This text has not been read without its parents yet.')}
      </p>
      {differences.slice(1).map((difference, i) => (
        <p key={`${i}`} class="fine" data-testid={`buys-verdict-${i + 2}`}>
          {levelVerdict(difference, i + 2)}
        </p>
      ))}
      {differences.length === 0 && reading.value !== trace && (
        <button type="button" class="button small" onClick={measure}>
          Read all {byteSize(trace.count)} again without parents
        </button>
      )}
      {alone && <Worth trace={trace} control={control} />}
      <p class="fine">
        Bits a byte, on the same bytes and with the same borders; the range is two standard errors over blocks of 64
        bytes.{' '}
        {alone
          ? 'Parents set to zero say how much finished weights use the levels, not what the levels are worth: the rest of the model came to rely on them.'
          : 'What the decoder gains on the encoder beyond that, it gains by being deeper.'}{' '}
        <a href="#how-pays">Studies with several seeds</a> say whether a hierarchy pays at equal arithmetic.
      </p>
    </section>
  );
}
