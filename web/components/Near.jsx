/**
 * A part of the page whose code is fetched when it comes near the window, or when the address or a link leads to or past
 * it; in either case only once the hierarchy was first drawn, or turned out not to be.
 */
import { effect, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from './context.js';
import { leadsTo } from './target.js';

/** How far outside the window “near” begins. */
const MARGIN = '600px';

/**
 * @param {{id: string, label: string, load: () => Promise<{default: import('preact').ComponentType}>}} props
 *   `id`: of the section, and the start of those of its parts; the style sheet keeps its height free until it is there
 */
export function Near({ id, label, load }) {
  const place = useRef(/** @type {HTMLElement|null} */ (null));
  const content = useSignal(/** @type {{Part: import('preact').ComponentType}|null} */ (null));
  const failed = useSignal(false);
  const { store } = useApp();
  const begun = useRef(false);
  const drawn = useSignal(false);
  const waiting = store.busy.value || store.loadingText.value !== null;
  if (waiting) begun.current = true;
  const hopeless = begun.current && !waiting && (!store.model.value || !store.text.value);
  if (store.trace.value !== null || store.traceProblem.value !== null || hopeless) drawn.value = true;
  useEffect(() => {
    if (!place.current || !drawn.value) return;
    const section = place.current;
    let fetching = false;
    const begin = async () => {
      if (fetching) return;
      fetching = true;
      failed.value = false;
      try {
        content.value = { Part: (await load()).default };
        sight.disconnect();
      } catch {
        fetching = false;
        failed.value = true;
      }
    };
    const sight = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && begin(), {
      rootMargin: MARGIN,
    });
    sight.observe(section);
    const stop = effect(() => {
      if (leadsTo(section)) begin();
    });
    return () => {
      sight.disconnect();
      stop();
    };
  }, [drawn.value]);
  const Part = content.value?.Part;
  return (
    <section class="section" id={id} aria-label={label} tabIndex={-1} ref={place}>
      {Part ? (
        <Part />
      ) : failed.value ? (
        <p class="problem">This part of the page could not be loaded: go on without it, or reload the page.</p>
      ) : (
        <div class="skeleton" />
      )}
    </section>
  );
}
