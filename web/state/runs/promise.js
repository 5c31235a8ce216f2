/**
 * Whether the browser promised to keep what this page stores. Without that it may delete all of it when it wants the room, some after
 * a week without a visit.
 */
import { effect } from '@preact/signals';

/** What is asked of the browser. @typedef {{persisted?: () => Promise<boolean>, persist?: () => Promise<boolean>}} Manager */

/**
 * Looks whether it did, and asks for it once the first run is kept: not before there is something to keep, as some browsers
 * then ask the reader. Nothing waits for the answer.
 * @param {import('../store.js').Store} store
 * @param {Manager|undefined} [manager]
 * @returns {void}
 */
export function seekPromise({ runs }, manager = globalThis.navigator?.storage) {
  /** @param {'persisted'|'persist'} question */
  const ask = async (question) => {
    try {
      runs.promised.value ||= (await manager?.[question]?.()) === true;
    } catch {
      // That is no promise.
    }
  };
  const looked = ask('persisted');
  let asked = false;
  effect(() => {
    if (asked || !runs.lasting.value || runs.keptAt.value === 0) return;
    asked = true;
    looked.then(() => (runs.promised.value ? undefined : ask('persist')));
  });
}
