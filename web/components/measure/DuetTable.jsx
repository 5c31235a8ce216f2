/** What two models paid for each sign of a text, as a table. */
import { clusters } from '../../format/bytes.js';
import { fixed, integer } from '../../format/numbers.js';
import { Fold } from '../Fold.jsx';

/** @typedef {import('../../state/trace.js').Trace} Trace */

/** Bits of a sign's bytes; the first byte is given. @param {Trace} trace @param {number} from @param {number} to */
function paid({ decoderBits }, from, to) {
  let sum = 0;
  for (let byte = Math.max(1, from); byte < to; byte++) sum += decoderBits[byte - 1];
  return to <= 1 ? Number.NaN : sum;
}

/** @param {{first: Trace, second: Trace, names: [string, string], bytes: number}} props  `bytes`: that are shown */
export function DuetTable({ first, second, names, bytes }) {
  return (
    <Fold title="The same as a table">
      {() => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        <section class="table-scroll" tabIndex={0} aria-label="Bits that both models paid">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">byte</th>
                <th scope="col">text</th>
                {names.map((name) => (
                  <th key={name} scope="col" class="figure">
                    {name}, bits
                  </th>
                ))}
              </tr>
            </thead>
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
          </table>
        </section>
      )}
    </Fold>
  );
}
