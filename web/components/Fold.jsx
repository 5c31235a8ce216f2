/** What is put away until it is asked for, and not made before. */
import { useSignal } from '@preact/signals';

/**
 * @param {object} props
 * @param {import('preact').ComponentChildren} props.title
 * @param {() => import('preact').ComponentChildren} props.children   called while it is open
 * @param {string} [props.class]
 * @param {string} [props.testId]   of what opens it
 */
export function Fold({ title, children, class: more = '', testId }) {
  const open = useSignal(false);
  return (
    <details
      class={`fold ${more}`}
      onToggle={(e) => {
        open.value = e.currentTarget.open;
      }}
    >
      <summary data-testid={testId}>{title}</summary>
      {open.value && children()}
    </details>
  );
}
