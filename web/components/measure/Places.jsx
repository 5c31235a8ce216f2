/** Where borders fall, compared with as many at random. */
import { useComputed } from '@preact/signals';
import { percent } from '../../format/numbers.js';
import { borderPlaces, KINDS, placesOf } from '../../statistics/measures.js';
import { levelStyle, useApp } from '../context.js';
import { figure, Table } from '../Table.jsx';

/** @typedef {import('../../statistics/measures.js').Share} Share */

const NAMES = Object.freeze({
  word: 'at the start of a word, or the space before it',
  space: 'beside white space',
  inside: 'inside a character',
});

const WIDTH = 200;

/** A filled mark for what was found; a ring, with two standard deviations, for chance. No borders, no share. @param {{share: Share}} props */
function Scale({ share }) {
  const x = (/** @type {number} */ value) => 6 + Math.max(0, Math.min(1, value)) * (WIDTH - 12);
  const { found, random, deviation } = share;
  return (
    <svg class="share" viewBox={`0 0 ${WIDTH} 20`} aria-hidden="true">
      <path class="axis" d={`M6 10H${WIDTH - 6}M6 6v8M${WIDTH - 6} 6v8`} />
      {Number.isFinite(deviation) && (
        <path class="whisker" d={`M${x(random - 2 * deviation)} 10H${x(random + 2 * deviation)}`} />
      )}
      {Number.isFinite(random) && <circle class="random" cx={x(random)} cy="10" r="4" />}
      {Number.isFinite(found) && <circle class="found" cx={x(found)} cy="10" r="5" />}
    </svg>
  );
}

export function Places() {
  const { store } = useApp();
  const places = useComputed(() => (store.trace.value?.done ? placesOf(store.trace.value.text) : null));
  const reading = store.reading.value;
  if (!reading || !places.value) return null;
  const levels = reading.ends
    .slice(1)
    .map((ends, i) => ({ level: i + 1, ...borderPlaces(ends, places.value ?? none) }));
  return (
    <section class="measure" aria-labelledby="measure-places">
      <h3 id="measure-places">Where the borders fall</h3>
      <Table class="places" columns={['borders', figure('found'), figure('random'), '0 to 100 %']}>
        {KINDS.map((kind) => (
          <tbody key={kind}>
            <tr>
              <th colSpan={4} scope="rowgroup">
                {NAMES[kind]}
              </th>
            </tr>
            {levels.map(({ level, shares }) => (
              <tr key={level} style={levelStyle(level)}>
                <td>
                  <span class="level-name">level {level}</span>
                </td>
                <td class="figure" data-testid={`share-${kind}-${level}`}>
                  {percent(shares[kind].found)}
                </td>
                <td class="figure">
                  {percent(shares[kind].random)}
                  <span class="fine-figure"> ± {percent(2 * shares[kind].deviation)}</span>
                </td>
                <td>
                  <Scale share={shares[kind]} />
                </td>
              </tr>
            ))}
          </tbody>
        ))}
      </Table>
      <p class="fine">
        Filled: this model. Ring: as many borders at random bytes, with the range that nineteen of twenty such draws
        stay in.
      </p>
    </section>
  );
}

const none = placesOf(new Uint8Array());
