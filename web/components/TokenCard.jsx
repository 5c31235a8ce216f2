/** The numbers of a token, and the way from anything up to the top. */
import { excerpt } from '../format/bytes.js';
import { count, fixed, significant } from '../format/numbers.js';
import { describeToken } from '../hierarchy/describe.js';
import { firstByte, lastByte } from '../hierarchy/spans.js';
import { levelStyle, useApp } from './context.js';

/** @typedef {import('../hierarchy/describe.js').Passage} Reading */
/** @typedef {import('../hierarchy/spans.js').Place} Place */

/** @param {{value: number, threshold: number, unit?: string}} props */
export function Sum({ value, threshold, unit = '' }) {
  if (!Number.isFinite(value)) return null;
  return (
    <>
      <dt>sum</dt>
      <dd>
        {fixed(value)} of {significant(threshold)} {unit}
      </dd>
    </>
  );
}

/** @param {{reading: Reading, place: Place}} props */
function PlaceButton({ reading, place }) {
  const { store } = useApp();
  const text = reading.trace.text.subarray(firstByte(reading.ends, place), lastByte(reading.ends, place) + 1);
  return (
    <button
      type="button"
      style={levelStyle(place.level)}
      onClick={() => {
        store.selected.value = place;
      }}
    >
      <span>
        {place.level === 0 ? 'byte' : `level ${place.level} ·`} {place.index + 1}
      </span>
      <span>{excerpt(text, 40)}</span>
    </button>
  );
}

/** @param {{reading: Reading, path: Place[], condition: Place|null}} props */
export function PathList({ reading, path, condition }) {
  if (reading.trace.levels.length < 2) return null;
  return (
    <>
      <p class="sub">{path.length > 0 ? 'Part of' : 'Part of no token yet: no border has closed it.'}</p>
      <div class="path">
        {path.map((place) => (
          <PlaceButton key={`${place.level}:${place.index}`} reading={reading} place={place} />
        ))}
      </div>
      {condition && (
        <>
          <p class="sub">The decoder knew, from above</p>
          <div class="path">
            <PlaceButton reading={reading} place={condition} />
          </div>
        </>
      )}
    </>
  );
}

/** @param {ReturnType<typeof describeToken>} d */
function reach(d) {
  if (!d.reached) return d.index === 0 ? 'nothing: it is the first' : 'nothing yet';
  const { from, to, level } = d.reached;
  const what = level === 0 ? 'byte' : `level ${level} token`;
  return to === from ? `${what} ${from + 1}` : `${what}s ${from + 1}–${to + 1}`;
}

/** @param {{d: ReturnType<typeof describeToken>}} props */
function Uncertainty({ d }) {
  return (
    <>
      <dt>surprise foreseen</dt>
      <dd>{significant(d.score)}</dd>
      <dt>surprise met</dt>
      <dd>{significant(d.realised)}</dd>
      <Sum value={d.sum} threshold={d.threshold} />
      {d.border && (
        <>
          <dt>border</dt>
          <dd>yes: it ends a token above</dd>
        </>
      )}
    </>
  );
}

/** @param {{reading: Reading, place: Place}} props */
export function TokenCard({ reading, place }) {
  const d = describeToken(reading, place);
  const parts = d.children.to - d.children.from + 1;
  const below = d.level === 1 ? 'byte' : `level ${d.level - 1} token`;
  return (
    <div style={levelStyle(d.level)}>
      <h3>
        <span class="sign token">{d.index + 1}</span>
        <span>
          Token of level {d.level}
          <span class="heading-note">
            {count(d.text.length, 'byte')}
            {d.level > 1 && `, ${count(parts, below)}`}
          </span>
        </span>
      </h3>
      <p class="quote">{excerpt(d.text, 160)}</p>
      <dl class="facts">
        <dt>closed at sum</dt>
        <dd>{d.index === 0 ? 'the start' : `${fixed(d.collected)} of ${significant(d.collectedThreshold)}`}</dd>
        <Uncertainty d={d} />
        <dt>conditions</dt>
        <dd>{reach(d)}</dd>
      </dl>
      {Number.isFinite(d.sum) && d.threshold > 0 && (
        <div class="meter" aria-hidden="true">
          <span style={{ width: `${100 * Math.min(1, d.sum / d.threshold)}%` }} />
        </div>
      )}
      {d.top ? (
        <p class="fine">The top level: nothing is above it, its states go straight back down.</p>
      ) : (
        <PathList reading={reading} path={d.path} condition={d.condition} />
      )}
      <p class="sub">Ends with</p>
      <div class="path">
        <PlaceButton reading={reading} place={{ level: d.level - 1, index: d.children.to }} />
      </div>
    </div>
  );
}
