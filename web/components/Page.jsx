/** The whole page. */
import { useEffect } from 'preact/hooks';
import { AppContext } from './context.js';
import { DropZone } from './DropZone.jsx';
import { Footer, Header, Intro } from './Frame.jsx';
import { keepFocus } from './focus.js';
import { HierarchySection } from './HierarchySection.jsx';
import { Later } from './Later.jsx';
import { Near } from './Near.jsx';
import { Announcer, Notice, Question, Update } from './Notice.jsx';
import { RunBar } from './RunBar.jsx';
import { restOutOfSight } from './resting.js';
import { RunsSlot } from './runs/Slots.jsx';
import { followTargets } from './target.js';

/** @param {{app: import('../state/app.js').App}} props */
export function Page({ app }) {
  useEffect(followTargets, []);
  useEffect(keepFocus, []);
  useEffect(() => restOutOfSight(app.store), [app]);
  return (
    <AppContext.Provider value={app}>
      <a class="skip visually-hidden" href="#hierarchy">
        Skip to the hierarchy
      </a>
      <div class="page">
        <Header />
        <main tabIndex={-1}>
          <Intro />
          <Notice />
          <Update />
          <Question />
          <RunsSlot name="Offer" />
          <HierarchySection />
          <Near id="how" label="How it works" load={() => import('../figures/Explanation.jsx')} />
          <Near id="measure" label="Measure" load={() => import('./measure/MeasureSection.jsx')} />
          <Later
            load={() => import('./TrainSection.jsx')}
            waiting={<section class="section" id="train" aria-label="Train" tabIndex={-1} data-waiting />}
          />
          <Near id="runs" label="Runs" load={() => import('./runs/RunsSection.jsx')} />
          <Later
            load={() => import('./WriteSection.jsx')}
            waiting={<section class="section" id="write" aria-label="Write" tabIndex={-1} data-waiting />}
          />
          <Near id="compress" label="Compress" load={() => import('./compress/CompressSection.jsx')} />
        </main>
        <Footer />
      </div>
      <RunBar />
      <DropZone />
      <Announcer />
    </AppContext.Provider>
  );
}
