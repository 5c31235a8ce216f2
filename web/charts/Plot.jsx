/** A chart of the run's curves that follows data, theme and size. */
import { effect, signal, untracked, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../components/context.js';
import { CHART_PROBLEM } from '../components/page_sentences.js';
import { readPalette } from '../hierarchy/palette.js';

/** @typedef {import('../hierarchy/palette.js').Palette} Palette */
/** @typedef {typeof import('./plot.js').createPlot} CreatePlot */
/** @typedef {Omit<Parameters<CreatePlot>[1], 'palette'|'onPoint'|'steps'>} Look */

/**
 * @param {{label: string, low?: boolean, look: (palette: Palette) => Look, data: () => import('uplot').AlignedData,
 *   onPoint: (row: number|null) => void}} props  `look` and `data` read signals; the chart is made anew, or gets new
 *   data, when these change
 */
export function Plot({ label, low = false, look, data, onPoint }) {
  const { store } = useApp();
  const element = useRef(/** @type {HTMLDivElement|null} */ (null));
  const failed = useSignal(false);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    /** Its code is fetched when a chart is first in sight. */
    const create = signal(/** @type {{plot: CreatePlot}|null} */ (null));
    /** @type {ReturnType<CreatePlot>|null} */
    let plot = null;
    const stopLook = effect(() => {
      if (!create.value) return;
      store.theme.value;
      const palette = readPalette(target);
      plot?.destroy();
      plot = create.value.plot(target, {
        ...look(palette),
        palette,
        steps: () => store.progress.peek()?.maxSteps ?? 0,
        onPoint,
      });
      // New data is no reason to make it anew.
      plot.show(untracked(data));
    });
    // Out of sight nothing is drawn.
    const inSight = signal(false);
    const sight = new IntersectionObserver(async ([entry]) => {
      inSight.value = entry.isIntersecting;
      if (!entry.isIntersecting || create.value) return;
      const code = await import('./plot.js').catch(() => null);
      failed.value = code === null;
      if (code && target.isConnected) create.value ??= { plot: code.createPlot };
    });
    sight.observe(target);
    const stopData = effect(() => {
      const rows = data();
      if (inSight.value) plot?.show(rows);
    });
    return () => {
      sight.disconnect();
      stopLook();
      stopData();
      plot?.destroy();
    };
  }, []);
  return (
    <div style={{ position: 'relative' }}>
      <div ref={element} class={low ? 'chart low' : 'chart'} role="img" aria-label={label} />
      {failed.value && (
        <p class="chart-empty problem" data-testid="chart-problem">
          {CHART_PROBLEM}
        </p>
      )}
    </div>
  );
}
