/** Whether the hierarchy pays: studies with their curves, figures and verdicts; their numbers come when it is near. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { shownMean } from '../../wasm/engine/means.js';
import { OverlayPlot } from '../charts/OverlayPlot.jsx';
import { AXES, markOf } from '../charts/overlay.js';
import { levelStyle } from '../components/context.js';
import { Fold } from '../components/Fold.jsx';
import { Choices } from '../components/fields.jsx';
import { figure, ScrollTable } from '../components/Table.jsx';
import { compact, duration, fixed } from '../format/numbers.js';
import { studyCurves, studyRows, studyScale } from '../statistics/studies.js';
import { seedCount, seedsVerdict } from '../statistics/words.js';
import { Chapter } from './chapter.jsx';
import '../styles/studies.css';

/** @typedef {import('../../wasm/tools/study/studies.js').DrawnStudy} Study */
/** @typedef {import('../../wasm/tools/study/studies.js').DrawnPart} Part */
/** @typedef {import('../statistics/studies.js').Row} Row */
/** @typedef {import('../statistics/studies.js').StudyAxis} StudyAxis */

/** What a model came to, on the scale of all: its seeds, and their mean with its error. @param {{row: Row, scale: ReturnType<typeof studyScale>}} props */
function Strip({ row: { seeds, bits }, scale }) {
  const place = (/** @type {number} */ x) => `${(100 * scale.at(x)).toFixed(2)}%`;
  const spread = Number.isFinite(bits.error) ? bits.error : 0;
  return (
    <span class="study-strip" aria-hidden="true">
      <span
        class="study-error"
        style={{ left: place(bits.mean - spread), right: `${(100 - 100 * scale.at(bits.mean + spread)).toFixed(2)}%` }}
      />
      {seeds.map((x, i) => (
        <span key={i} class="study-seed" style={{ left: place(x) }} />
      ))}
      <span class="study-mean" style={{ left: place(bits.mean) }} />
    </span>
  );
}

/** @param {Row} row @param {string} reference */
function said({ difference, off, bits }, reference) {
  const verdict = difference
    ? seedsVerdict(difference, `“${reference}”`)
    : `What the others are compared with, ${seedCount(bits.n)}.`;
  return off ? `${verdict} With all parents set to zero it pays ${shownMean(off, 3)} more.` : verdict;
}

/** @param {{row: Row, part: Part, scale: ReturnType<typeof studyScale>, shown: boolean, onShow: () => void}} props */
function Model({ row, part, scale, shown, onShow }) {
  return (
    <li class={shown ? 'study-model' : 'study-model off'} style={levelStyle(row.slot % 8)} data-testid="study-model">
      <label class="study-name">
        <input type="checkbox" class="check" checked={shown} onChange={onShow} />
        <b>{markOf(row.slot)}</b>
        <span>
          {row.name} <small>{compact(row.parameters)} parameters</small>
        </span>
      </label>
      <span class="study-bits number">{shownMean(row.bits)}</span>
      <Strip row={row} scale={scale} />
      <p class="fine study-said">{said(row, part.reference)}</p>
    </li>
  );
}

/** @param {{part: Part, rows: Row[], timed: boolean}} props */
function Numbers({ part, rows, timed }) {
  const columns = ['model', ...['parameters', 'TF', 'MB read', 'seeds', 'bits a byte'].map(figure)];
  columns.push(figure(`against ${part.reference}`), ...['parents off', 'bytes a token', 'at words'].map(figure));
  if (timed) columns.push(figure('time'));
  return (
    <ScrollTable label="The study as a table" columns={columns}>
      <tbody data-testid="study-table">
        {rows.map((row) => {
          const cells = [
            compact(row.parameters),
            fixed(row.tf),
            fixed(row.mb),
            `${row.bits.n}`,
            shownMean(row.bits),
            row.difference ? shownMean(row.difference) : '',
            row.off ? `+${shownMean(row.off)}` : '',
            row.tokens.map((n) => fixed(n, 1)).join(', '),
            row.words === null ? '' : `${fixed(row.words, 0)} %`,
            ...(timed ? [duration(1000 * row.seconds)] : []),
          ];
          return (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              {cells.map((cell, i) => (
                <td key={i} class="figure">
                  {cell}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </ScrollTable>
  );
}

/** @param {{label: string, value: number, options: string[], testId: string, onChange: (value: number) => void}} props */
function Select({ label, value, options, testId, onChange }) {
  return (
    <label class="study-choice">
      <span class="label">{label}</span>
      <select
        class="input"
        value={`${value}`}
        data-testid={testId}
        onChange={(e) => onChange(Number(e.currentTarget.value))}
      >
        {options.map((option, i) => (
          <option key={option} value={`${i}`}>
            {option}
          </option>
        ))}
      </select>
    </label>
  );
}

/** @param {{studies: Study[]}} props */
function Studies({ studies }) {
  const chosen = useSignal({ study: 0, part: 0 });
  const axis = useSignal(/** @type {StudyAxis} */ ('tf'));
  const hidden = useSignal(/** @type {ReadonlySet<string>} */ (new Set()));
  const { title, about, timed, parts } = studies[chosen.value.study];
  const part = parts[chosen.value.part];
  const rows = studyRows(part);
  const scale = studyScale(rows);
  const by = timed || axis.value !== 'elapsedMs' ? axis.value : 'tf';

  /** @param {number} study @param {number} next */
  function choose(study, next) {
    chosen.value = { study, part: next };
    hidden.value = new Set();
  }

  /** @param {string} name */
  function toggle(name) {
    const next = new Set(hidden.value);
    if (!next.delete(name)) next.add(name);
    hidden.value = next;
  }

  return (
    <>
      <div class="overlay-controls">
        <Select
          label="Study"
          value={chosen.value.study}
          options={studies.map((study) => study.title)}
          testId="study-chosen"
          onChange={(study) => choose(study, 0)}
        />
        {parts.length > 1 && (
          <Select
            label="Text and budget"
            value={chosen.value.part}
            options={parts.map(({ text, budget }) => `${text}, ${budget}`)}
            testId="study-part"
            onChange={(next) => choose(chosen.value.study, next)}
          />
        )}
      </div>
      <p class="study-about">
        {about} Trained on {part.text}, {part.budget} each. Below, bits a byte of the held-out part, read as one stream:
        less is better.
      </p>
      <ul class="study-models" aria-label={`${title}: held-out bits a byte`}>
        {rows.map((row) => (
          <Model
            key={row.name}
            row={row}
            part={part}
            scale={scale}
            shown={!hidden.value.has(row.name)}
            onShow={() => toggle(row.name)}
          />
        ))}
        <li class="study-axis fine" aria-hidden="true">
          <span>{fixed(scale.low, 3)}</span>
          <span>seeds, mean ± standard error</span>
          <span>{fixed(scale.high, 3)}</span>
        </li>
      </ul>
      <div class="overlay-controls study-axes">
        <Choices
          name="study-axis"
          legend="Horizontal axis"
          value={by}
          options={[
            { value: 'tf', label: 'By arithmetic' },
            { value: 'bytesSeen', label: 'By bytes read' },
            ...(timed ? [{ value: 'elapsedMs', label: 'By time' }] : []),
          ]}
          onChange={(value) => {
            axis.value = /** @type {StudyAxis} */ (value);
          }}
        />
      </div>
      <OverlayPlot
        curves={studyCurves(part, by, hidden.value)}
        axis={by}
        closeUp
        title={`in training, by ${AXES[by].label}`}
        label={`${title}: bits a byte in training`}
        idle={`In training, the first quarter left out. Thin: each seed; thick: their mean; dashed: ${part.reference}. Point, or press the arrow keys, for values.`}
        testId="study"
        file={['study', studies[chosen.value.study].name, 'by', by]}
      />
      <Fold title="The same as a table" testId="study-fold">
        {() => <Numbers part={part} rows={rows} timed={timed} />}
      </Fold>
    </>
  );
}

export function StudyFigure() {
  const place = useRef(/** @type {HTMLElement|null} */ (null));
  const studies = useSignal(/** @type {Study[]|null} */ (null));
  const failed = useSignal(false);
  useEffect(() => {
    if (!place.current) return;
    const sight = new IntersectionObserver(
      (entries) => {
        if (!entries[entries.length - 1].isIntersecting) return;
        sight.disconnect();
        import('./studies.json').then(
          (read) => {
            studies.value = /** @type {Study[]} */ (read.default);
          },
          () => {
            failed.value = true;
          },
        );
      },
      { rootMargin: '600px' },
    );
    sight.observe(place.current);
    return () => sight.disconnect();
  }, []);
  return (
    <>
      <Chapter id="how-pays" title="Does it pay?">
        <p>
          Levels cost arithmetic, so the fair question is what the same arithmetic buys without them. Each model here
          was trained on the same bytes in the same order until it had used up the same number of operations; then all
          read the same held-out text.
        </p>
        <p>
          A model also differs from itself with another seed. Differences are taken seed by seed, and one seed alone
          says nothing.
        </p>
      </Chapter>
      <figure class="how-figure study" id="how-study" ref={place} aria-label="Studies">
        {studies.value ? (
          <Studies studies={studies.value} />
        ) : failed.value ? (
          <p class="problem">The studies could not be loaded: reload the page.</p>
        ) : (
          <div class="skeleton how-skeleton-loop" />
        )}
      </figure>
    </>
  );
}
