/** A few lines of a text, as it is. */
import { useId } from 'preact/hooks';

/** @param {{title: string, text: string, testId: string}} props */
export function Excerpt({ title, text, testId }) {
  const id = useId();
  return (
    <div class="excerpt">
      <p class="label" id={id}>
        {title}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section tabIndex={0} aria-labelledby={id} data-testid={testId}>
        {text}
      </section>
    </div>
  );
}
