/** Places for what is said about kept runs; its code comes after the first drawing. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useApp } from '../context.js';

/** @param {{name: 'Offer'|'Keeping'}} props */
export function RunsSlot({ name }) {
  const app = useApp();
  const parts = useSignal(/** @type {typeof import('./Keeping.jsx')|null} */ (null));
  const there = app.runs.value !== null;
  useEffect(() => {
    if (!there) return;
    import('./Keeping.jsx').then(
      (loaded) => {
        parts.value = loaded;
      },
      // Runs are then kept without a word about it.
      () => {},
    );
  }, [there]);
  const Part = parts.value?.[name];
  return Part ? <Part /> : null;
}
