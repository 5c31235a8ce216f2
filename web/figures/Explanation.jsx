/** How the model works: text, equations, and the four figures alive. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../components/context.js';
import { BorderFigure } from './BorderFigure.jsx';
import { Breaks, Coded, Comes, Compared, Goes, Reads, Streams, Trained } from './chapters.jsx';
import { FiguresContext } from './context.js';
import { IntervalFigure } from './IntervalFigure.jsx';
import { LoopFigure } from './LoopFigure.jsx';
import { ModelFigure } from './ModelFigure.jsx';
import { StudyFigure } from './StudyFigure.jsx';
import '../styles/figures.css';
import '../styles/loop.css';
import '../styles/model_figure.css';

/** @typedef {import('../state/figures.js').Figures} Figures */

export default function Explanation() {
  const app = useApp();
  const figures = useSignal(/** @type {Figures|null} */ (null));
  useEffect(() => {
    let ended = false;
    app.figures().then((made) => {
      if (ended) made.dispose();
      else figures.value = made;
    });
    return () => {
      ended = true;
      figures.peek()?.dispose();
    };
  }, [app]);
  useEffect(() => {
    // The address may name a place that was not there when the page came.
    if (figures.value && location.hash.startsWith('#how-')) document.querySelector(location.hash)?.scrollIntoView();
  }, [figures.value !== null]);
  const head = useRef(/** @type {HTMLDivElement|null} */ (null));
  useEffect(() => {
    const section = head.current?.closest('.section');
    const made = figures.value;
    if (!section || !made) return;
    const sight = new IntersectionObserver(
      (entries) => {
        made.shown.value = entries[entries.length - 1].isIntersecting;
      },
      { rootMargin: '200px' },
    );
    sight.observe(section);
    return () => sight.disconnect();
  }, [figures.value]);
  return (
    <>
      <div class="section-head" ref={head}>
        <h2>How it works</h2>
        <p>
          Four figures of the model that is open right now, with its own numbers. Type a sentence, drag a threshold, go
          through the bytes.
        </p>
      </div>
      {figures.value ? (
        <FiguresContext.Provider value={figures.value}>
          <Reads />
          <Breaks />
          <BorderFigure />
          <Goes />
          <Comes />
          <ModelFigure />
          <Trained />
          <Streams />
          <LoopFigure />
          <Coded />
          <IntervalFigure />
          <Compared />
          <StudyFigure />
        </FiguresContext.Provider>
      ) : (
        <div class="skeleton" />
      )}
    </>
  );
}
