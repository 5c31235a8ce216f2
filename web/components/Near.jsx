/** A part of the page whose code is fetched when it comes near the window, or when the address names it. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** How far outside the window “near” begins. */
const MARGIN = '600px';

/**
 * @param {{id: string, label: string, height: string, load: () => Promise<{default: import('preact').ComponentType}>}} props
 *   `id`: of the section, and the start of those of its parts; `height`: kept free until it is there
 */
export function Near({ id, label, height, load }) {
  const place = useRef(/** @type {HTMLElement|null} */ (null));
  const content = useSignal(/** @type {{Part: import('preact').ComponentType}|null} */ (null));
  const failed = useSignal(false);
  useEffect(() => {
    if (!place.current) return;
    let begun = false;
    const begin = async () => {
      if (begun) return;
      begun = true;
      failed.value = false;
      try {
        content.value = { Part: (await load()).default };
        sight.disconnect();
      } catch {
        begun = false;
        failed.value = true;
      }
    };
    const sight = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && begin(), {
      rootMargin: MARGIN,
    });
    sight.observe(place.current);
    const asked = () => (location.hash === `#${id}` || location.hash.startsWith(`#${id}-`)) && begin();
    asked();
    window.addEventListener('hashchange', asked);
    return () => {
      sight.disconnect();
      window.removeEventListener('hashchange', asked);
    };
  }, []);
  const Part = content.value?.Part;
  return (
    <section class="section" id={id} aria-label={label} ref={place}>
      {Part ? (
        <Part />
      ) : failed.value ? (
        <p class="problem">This part of the page could not be loaded: go on without it, or reload the page.</p>
      ) : (
        <div class="skeleton" style={{ height }} />
      )}
    </section>
  );
}
