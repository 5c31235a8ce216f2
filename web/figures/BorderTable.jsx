/** The border rule's figure as a table. */
import { useSignal } from '@preact/signals';
import { excerpt, spoken } from '../format/bytes.js';
import { fixed, integer, significant } from '../format/numbers.js';
import { useFigures } from './context.js';

/** @param {{level: number}} props */
function LevelRows({ level }) {
  const figures = useFigures();
  const routed = figures.routed.value;
  const tokens = routed?.levels[level];
  if (!routed || !tokens) return null;
  const clusters = figures.clusters.value;
  const text = figures.text.value;
  /** @param {number} i */
  const name = (i) => {
    if (level > 0) return excerpt(text.subarray(i === 0 ? 0 : tokens.end[i - 1] + 1, tokens.end[i] + 1), 24);
    const cluster = clusters.find(({ from, length }) => i >= from && i < from + length);
    return cluster ? spoken(text, cluster) : '';
  };
  const label = level === 0 ? 'Bytes of your sentence' : `Tokens of level ${level}`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="table-scroll" tabIndex={0} aria-label={label}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{level === 0 ? 'byte' : `level ${level}`}</th>
            <th scope="col">text</th>
            <th scope="col" class="figure">
              {level === 0 ? 'entropy, nats' : 'expected error'}
            </th>
            <th scope="col" class="figure">
              sum
            </th>
            <th scope="col">border</th>
          </tr>
        </thead>
        <tbody>
          {Array.from(tokens.score.subarray(0, tokens.known), (score, i) => (
            <tr key={i}>
              <td>{integer(i + 1)}</td>
              <td>{name(i)}</td>
              <td class="figure">{significant(score)}</td>
              <td class="figure">{fixed(tokens.sum[i], 2)}</td>
              <td>{tokens.border[i] === 1 ? 'yes' : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function BorderTable() {
  const figures = useFigures();
  const open = useSignal(false);
  const levels = figures.routed.value?.levels.length ?? 0;
  return (
    <details
      class="fold"
      onToggle={(e) => {
        open.value = e.currentTarget.open;
      }}
    >
      <summary>The same as a table</summary>
      {open.value &&
        Array.from({ length: Math.min(2, levels) }, (_, level) => <LevelRows key={`${level}`} level={level} />)}
    </details>
  );
}
