/** Places for what is said of kept runs; its code comes after the first drawing. */
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
      // What is kept is kept without a word then.
      () => {},
    );
  }, [there]);
  const Part = parts.value?.[name];
  return Part ? <Part /> : null;
}
