/** Keeps the explorer's place until its code is here, which comes after the first drawing. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { afterDrawing } from '../state/beginning.js';
import { useApp } from './context.js';

export function ExplorerSlot() {
  const { store } = useApp();
  const part = useSignal(/** @type {{Explorer: import('preact').ComponentType}|null} */ (null));
  const failed = useSignal(false);
  useEffect(() => {
    afterDrawing(store)
      .then(() => import('./Explorer.jsx'))
      .then(
        (module) => {
          part.value = module;
        },
        () => {
          failed.value = true;
        },
      );
  }, []);
  if (part.value) return <part.value.Explorer />;
  if (failed.value) return <p class="problem">The strip could not be loaded: go on without it, or reload the page.</p>;
  return <div class="sheet explorer-slot" data-waiting />;
}
