/** Whether the hierarchy pays: studies with their curves, figures and verdicts; their numbers come when it is near. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { OverlayPlot } from '../charts/OverlayPlot.jsx';
import { AXES, IDLE } from '../charts/overlay.js';
import { SeedRows, SeedTable } from '../charts/SeedRows.jsx';
import { Fold } from '../components/Fold.jsx';
import { Choices } from '../components/fields.jsx';
import { studyCurves, studyRows } from '../statistics/studies.js';
import { Chapter } from './chapter.jsx';

/** @typedef {import('../../wasm/tools/study/studies.js').DrawnStudy} Study */
/** @typedef {import('../statistics/studies.js').StudyAxis} StudyAxis */

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
      <SeedRows
        part={part}
        rows={rows}
        hidden={hidden.value}
        onToggle={toggle}
        label={`${title}: held-out bits a byte`}
        testId="study-model"
      />
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
        idle={IDLE.study(part.reference)}
        testId="study"
        file={['study', studies[chosen.value.study].name, 'by', by]}
      />
      <Fold title="The same as a table" testId="study-fold">
        {() => <SeedTable part={part} rows={rows} timed={timed} label="The study as a table" testId="study-table" />}
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
            studies.value = /** @type {Study[]} */ (/** @type {unknown} */ (read.default));
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
          Quick start’s level pays since it looks up the spans between borders; without them it cost what it brought. A
          model also differs from itself with another seed. Differences are taken seed by seed, and one seed alone says
          nothing.
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
