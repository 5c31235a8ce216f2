/** What is put away until it is asked for, and not made before. */
import { useSignal } from '@preact/signals';

/** @param {{title: string, children: () => import('preact').ComponentChildren}} props */
export function Fold({ title, children }) {
  const open = useSignal(false);
  return (
    <details
      class="fold"
      onToggle={(e) => {
        open.value = e.currentTarget.open;
      }}
    >
      <summary>{title}</summary>
      {open.value && children()}
    </details>
  );
}
