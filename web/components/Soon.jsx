/** What may come in a task of its own, a moment after the rest, so that the browser can answer in between. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** @param {{children: () => import('preact').ComponentChildren}} props */
export function Soon({ children }) {
  const here = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      here.value = true;
    });
    return () => clearTimeout(timer);
  }, []);
  return here.value ? children() : null;
}
