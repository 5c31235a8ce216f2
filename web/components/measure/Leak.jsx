/** The two border rules with the same weights: one cannot look ahead, the other does. */
import { fixed, integer, significant } from '../../format/numbers.js';
import { Button } from '../fields.jsx';
import { figure, Table } from '../Table.jsx';
import { useMeasuring } from './context.js';

/** @typedef {import('../../../wasm/engine/protocol.js').RuleFigures} RuleFigures */

/** @param {{name: string, figures: RuleFigures, id: string}} props */
function Row({ name, figures, id }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="figure">{fixed(figures.decoderBpb, 3)}</td>
      <td class="figure">{figures.borders.map((n) => integer(n)).join(' / ')}</td>
      <td class="figure" data-testid={`leak-${id}`}>
        {significant(figures.difference)}
      </td>
      <td>{figures.leaks ? `leaks: byte ${integer(figures.worst + 1)} most` : 'looks at nothing ahead'}</td>
    </tr>
  );
}

export function Leak() {
  const { rules, checking, problem, compareRules } = useMeasuring();
  const result = rules.value;
  return (
    <section class="measure wide" aria-labelledby="measure-leak">
      <h3 id="measure-leak">A rule that looks ahead</h3>
      <p>
        The prototype had a second border rule, called <i>teacher forced</i>: a border wherever the encoder’s likeliest
        byte turns out wrong. To know that, it has to see the very byte that the decoder is about to predict. Whatever
        such a decoder seems to save, it was told; it cannot write a text whose next byte nobody knows.
      </p>
      <Button class="button small" off={checking.value} data-testid="compare-rules" onClick={compareRules}>
        {checking.value ? 'Checking…' : 'Check both rules on this text'}
      </Button>
      <div aria-live="polite">
        {problem.value && !result && <p class="problem">{problem.value}</p>}
        {result && (
          <>
            <div class="table-wide">
              <Table
                columns={[
                  'rule',
                  ...['decoder, bits a byte', 'borders by level', 'largest change'].map(figure),
                  'verdict',
                ]}
              >
                <tbody>
                  <Row name="uncertainty" figures={result.uncertainty} id="uncertainty" />
                  <Row name="teacher forced" figures={result.teacherForced} id="teacher-forced" />
                </tbody>
              </Table>
            </div>
            <p class="fine">
              Over the first {integer(result.positions)} bytes, with the weights that the open model had then and the
              thresholds of its training. <i>Largest change</i> is how far a logit moves when everything after its byte
              is left out: anything but zero is knowledge of the future.
            </p>
          </>
        )}
      </div>
    </section>
  );
}
