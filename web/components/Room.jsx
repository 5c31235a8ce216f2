/** Room that is kept while what was there is worked out anew: what stands below, and is read, stays where it is. */
import { useRef } from 'preact/hooks';

/**
 * @param {{waiting: boolean, children: import('preact').ComponentChildren}} props
 *   `waiting`: what is to come is not there yet; it takes at least the height of what was there before
 */
export function Room({ waiting, children }) {
  const place = useRef(/** @type {HTMLDivElement|null} */ (null));
  const height = useRef(0);
  const waited = useRef(waiting);
  // What was there is still there while this is worked out.
  if (waiting && !waited.current) height.current = place.current?.offsetHeight ?? 0;
  waited.current = waiting;
  return (
    <div ref={place} style={{ minHeight: waiting ? `${height.current}px` : '' }}>
      {children}
    </div>
  );
}
