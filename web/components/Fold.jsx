/** A part that is folded away until it is asked for, and not made before. */
import { useSignal } from '@preact/signals';
import { useApp } from './context.js';

/**
 * @param {object} props
 * @param {import('preact').ComponentChildren} props.title
 * @param {() => import('preact').ComponentChildren} props.children   called while it is open
 * @param {string} [props.class]
 * @param {string} [props.testId]   of what opens it
 * @param {string} [props.name]     of a part that goes away while something is read: left open, it comes back open
 */
export function Fold({ title, children, class: more = '', testId, name }) {
  const { opened } = useApp().store;
  const open = useSignal(name !== undefined && opened.has(name));
  return (
    <details
      class={`fold ${more}`}
      open={open.value}
      onToggle={(e) => {
        open.value = e.currentTarget.open;
        if (name === undefined) return;
        if (open.value) opened.add(name);
        else opened.delete(name);
      }}
    >
      <summary data-testid={testId}>{title}</summary>
      {open.value && children()}
    </details>
  );
}
