/** Final figures of all runs, sortable, and which of them the chart shows. */
import { isolated } from '../../../wasm/files/formats/names.js';
import { markOf } from '../../charts/overlay.js';
import { dayAndTime } from '../../format/dates.js';
import { byteSize, compact, duration, fixed, integer } from '../../format/numbers.js';
import { COLUMNS, sorted } from '../../state/runs/record.js';
import { levelStyle, useApp } from '../context.js';
import { Scroll } from '../Table.jsx';

/** @typedef {import('../../state/runs/record.js').Run} Run */

/** @type {{key: keyof typeof COLUMNS & string, label: string, figure?: boolean, text: (run: Run) => string}[]} */
const FIGURES = [
  { key: 'model', label: 'model', text: ({ settings }) => settings.model_type },
  { key: 'decoderBpb', label: 'decoder', figure: true, text: (run) => fixed(Number(COLUMNS.decoderBpb(run)), 3) },
  { key: 'encoderBpb', label: 'encoder', figure: true, text: (run) => fixed(Number(COLUMNS.encoderBpb(run)), 3) },
  { key: 'best', label: 'best', figure: true, text: (run) => fixed(Number(COLUMNS.best(run)), 3) },
  { key: 'step', label: 'steps', figure: true, text: ({ step }) => integer(step) },
  { key: 'bytesSeen', label: 'bytes seen', figure: true, text: (run) => byteSize(Number(COLUMNS.bytesSeen(run))) },
  { key: 'elapsedMs', label: 'time', figure: true, text: ({ elapsedMs }) => duration(elapsedMs) },
  { key: 'parameterCount', label: 'parameters', figure: true, text: (run) => compact(run.parameterCount) },
  { key: 'created', label: 'begun', text: ({ created }) => dayAndTime(created) },
];

/** What a run is doing. @param {Run} run @param {boolean} open @param {boolean} elsewhere */
function stateOf({ state, step, settings }, open, elsewhere) {
  if (elsewhere) return 'open in another tab';
  if (state === 'training') return open ? 'training' : 'interrupted';
  if (state === 'finished') return step < settings.max_steps ? 'stopped' : '';
  return 'paused';
}

/**
 * @param {object} props
 * @param {string} props.by    column that it is sorted by
 * @param {boolean} props.down
 * @param {(by: string) => void} props.onSort
 * @param {ReadonlyMap<string, number>} props.shown   runs in the chart, with their colours
 * @param {(id: string) => void} props.onShow
 * @param {string|null} props.selected
 * @param {(id: string) => void} props.onSelect
 */
export function RunTable({ by, down, onSort, shown, onShow, selected, onSelect }) {
  const { store } = useApp();
  const { list, current, elsewhere } = store.runs;
  /** @param {{column: string, label: string, figure?: boolean}} props */
  const Head = ({ column, label, figure = false }) => (
    <th
      scope="col"
      class={figure ? 'figure' : ''}
      aria-sort={by === column ? (down ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" class="sort" data-testid={`sort-${column}`} onClick={() => onSort(column)}>
        {label}
        <span aria-hidden="true">{by === column ? (down ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
  return (
    <Scroll label="Table of runs" class="table-scroll run-table">
      <table class="table" data-testid="run-table">
        <caption>
          Decoder, encoder and best: bits per byte on held-out text, at the last evaluation and at the best.
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">in the chart</span>
            </th>
            <Head column="name" label="run" />
            {FIGURES.map(({ key, label, figure }) => (
              <Head key={key} column={key} label={label} figure={figure} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(list.value, by, down).map((run) => {
            const slot = shown.get(run.id);
            const state = stateOf(run, current.value === run.id, elsewhere.value.has(run.id));
            return (
              <tr key={run.id} class={selected === run.id ? 'selected' : ''} data-testid="run-row">
                <td>
                  <label class="run-shown" style={slot === undefined ? undefined : levelStyle(slot)}>
                    <input
                      type="checkbox"
                      class="check"
                      checked={slot !== undefined}
                      aria-label={`${isolated(run.name)} in the chart`}
                      onChange={() => onShow(run.id)}
                    />
                    <b>{slot === undefined ? '' : markOf(slot)}</b>
                  </label>
                </td>
                <th scope="row">
                  <button
                    type="button"
                    class="link"
                    aria-pressed={selected === run.id}
                    data-testid="run-name"
                    onClick={() => onSelect(run.id)}
                  >
                    <bdi>{run.name}</bdi>
                  </button>
                  {state && <span class="run-state">{state}</span>}
                </th>
                {FIGURES.map(({ key, figure, text }) => (
                  <td key={key} class={figure ? 'figure' : ''}>
                    {text(run)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
