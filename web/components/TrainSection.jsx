/** Text, settings, controls and curves. */
import { BorderChart } from '../charts/BorderChart.jsx';
import { CurveChart } from '../charts/CurveChart.jsx';
import { CurveTable } from '../charts/CurveTable.jsx';
import { useApp } from './context.js';
import { Later } from './Later.jsx';
import { Weights } from './ModelBar.jsx';
import { Readouts } from './Readouts.jsx';
import { RunsSlot } from './runs/Slots.jsx';
import { SettingsPanel } from './SettingsPanel.jsx';
import { Soon } from './Soon.jsx';
import { TextPanel } from './TextPanel.jsx';
import { Controls, Progress } from './TrainControls.jsx';

function Samples() {
  const { store } = useApp();
  return store.samples.value.length > 0 ? <Later load={() => import('./Samples.jsx')} /> : null;
}

export default function TrainSection() {
  return (
    <section class="section" id="train" aria-label="Train" tabIndex={-1}>
      <div class="section-head">
        <h2>Train it</h2>
        <p>
          Choose a text and press Start. The hierarchy above is drawn again after every evaluation, so you can watch the
          borders settle while the curves fall.
        </p>
      </div>
      <div class="train-grid">
        <div class="train-side">
          <TextPanel />
          <SettingsPanel />
        </div>
        <div class="train-main">
          <div class="block">
            <Controls />
            <Progress />
            <RunsSlot name="Keeping" />
          </div>
          <Soon>
            {() => (
              <>
                <div class="block">
                  <Readouts />
                  <div id="train-curve">
                    <CurveChart />
                  </div>
                  <BorderChart />
                  <CurveTable />
                  <div id="train-samples">
                    <Samples />
                  </div>
                </div>
                <div class="block">
                  <h3 class="panel-title">The weights</h3>
                  <Weights />
                </div>
              </>
            )}
          </Soon>
        </div>
      </div>
    </section>
  );
}
