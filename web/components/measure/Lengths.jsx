/** How long tokens are, by level. */
import { useRef } from 'preact/hooks';
import { count, fixed, integer } from '../../format/numbers.js';
import { tokenLengths } from '../../statistics/measures.js';
import { levelStyle, useApp } from '../context.js';
import { Fold } from '../Fold.jsx';
import { SaveFigure } from '../SaveFigure.jsx';
import { figure, Table } from '../Table.jsx';

const [WIDTH, HEIGHT] = [280, 72];

/** Lengths that a bar stands for. @param {{from: number, to: number}} bar */
const rangeOf = ({ from, to }) => (from === to ? `${from}` : `${from}–${to}`);

/** @param {{level: number, ends: Uint32Array}} props */
function Level({ level, ends }) {
  const drawing = useRef(/** @type {SVGSVGElement|null} */ (null));
  const lengths = tokenLengths(ends);
  if (lengths.count === 0)
    return (
      <figure class="histogram" style={levelStyle(level)}>
        <figcaption>
          <b class="level-name">level {level}</b> <span>has no border of its own choice in this text</span>
        </figcaption>
      </figure>
    );
  const { histogram } = lengths;
  const most = Math.max(...histogram.map((bar) => bar.count));
  const step = WIDTH / histogram.length;
  const label = `${count(lengths.count, 'token')}, ${fixed(lengths.mean, 1)} bytes on the average, standard deviation ${fixed(lengths.deviation, 1)}`;
  return (
    <figure class="histogram" style={levelStyle(level)}>
      <figcaption>
        <b class="level-name">level {level}</b>{' '}
        <span class="number" data-testid={`length-${level}`}>
          {fixed(lengths.mean, 1)} ± {fixed(lengths.deviation, 1)}
        </span>{' '}
        <span>bytes a token, {integer(lengths.count)} tokens</span>
      </figcaption>
      <svg ref={drawing} viewBox={`0 0 ${WIDTH} ${HEIGHT + 16}`} role="img" aria-label={label}>
        {histogram.map((bar, i) => {
          const height = (HEIGHT * bar.count) / most;
          return (
            <rect key={bar.from} x={i * step + 1} y={HEIGHT - height} width={step - 2} height={height}>
              <title>{`${rangeOf(bar)} bytes: ${bar.count}`}</title>
            </rect>
          );
        })}
        <path d={`M0 ${HEIGHT + 0.5}H${WIDTH}`} />
        <text x="0" y={HEIGHT + 13}>
          {histogram[0].from}
        </text>
        <text x={WIDTH} y={HEIGHT + 13} text-anchor="end">
          {histogram[histogram.length - 1].to} bytes
        </text>
      </svg>
      <SaveFigure name={`lengths-${level}`} drawing={() => drawing.current} />
      <Fold title="The same as a table" name={`lengths-${level}`}>
        {() => (
          <Table columns={['bytes', figure('tokens')]}>
            <tbody>
              {histogram.map((bar) => (
                <tr key={bar.from}>
                  <td>{rangeOf(bar)}</td>
                  <td class="figure">{integer(bar.count)}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Fold>
    </figure>
  );
}

export function Lengths() {
  const { store } = useApp();
  const reading = store.reading.value;
  if (!reading) return null;
  return (
    <section class="measure" aria-labelledby="measure-lengths">
      <h3 id="measure-lengths">How long the tokens are</h3>
      {reading.ends.slice(1).map((ends, i) => (
        <Level key={`${i}`} level={i + 1} ends={ends} />
      ))}
      <p class="fine">Mean ± standard deviation. The very first token is left out: position 0 is always a border.</p>
    </section>
  );
}
