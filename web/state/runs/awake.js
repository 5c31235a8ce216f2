/** Keeps the screen on while training goes on, if the reader asked for it. */
import { effect, signal } from '@preact/signals';

/** Whether this browser can do it. */
export const canStayAwake = () => typeof navigator !== 'undefined' && 'wakeLock' in navigator;

/** @param {import('../store.js').Store} store @returns {void} */
export function stayAwake(store) {
  if (!canStayAwake()) return;
  /** Browsers let go of it when the tab is hidden. */
  const visible = signal(!document.hidden);
  document.addEventListener('visibilitychange', () => {
    visible.value = !document.hidden;
  });
  effect(() => {
    if (!store.runs.stayAwake.value || store.state.value !== 'training' || !visible.value) return;
    const lock = navigator.wakeLock.request('screen').catch(() => null);
    return () => {
      lock.then((held) => held?.release());
    };
  });
}
