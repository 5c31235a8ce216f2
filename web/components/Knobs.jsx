/** A threshold for each level, and what the borders cost and buy. */
import { fixed, integer, significant } from '../format/numbers.js';
import { levelName, ONE_HEAD } from '../hierarchy/hierarchy_sentences.js';
import { trainedThresholds } from '../state/tracing.js';
import { levelStyle, useApp } from './context.js';
import { figure, Table } from './Table.jsx';

/** Places of a slider, and how many times smaller and larger than the trained value its ends are. */
const [PLACES, REACH] = [400, 20];

/** @param {number} trained */
function scaleOf(trained) {
  const centre = trained > 0 ? trained : 1;
  const least = Math.log(centre / REACH);
  const span = 2 * Math.log(REACH);
  return {
    /** @param {number} value */
    toPlace: (value) => Math.round(Math.max(0, Math.min(1, (Math.log(Math.max(value, 1e-9)) - least) / span)) * PLACES),
    /** @param {number} place */
    toValue: (place) => Number(Math.exp(least + (place / PLACES) * span).toPrecision(3)),
  };
}

/** @param {{level: number, value: number, trained: number, unit: string}} props */
function Knob({ level, value, trained, unit }) {
  const { actions } = useApp();
  const scale = scaleOf(trained);
  const id = `threshold-${level}`;
  return (
    <div class="knob" style={levelStyle(level)}>
      <label class="label" for={id}>
        <b>{level === 0 ? 'Bytes' : `Level ${level}`}</b>: border at {significant(value)} {unit}
        {value !== trained && ` (trained: ${significant(trained)})`}
      </label>
      <input
        id={id}
        class="slider"
        type="range"
        min={0}
        max={PLACES}
        value={scale.toPlace(value)}
        aria-valuetext={`${significant(value)} ${unit}`}
        data-testid={id}
        onInput={(e) => actions.changeThreshold(level, scale.toValue(e.currentTarget.valueAsNumber))}
      />
      <input
        class="input"
        type="number"
        min={0}
        step="any"
        value={value}
        aria-label={`Threshold of ${level === 0 ? 'bytes' : levelName(level)} in ${unit}`}
        onChange={(e) => {
          const typed = e.currentTarget.valueAsNumber;
          if (typed >= 0) actions.changeThreshold(level, typed);
          else e.currentTarget.value = String(value);
        }}
      />
    </div>
  );
}

function Thresholds() {
  const { store, actions } = useApp();
  const trained = trainedThresholds(store);
  const thresholds = store.thresholds.value ?? trained;
  const levels = store.model.value?.levels ?? [];
  // A rule without a unit has no threshold.
  if (!levels.some(({ unit }) => unit !== '')) return null;
  return (
    <div>
      <h3 class="panel-title">Move the thresholds</h3>
      {trained.map(
        (value, level) =>
          levels[level]?.unit && (
            <Knob
              key={`${level}`}
              level={level}
              trained={value}
              value={thresholds[level] ?? value}
              unit={levels[level].unit}
            />
          ),
      )}
      <button
        type="button"
        class="button small"
        disabled={store.thresholds.value === null}
        data-testid="thresholds-reset"
        onClick={actions.resetThresholds}
      >
        Back to the trained values
      </button>
    </div>
  );
}

/** What moving the thresholds did to the decoder’s cost. @param {import('../state/store.js').Store} store */
function change(store) {
  const trained = store.trained.value;
  const now = store.figures.value?.decoderBpb;
  if (store.thresholds.value === null || !trained || now === undefined) return '';
  const difference = now - trained.decoderBpb;
  return ` (${difference < 0 ? '−' : '+'}${fixed(Math.abs(difference), 4)})`;
}

function Figures() {
  const { store } = useApp();
  const figures = store.figures.value;
  const alone = store.oneHead.value;
  return (
    <div>
      <h3 class="panel-title">What they cost and buy</h3>
      <Table columns={['this passage', figure('tokens'), figure('bytes a token')]}>
        <tbody data-testid="level-figures">
          {(figures?.levels ?? [{ tokens: Number.NaN, bytesPerToken: Number.NaN }]).map(
            ({ tokens, bytesPerToken }, level) => (
              <tr key={level} style={levelStyle(level)}>
                <td>
                  <span class="level-name">{level === 0 ? 'bytes' : levelName(level)}</span>
                </td>
                <td class="figure">{integer(tokens)}</td>
                <td class="figure">{level === 0 ? '' : fixed(bytesPerToken, 1)}</td>
              </tr>
            ),
          )}
          {!alone && (
            <tr>
              <th scope="row">encoder</th>
              <td class="figure" colSpan={2}>
                {fixed(figures?.encoderBpb ?? Number.NaN, 3)} bits per byte
              </td>
            </tr>
          )}
          <tr>
            <th scope="row">{alone ? ONE_HEAD : 'decoder'}</th>
            <td class="figure" colSpan={2} data-testid="passage-decoder-bpb">
              {fixed(figures?.decoderBpb ?? Number.NaN, 3)} bits per byte
              {change(store)}
            </td>
          </tr>
        </tbody>
      </Table>
    </div>
  );
}

export function Knobs() {
  return (
    <div class="knobs">
      <Thresholds />
      <Figures />
    </div>
  );
}
