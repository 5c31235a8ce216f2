/** Numbers over the shown text, and a second model beside the first. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { kindOf } from '../../../wasm/engine/kinds.js';
import { integer } from '../../format/numbers.js';
import '../../styles/measure.css';
import { useApp } from '../context.js';
import { Room } from '../Room.jsx';
import { Calibration } from './Calibration.jsx';
import { Comparison } from './Comparison.jsx';
import { MeasuringContext } from './context.js';
import { Leak } from './Leak.jsx';
import { Lengths } from './Lengths.jsx';
import { Parents } from './Parents.jsx';
import { Places } from './Places.jsx';

function Figures() {
  const { store } = useApp();
  const trace = store.trace.value;
  const problem = store.traceProblem.value;
  if (problem) return <p class="fine">There are no numbers, since the text above can’t be read: {problem}</p>;
  if (!trace?.done || trace.count < 2)
    return <p class="fine">There are no numbers until the text above has been read.</p>;
  if (trace.levels.length < 2) {
    return (
      <div class="measures">
        <Calibration />
      </div>
    );
  }
  return (
    <div class="measures">
      <Lengths />
      <Places />
      <Calibration />
      <Parents />
      {kindOf(store.model.value?.settings ?? { model_type: 'adaptive', wiring: 'mirror' }) === 'mirror' && <Leak />}
    </div>
  );
}

export default function MeasureSection() {
  const app = useApp();
  const measuring = useSignal(/** @type {import('../../state/measuring.js').Measuring|null} */ (null));
  useEffect(() => {
    let end = () => {};
    let gone = false;
    app.measuring().then((made) => {
      if (gone) return;
      measuring.value = made;
      end = made.begin();
    });
    return () => {
      gone = true;
      end();
    };
  }, [app]);
  const count = app.store.trace.value?.count ?? 0;
  return (
    <>
      <div class="section-head">
        <h2>Measure it</h2>
        <p>
          What the borders are worth, over the {count > 0 ? `${integer(count)} bytes` : 'text'} shown above: where they
          fall, whether the model knows how unsure it is, and what its levels buy.
        </p>
      </div>
      {measuring.value ? (
        <MeasuringContext.Provider value={measuring.value}>
          <Room>
            <Figures />
          </Room>
          <Comparison />
        </MeasuringContext.Provider>
      ) : (
        <div class="skeleton" />
      )}
    </>
  );
}
