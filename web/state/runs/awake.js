/** Keeps the screen on while training goes on, if the reader asked for it. */
import { effect, signal } from '@preact/signals';

/** Whether this browser can do it. */
export const canStayAwake = () => typeof navigator !== 'undefined' && 'wakeLock' in navigator;

/** @param {import('../store.js').Store} store @returns {void} */
export function stayAwake(store) {
  if (!canStayAwake()) return;
  /** Browsers let go of it when the tab is hidden, and when the device sleeps all the same. */
  const visible = signal(!document.hidden);
  const slept = signal(0);
  document.addEventListener('visibilitychange', () => {
    visible.value = !document.hidden;
  });
  effect(() => {
    slept.value;
    if (!store.runs.stayAwake.value || store.state.value !== 'training' || !visible.value) return;
    let wanted = true;
    const lock = navigator.wakeLock.request('screen').catch(() => null);
    lock.then((held) =>
      held?.addEventListener('release', () => {
        if (wanted) slept.value++;
      }),
    );
    return () => {
      wanted = false;
      lock.then((held) => held?.release());
    };
  });
}
