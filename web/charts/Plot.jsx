/** A chart of the run's curves that follows data, theme and size. */
import { effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../components/context.js';
import { readPalette } from '../hierarchy/palette.js';
import { createPlot } from './plot.js';

/** @typedef {import('../hierarchy/palette.js').Palette} Palette */
/** @typedef {Omit<Parameters<typeof createPlot>[1], 'palette'|'onPoint'|'steps'>} Look */

/**
 * @param {{label: string, low?: boolean, look: (palette: Palette) => Look, data: () => import('uplot').AlignedData,
 *   onPoint: (row: number|null) => void}} props  `look` and `data` read signals; the chart is made anew, or gets new
 *   data, when these change
 */
export function Plot({ label, low = false, look, data, onPoint }) {
  const { store } = useApp();
  const element = useRef(/** @type {HTMLDivElement|null} */ (null));
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    /** @type {ReturnType<typeof createPlot>|null} */
    let plot = null;
    const stopLook = effect(() => {
      store.theme.value;
      const palette = readPalette(target);
      plot?.destroy();
      plot = createPlot(target, {
        ...look(palette),
        palette,
        steps: () => store.progress.peek()?.maxSteps ?? 0,
        onPoint,
      });
      plot.show(data());
    });
    // Out of sight nothing is drawn.
    const inSight = signal(true);
    const sight = new IntersectionObserver(([entry]) => {
      inSight.value = entry.isIntersecting;
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
  return <div ref={element} class={low ? 'chart low' : 'chart'} role="img" aria-label={label} />;
}
