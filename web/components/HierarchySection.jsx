/** The hierarchy of a passage, what is under the pointer, and the knobs. */
import { isolated } from '../../wasm/files/formats/names.js';
import { useApp } from './context.js';
import { ExplorerSlot } from './ExplorerSlot.jsx';
import { HierarchyFigure, HierarchyTable } from './HierarchyFigure.jsx';
import { Inspector } from './Inspector.jsx';
import { Knobs } from './Knobs.jsx';
import { ModelLine } from './ModelBar.jsx';
import { PassagePicker } from './PassagePicker.jsx';
import { Soon } from './Soon.jsx';

function Heading() {
  const { store } = useApp();
  const { own: words, written, of } = store.passage.value;
  const own = words !== null;
  const name = store.text.value?.name;
  return (
    <div class="section-head">
      <h2>The hierarchy</h2>
      <div>
        <p>
          {own
            ? `${written ? 'These bytes' : 'Your own words'}, read by the model as it is now.`
            : `A passage${name ? ` of ${isolated(name)}` : ''}${of === 'text' ? '' : ' that the model was not trained on'}. Point at a letter or a span to see what the model expected there.`}
        </p>
        <ModelLine />
      </div>
    </div>
  );
}

export function HierarchySection() {
  return (
    <section class="section" id="hierarchy" aria-label="The hierarchy" tabIndex={-1}>
      <Heading />
      <div class="figure-grid">
        <div class="explorer-main">
          <ExplorerSlot />
          <HierarchyFigure />
        </div>
        <Inspector />
      </div>
      <Soon>
        {() => (
          <>
            <PassagePicker />
            <Knobs />
            <HierarchyTable />
          </>
        )}
      </Soon>
    </section>
  );
}
