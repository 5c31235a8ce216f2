/** Keeps its height while a passage is read, so that what stands below does not move. */
import { useRef } from 'preact/hooks';
import { useApp } from './context.js';

/**
 * Takes, until the passage has been read, at least the height that it had before.
 * @param {{children: import('preact').ComponentChildren}} props
 */
export function Room({ children }) {
  const { store } = useApp();
  const place = useRef(/** @type {HTMLDivElement|null} */ (null));
  const height = useRef(0);
  const waiting = !store.trace.value?.done && store.traceProblem.value === null;
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
