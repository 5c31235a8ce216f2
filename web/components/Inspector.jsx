/** The numbers of the byte or token that is pointed at. */
import { decoded, hex, symbolSign } from '../format/bytes.js';
import { fixed, percent } from '../format/numbers.js';
import { describeByte } from '../hierarchy/describe.js';
import { byteHeading, ENTROPY, ONE_HEAD } from '../hierarchy/hierarchy_sentences.js';
import { levelStyle, useApp } from './context.js';
import { Legend } from './Legend.jsx';
import { PathList, Sum, TokenCard } from './TokenCard.jsx';

/** @typedef {import('../hierarchy/describe.js').Forecast} Forecast */

/** @param {{name: string, colour: string, forecast: Forecast}} props */
function ForecastList({ name, colour, forecast }) {
  return (
    <div class="forecast" style={{ '--colour': `var(--${colour})` }}>
      <h4>
        <span>{name}</span>
        <span>{fixed(forecast.bits)} bits</span>
      </h4>
      <ol>
        {/* The place is kept until they come, so that nothing jumps. */}
        {!forecast.predictions && Array.from({ length: 10 }, (_, i) => <li key={-1 - i}>…</li>)}
        {forecast.predictions?.map(({ symbol, probability, actual }) => (
          <li key={symbol} class={actual ? 'actual' : ''}>
            <span class="bar" style={{ width: `${100 * probability}%` }} />
            <span>{symbolSign(symbol).text}</span>
            <span>{percent(probability)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** @param {{d: ReturnType<typeof describeByte>}} props */
function Forecasts({ d }) {
  const { store } = useApp();
  if (!d.encoder || !d.decoder) return <p class="fine">The first byte is given: nothing predicts it.</p>;
  if (store.oneHead.value) {
    return (
      <div class="forecasts">
        <ForecastList name={ONE_HEAD} colour="decoder" forecast={d.decoder} />
      </div>
    );
  }
  return (
    <div class="forecasts">
      <ForecastList name="encoder" colour="encoder" forecast={d.encoder} />
      <ForecastList name="decoder" colour="decoder" forecast={d.decoder} />
    </div>
  );
}

/** @param {{reading: import('../hierarchy/describe.js').Passage, index: number}} props */
function ByteCard({ reading, index }) {
  const { store, actions } = useApp();
  store.windowsVersion.value;
  const d = describeByte(reading, index, index > 0 ? actions.predictionsAt(reading.trace, index - 1) : null);
  const { cluster } = d;
  const code = cluster.kind === 'invalid' ? 'not UTF-8' : codeName(reading.trace.text, cluster);
  const part = cluster.length > 1 ? `, ${index - cluster.from + 1} of ${cluster.length}` : '';
  return (
    <>
      <h3>
        <span class={`sign ${cluster.kind === 'char' ? '' : 'quiet'}`}>{cluster.text}</span>
        <span>
          {byteHeading(index)}
          <span class="heading-note">
            0x{hex(d.value)} {code}
            {part}
          </span>
        </span>
      </h3>
      <p class="sub">What was expected here</p>
      <Forecasts d={d} />
      <p class="sub">After reading it</p>
      <dl class="facts">
        <dt>{ENTROPY}</dt>
        <dd>{fixed(d.entropy)} nats</dd>
        {Number.isFinite(d.decoderEntropy) && d.decoderEntropy !== d.entropy && (
          <>
            <dt>decoder’s</dt>
            <dd>{fixed(d.decoderEntropy)} nats</dd>
          </>
        )}
        <Sum name={d.measure} value={d.sum} threshold={d.threshold} unit="nats" />
        {d.border && (
          <>
            <dt>border</dt>
            <dd>yes: a token ends here</dd>
          </>
        )}
      </dl>
      {d.measure !== '' && Number.isFinite(d.sum) && d.threshold > 0 && (
        <div class="meter" style={levelStyle(0)} aria-hidden="true">
          <span style={{ width: `${100 * Math.max(0, Math.min(1, d.sum / d.threshold))}%` }} />
        </div>
      )}
      <PathList reading={reading} path={d.path} conditions={d.conditions} />
    </>
  );
}

/** @param {Uint8Array} text @param {import('../format/bytes.js').Cluster} cluster */
function codeName(text, { from, length }) {
  const code = decoded(text.subarray(from, from + length)).codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

export function Inspector() {
  const { store } = useApp();
  const reading = store.reading.value;
  const place = store.pointed.value;
  return (
    <aside class="sheet inspector" aria-label="Numbers of what is pointed at" data-testid="inspector">
      {!reading || !place ? (
        <Legend />
      ) : place.level === 0 ? (
        <ByteCard reading={reading} index={place.index} />
      ) : (
        <TokenCard reading={reading} place={place} />
      )}
    </aside>
  );
}
