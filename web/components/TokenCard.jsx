/** The numbers of a token, and the way from anything up to the top. */
import { clusterAt, excerpt, hex, spoken } from '../format/bytes.js';
import { count, fixed, integer, significant } from '../format/numbers.js';
import { describeToken } from '../hierarchy/describe.js';
import {
  CLOSED_AT,
  CONDITIONS,
  DOWN_TO_BYTES,
  KNEW,
  levelName,
  MADE_OF,
  PART_OF,
  tokenHeading,
} from '../hierarchy/hierarchy_sentences.js';
import { firstByte, lastByte } from '../traces/spans.js';
import { levelStyle, useApp } from './context.js';

/** @typedef {import('../hierarchy/describe.js').Passage} Reading */
/** @typedef {import('../traces/spans.js').Place} Place */

/** What the rule compares with the threshold. @param {{name: string, value: number, threshold: number, unit?: string}} props */
export function Sum({ name, value, threshold, unit = '' }) {
  if (name === '' || !Number.isFinite(value)) return null;
  return (
    <>
      <dt>{name}</dt>
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
        {place.level === 0 ? 'byte' : `${levelName(place.level)} ·`} {place.index + 1}
      </span>
      <bdi>{excerpt(text, 40)}</bdi>
    </button>
  );
}

/** @param {{reading: Reading, place: Place}} props */
function ByteButton({ reading, place }) {
  const { store } = useApp();
  const { text } = reading.trace;
  const cluster = clusterAt(text, place.index);
  return (
    <button
      type="button"
      class="piece"
      aria-label={`Byte ${place.index + 1}: ${spoken(text, cluster)}`}
      onClick={() => {
        store.selected.value = place;
      }}
    >
      {cluster.length > 1 ? hex(text[place.index]) : cluster.text}
    </button>
  );
}

/** @param {{reading: Reading, places: Place[]}} props */
function PlaceList({ reading, places }) {
  return (
    <div class="path">
      {places.map((place) => (
        <PlaceButton key={`${place.level}:${place.index}`} reading={reading} place={place} />
      ))}
    </div>
  );
}

/** The way up, and the way back down. @param {{reading: Reading, path: Place[], conditions: Place[]}} props */
export function PathList({ reading, path, conditions }) {
  if (reading.trace.levels.length < 2) return null;
  return (
    <>
      <p class="sub">{path.length > 0 ? PART_OF : 'Part of no token yet: no border has closed it.'}</p>
      <PlaceList reading={reading} places={[...path].reverse()} />
      {conditions.length > 0 && (
        <>
          <p class="sub">{KNEW}</p>
          <PlaceList reading={reading} places={[...conditions].reverse()} />
        </>
      )}
    </>
  );
}

/** Parts that are listed at most. */
const MOST_PARTS = 8;

/** @param {ReturnType<typeof describeToken>} d @returns {Place[]} the last parts of a token, in order */
function partsOf({ level, children }) {
  const first = Math.max(children.from, children.to + 1 - MOST_PARTS);
  return Array.from({ length: children.to + 1 - first }, (_, i) => ({ level: level - 1, index: first + i }));
}

/** @param {ReturnType<typeof describeToken>} d */
function reach(d) {
  if (!d.reached) return d.index === 0 ? 'nothing: it is the first' : 'nothing yet';
  const { from, to, level } = d.reached;
  const what = level === 0 ? 'byte' : `${levelName(level)} token`;
  return to === from ? `${what} ${from + 1}` : `${what}s ${from + 1}–${to + 1}`;
}

/** @param {{d: ReturnType<typeof describeToken>}} props */
function Uncertainty({ d }) {
  return (
    <>
      {Number.isFinite(d.realised) && (
        <>
          <dt>surprise foreseen</dt>
          <dd>{significant(d.score)}</dd>
          <dt>surprise met</dt>
          <dd>{significant(d.realised)}</dd>
        </>
      )}
      <Sum name={d.measure} value={d.sum} threshold={d.threshold} />
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
  const below = d.level === 1 ? 'byte' : `${levelName(d.level - 1)} token`;
  return (
    <div style={levelStyle(d.level)}>
      <h3>
        <span class="sign token">{d.index + 1}</span>
        <span>
          {tokenHeading(d.level)}
          <span class="heading-note">
            {count(d.text.length, 'byte')}
            {d.level > 1 && `, ${count(parts, below)}`}
          </span>
        </span>
      </h3>
      <p class="quote">{excerpt(d.text, 160)}</p>
      <dl class="facts">
        {d.measureBelow !== '' && (
          <>
            <dt>
              {CLOSED_AT} {d.measureBelow}
            </dt>
            <dd>{d.index === 0 ? 'the start' : `${fixed(d.collected)} of ${significant(d.collectedThreshold)}`}</dd>
          </>
        )}
        <Uncertainty d={d} />
        <dt>{CONDITIONS}</dt>
        <dd>{reach(d)}</dd>
        {d.level > 1 && d.bytesReached && (
          <>
            <dt>{DOWN_TO_BYTES}</dt>
            <dd>
              {integer(d.bytesReached.from + 1)}–{integer(d.bytesReached.to + 1)}
            </dd>
          </>
        )}
      </dl>
      {d.measure !== '' && Number.isFinite(d.sum) && d.threshold > 0 && (
        <div class="meter" aria-hidden="true">
          <span style={{ width: `${100 * Math.max(0, Math.min(1, d.sum / d.threshold))}%` }} />
        </div>
      )}
      {d.top ? (
        <p class="fine">The top level: nothing is above it, its states go straight back down.</p>
      ) : (
        <PathList reading={reading} path={d.path} conditions={d.conditions} />
      )}
      <p class="sub">
        {MADE_OF}
        {parts > MOST_PARTS && `, the last ${MOST_PARTS} of ${count(parts, below)}`}
      </p>
      {d.level === 1 ? (
        <div class="parts">
          {partsOf(d).map((place) => (
            <ByteButton key={place.index} reading={reading} place={place} />
          ))}
        </div>
      ) : (
        <PlaceList reading={reading} places={partsOf(d)} />
      )}
    </div>
  );
}
