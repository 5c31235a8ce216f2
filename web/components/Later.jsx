/** A part whose code is fetched once the first drawing is there, which it must not delay. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { afterDrawing } from '../state/beginning.js';
import { useApp } from './context.js';

/** @param {{load: () => Promise<{default: import('preact').ComponentType}>, waiting?: import('preact').ComponentChildren}} props */
export function Later({ load, waiting = null }) {
  const { store } = useApp();
  const content = useSignal(/** @type {{Part: import('preact').ComponentType}|null} */ (null));
  const failed = useSignal(false);
  useEffect(() => {
    afterDrawing(store)
      .then(load)
      .then(
        (module) => {
          content.value = { Part: module.default };
        },
        () => {
          failed.value = true;
        },
      );
  }, []);
  if (failed.value) return <p class="problem">This part of the page could not be loaded: reload the page.</p>;
  const Part = content.value?.Part;
  return Part ? <Part /> : waiting;
}
