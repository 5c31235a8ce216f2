/** What all figures have: a name, a frame, their files, and the width that they have. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { SaveFigure } from '../components/SaveFigure.jsx';

/** @typedef {import('preact').ComponentChildren} Children */

/** Narrower than this nothing can be drawn. */
const LEAST = 160;

/**
 * The width that an element has, followed.
 * @param {number} first  until it is known
 */
export function useWidth(first) {
  const place = useRef(/** @type {HTMLDivElement|null} */ (null));
  const width = useSignal(first);
  useEffect(() => {
    if (!place.current) return;
    const sizes = new ResizeObserver((entries) => {
      const { width: room } = entries[entries.length - 1].contentRect;
      // While a page is put away or printed there may be next to nothing.
      if (room >= LEAST) width.value = Math.floor(room);
    });
    sizes.observe(place.current);
    return () => sizes.disconnect();
  }, []);
  return { place, width: width.value };
}

/**
 * @param {{id: string, name: string, title: string, caption: Children, children: Children}} props  `name`: of its files;
 *   its drawing is the first `svg.drawing` in it
 */
export function Figure({ id, name, title, caption, children }) {
  const place = useRef(/** @type {HTMLElement|null} */ (null));
  return (
    <figure class="how-figure" id={id} ref={place} aria-label={title}>
      <figcaption class="how-figure-caption">
        <div class="how-figure-head">
          <h3>{title}</h3>
          <SaveFigure name={name} drawing={() => place.current?.querySelector('svg.drawing-svg') ?? null} />
        </div>
        <p class="fine how-caption">{caption}</p>
      </figcaption>
      {children}
    </figure>
  );
}
