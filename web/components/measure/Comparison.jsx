/** Two models side by side on one text. */
import { hasOneHead } from '../../../wasm/engine/kinds.js';
import { count, fixed, integer } from '../../format/numbers.js';
import { pairedDifference } from '../../statistics/measures.js';
import { comparisonVerdict, MODELS } from '../../statistics/verdicts.js';
import { figures } from '../../traces/trace.js';
import { useApp } from '../context.js';
import { Button, FileButton } from '../fields.jsx';
import { figure, Table } from '../Table.jsx';
import { useMeasuring } from './context.js';
import { Duet } from './Duet.jsx';

/** @typedef {import('../../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../../traces/trace.js').Trace} Trace */

/** @param {Settings} settings */
function kindOf(settings) {
  return settings.model_type === 'adaptive' ? `adaptive, ${count(settings.num_levels, 'level')}` : settings.model_type;
}

/** The open model by name. @param {import('../../state/store.js').Store} store */
function nameOf(store) {
  const origin = store.model.value?.origin;
  return MODELS[origin ?? 'fresh'];
}

function Choice() {
  const { comparison } = useMeasuring();
  const { busy, hasFlat, useFlat, useUntrained, keep, useFile } = comparison;
  /** @param {string} label @param {string} testId @param {() => unknown} act */
  const button = (label, testId, act) => (
    <Button class="button small" off={busy.value} data-testid={testId} onClick={act}>
      {label}
    </Button>
  );
  return (
    <div class="buttons">
      {hasFlat && button('The flat model', 'compare-flat', useFlat)}
      {button('This model, untrained', 'compare-untrained', useUntrained)}
      {button('This model as it is now', 'compare-keep', keep)}
      <FileButton
        id="compare-file"
        label="Weights from a file"
        accept=".safetensors,.pt,.pth"
        small
        testId="compare-file"
        onFiles={(files) => files[0] && useFile(files[0])}
      />
    </div>
  );
}

/** @param {{first: Trace, second: Trace}} props */
function Sides({ first, second }) {
  const { store } = useApp();
  const { other } = useMeasuring().comparison;
  const model = store.model.value;
  if (!model || !other.value) return null;
  const columns = [
    {
      name: nameOf(store),
      settings: model.settings,
      parameters: model.parameterCount,
      step: store.step.value,
      untrained: model.origin === 'fresh',
      f: figures(first),
    },
    {
      name: other.value.name,
      settings: other.value.settings,
      parameters: other.value.parameterCount,
      step: other.value.step,
      untrained: other.value.kind === 'untrained',
      f: figures(second),
    },
  ];
  /** @type {[string, (c: typeof columns[number]) => string, string?][]} */
  const rows = [
    ['model', (c) => kindOf(c.settings)],
    ['parameters', (c) => integer(c.parameters)],
    ['steps trained', (c) => (c.step > 0 ? integer(c.step) : c.untrained ? 'none' : 'not said')],
    ['encoder, bits a byte', (c) => (hasOneHead(c.settings) ? 'has none' : fixed(c.f.encoderBpb, 3))],
    ['decoder, bits a byte', (c) => fixed(c.f.decoderBpb, 3), 'compare-bpb'],
    ['tokens by level', (c) => c.f.levels.map(({ tokens }) => integer(tokens)).join(' / ')],
  ];
  return (
    <div class="table-wide">
      <Table columns={['on this text', ...columns.map(({ name }) => figure(name))]}>
        <tbody>
          {rows.map(([label, cell, testId]) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {columns.map((column, i) => (
                <td key={`${i}`} class="figure" data-testid={testId && `${testId}-${i}`}>
                  {cell(column)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

export function Comparison() {
  const { store } = useApp();
  const { comparison } = useMeasuring();
  const { other, pair, busy, problem, forget } = comparison;
  const trace = store.trace.value;
  const second = pair.value && pair.value.of === trace ? pair.value.trace : null;
  return (
    <section class="comparison" aria-labelledby="measure-comparison">
      <h3 id="measure-comparison">Two models, one text</h3>
      <p class="measure-lead">
        Put another model beside the open one: the flat model, which has the example’s layers for bytes and no levels
        above, trained on the same data for as many steps; or the same model at another time. To see what training does,
        keep the model as it is now, train, and look again.
      </p>
      <Choice />
      {problem.value && <p class="problem">{problem.value}</p>}
      {busy.value && <p class="fine">The other model is being opened…</p>}
      {other.value && !second && !busy.value && <p class="fine">The other model is reading the text…</p>}
      {trace && second && other.value && (
        <div data-testid="comparison">
          <p class="measure-lead" data-testid="compare-verdict">
            {comparisonVerdict(
              pairedDifference(second.decoderBits, trace.decoderBits),
              nameOf(store),
              other.value.name,
            )}
          </p>
          <Sides first={trace} second={second} />
          <Duet first={trace} second={second} names={[nameOf(store), other.value.name]} />
          <button type="button" class="button small quiet" onClick={forget}>
            Back to one model
          </button>
        </div>
      )}
    </section>
  );
}
