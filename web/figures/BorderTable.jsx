/** The border rule's figure as a table. */
import { Fold } from '../components/Fold.jsx';
import { figure, ScrollTable } from '../components/Table.jsx';
import { excerpt, spoken } from '../format/bytes.js';
import { fixed, integer, significant } from '../format/numbers.js';
import { firstByte, tokenEnds } from '../traces/spans.js';
import { measureOf } from '../traces/trace.js';
import { useFigures } from './context.js';

/** @param {{level: number}} props */
function LevelRows({ level }) {
  const figures = useFigures();
  const routed = figures.routed.value;
  const tokens = routed?.levels[level];
  if (!routed || !tokens) return null;
  const ends = tokenEnds(routed);
  const clusters = figures.clusters.value;
  const text = figures.text.value;
  /** @param {number} i */
  const name = (i) => {
    if (level > 0) return excerpt(text.subarray(firstByte(ends, { level, index: i }), ends[level][i] + 1), 24);
    const cluster = clusters.find(({ from, length }) => i >= from && i < from + length);
    return cluster ? spoken(text, cluster) : '';
  };
  return (
    <ScrollTable
      label={level === 0 ? 'Bytes of your sentence' : `Tokens of level ${level}`}
      columns={[
        level === 0 ? 'byte' : `level ${level}`,
        'text',
        figure(level === 0 ? 'entropy, nats' : 'expected error'),
        figure(measureOf(routed, level) || 'rule'),
        'border',
      ]}
    >
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
    </ScrollTable>
  );
}

export function BorderTable() {
  const levels = useFigures().routed.value?.levels.length ?? 0;
  return (
    <Fold title="The same as a table">
      {() => Array.from({ length: Math.min(2, levels) }, (_, level) => <LevelRows key={`${level}`} level={level} />)}
    </Fold>
  );
}
