/** What a part of the model is: words, equations, tensors, figures of this training step, and where to see it. */

import { termsOf } from '../anatomy/activity.js';
import { parametersOf, sizeOf } from '../anatomy/parts.js';
import { levelStyle, useApp } from '../components/context.js';
import { Fold } from '../components/Fold.jsx';
import { figure, ScrollTable } from '../components/Table.jsx';
import { integer } from '../format/numbers.js';
import { useFigures } from './context.js';
import { Equation, LossEquation } from './equations.jsx';
import { describePart, factsOf } from './part_texts.js';
import { showToken } from './show.js';

/** @typedef {import('../anatomy/parts.js').Part} Part */
/** @typedef {import('./part_texts.js').See} See */

/** The chosen part with its model, or the first encoder. @param {ReturnType<typeof useFigures>} figures @param {string|null} id */
function chosen(figures, id) {
  const anatomies = figures.anatomies.value;
  if (!anatomies) return null;
  for (const wanted of [id, 'encoder-0']) {
    for (const anatomy of [anatomies.adaptive, anatomies.baseline]) {
      const part = anatomy.parts.find((p) => p.id === wanted);
      if (part) return { part, anatomy };
    }
  }
  return null;
}

/** A tensor's name without the part that it is in. @param {string} name */
const shortName = (name) => name.replace(/^\w+\.\d+\.(encoder\.|uncertainty_head\.|parent_projection\.)?/, '');

/** @param {{part: Part}} props */
function Tensors({ part }) {
  if (part.tensors.length === 0) return null;
  return (
    <ScrollTable
      label="Tensors of this part"
      class="part-tensors"
      columns={['tensor', figure('shape'), figure('numbers')]}
    >
      <tbody>
        {part.tensors.map((tensor) => (
          <tr key={tensor.name}>
            <td title={tensor.name}>{shortName(tensor.name)}</td>
            <td class="figure">[{tensor.shape.join(', ')}]</td>
            <td class="figure">{integer(sizeOf(tensor))}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

/** @param {{see: See}} props */
function SeeLink({ see }) {
  const app = useApp();
  const { store } = app;
  if ('href' in see) {
    return (
      <a class="button small" href={see.href}>
        {see.label}
      </a>
    );
  }
  const trace = store.trace.value;
  const count = see.level === 0 ? (trace?.count ?? 0) : (trace?.levels[see.level]?.count ?? 0);
  return (
    <button type="button" class="button small" disabled={count === 0} onClick={() => showToken(app, see.level)}>
      {see.label}
    </button>
  );
}

export function PartCard() {
  const { store } = useApp();
  const figures = useFigures();
  const found = chosen(figures, store.figureView.value.part);
  const settings = store.model.value?.settings;
  if (!found || !settings) return <aside class="sheet part-card" aria-label="The chosen part" />;
  const { part, anatomy } = found;
  const { title, text, equations, see } = describePart(part, anatomy);
  const open = (anatomy.type === 'adaptive') === (settings.model_type === 'adaptive');
  const activity = open ? figures.activity.value : null;
  const facts = factsOf(part, activity);
  return (
    <aside
      class={`sheet part-card ${store.figureView.value.part === null ? '' : 'held'}`}
      style={
        part.level >= 0 && anatomy.type === 'adaptive' ? levelStyle(part.level) : { '--colour': 'var(--ink-soft)' }
      }
      aria-label="The chosen part"
      data-testid="part-card"
    >
      <div class="part-card-head">
        <h4>{title}</h4>
        <button
          type="button"
          class="button small quiet"
          data-testid="part-close"
          onClick={() => figures.choosePart(null)}
        >
          Close
        </button>
      </div>
      <p>{text}</p>
      {part.kind === 'total' && activity ? <LossEquation weights={termsOf(activity.losses, settings)} /> : null}
      {equations.map((name) => (
        <Equation key={name} name={name} />
      ))}
      {facts.length > 0 && (
        <dl class="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {!open && <p class="fine">This model is not open: it is drawn as it would be with these settings.</p>}
      <Tensors part={part} />
      {see.length > 0 && (
        <p class="buttons">
          {see.map((each) => (
            <SeeLink key={each.label} see={each} />
          ))}
        </p>
      )}
    </aside>
  );
}

/** @param {import('../anatomy/parts.js').Anatomy} anatomy */
const nameOf = ({ type, wiring }) => (type === 'baseline' && wiring === 'residual' ? 'flat' : type);

/** @param {{anatomy: import('../anatomy/parts.js').Anatomy}} props */
function AnatomyTable({ anatomy }) {
  const parts = anatomy.parts.filter(({ tensors }) => tensors.length > 0);
  return (
    <ScrollTable
      label={`Parts of the ${nameOf(anatomy)} model`}
      columns={[`${nameOf(anatomy)} model`, 'tensors', figure('parameters')]}
    >
      <tbody>
        {parts.map((part) => (
          <tr key={part.id}>
            <th scope="row">{describePart(part, anatomy).title}</th>
            <td>{part.tensors.map(({ shape }) => `[${shape.join(', ')}]`).join(' ')}</td>
            <td class="figure">{integer(parametersOf(part))}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">all</th>
          <td />
          <td class="figure">{integer(parts.reduce((sum, part) => sum + parametersOf(part), 0))}</td>
        </tr>
      </tbody>
    </ScrollTable>
  );
}

/** Both models as a table. */
export function PartTable() {
  const anatomies = useFigures().anatomies.value;
  return (
    <Fold title="The same as a table">
      {() =>
        anatomies &&
        [anatomies.adaptive, anatomies.baseline].map((anatomy) => <AnatomyTable key={anatomy.type} anatomy={anatomy} />)
      }
    </Fold>
  );
}
