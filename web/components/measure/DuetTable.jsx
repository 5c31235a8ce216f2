/** What two models paid for each character of a text, as a table. */
import { clusters } from '../../format/bytes.js';
import { fixed, integer } from '../../format/numbers.js';
import { Fold } from '../Fold.jsx';
import { figure, ScrollTable } from '../Table.jsx';

/** @typedef {import('../../traces/trace.js').Trace} Trace */

/** Bits of a character's bytes; the first byte is given. @param {Trace} trace @param {number} from @param {number} to */
function paid({ decoderBits }, from, to) {
  let sum = 0;
  for (let byte = Math.max(1, from); byte < to; byte++) sum += decoderBits[byte - 1];
  return to <= 1 ? Number.NaN : sum;
}

/** @param {{first: Trace, second: Trace, names: [string, string], bytes: number}} props  `bytes`: that are shown */
export function DuetTable({ first, second, names, bytes }) {
  return (
    <Fold title="The same as a table" name="duet">
      {() => (
        <ScrollTable
          label="Bits that both models paid"
          columns={['byte', 'text', ...names.map((name) => figure(`${name}, bits`))]}
        >
          <tbody>
            {clusters(first.text.subarray(0, bytes)).map(({ from, length, text }) => (
              <tr key={from}>
                <td>{integer(from + 1)}</td>
                <td>{text}</td>
                {[first, second].map((trace, i) => (
                  <td key={`${i}`} class="figure">
                    {fixed(paid(trace, from, from + length))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      )}
    </Fold>
  );
}
