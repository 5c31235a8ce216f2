/** Tables of words and figures. */

/** @typedef {import('preact').ComponentChildren} Children */

/**
 * A column's head: of words, or of figures, which stand at the right.
 * @typedef {string | {name: Children, figure: boolean}} Column
 */

/** @param {Children} name @returns {Column} */
export const figure = (name) => ({ name, figure: true });

/**
 * A table with a row of heads over what it is given, `tr` or `tbody`.
 * @param {object} props
 * @param {Column[]} props.columns
 * @param {Children} props.children   `tbody`s
 * @param {string} [props.class]
 */
export function Table({ columns, children, class: more = '' }) {
  return (
    <table class={`table ${more}`}>
      <thead>
        <tr>
          {columns.map((column, i) => {
            const { name, figure: right } = typeof column === 'string' ? { name: column, figure: false } : column;
            return (
              <th key={`${i}`} scope="col" class={right ? 'figure' : undefined}>
                {name}
              </th>
            );
          })}
        </tr>
      </thead>
      {children}
    </table>
  );
}

/**
 * A part of the page that scrolls by itself, by keyboard too.
 * @param {{label: string, class?: string, children: Children}} props
 */
export function Scroll({ label, class: more = 'table-scroll', children }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class={more} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

/** A table that scrolls. @param {{label: string, columns: Column[], class?: string, children: Children}} props */
export function ScrollTable({ label, columns, class: more, children }) {
  return (
    <Scroll label={label} class={more}>
      <Table columns={columns}>{children}</Table>
    </Scroll>
  );
}
