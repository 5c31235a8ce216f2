/**
 * Formulas as MathML, each with the words that stand for it where it can't be seen. Strings become what they look like:
 * a letter a variable, a word a word, digits a number, anything else an operator.
 */

/** @typedef {import('preact').JSX.Element} Element */
/** @typedef {string|Element} Term */

/** @param {Term} term @returns {Element} */
function term(term) {
  if (typeof term !== 'string') return term;
  if (/^[\d.]+$/.test(term)) return <mn>{term}</mn>;
  if (/^\p{L}$/u.test(term)) return <mi>{term}</mi>;
  // Plain spaces at the ends would be dropped.
  if (/^[\p{L} ]+$/u.test(term)) return <mtext>{term.replaceAll(' ', '\u00a0')}</mtext>;
  return <mo>{term}</mo>;
}

/** Terms side by side. @param {Term[]} terms */
export const row = (...terms) => <mrow>{terms.map(term)}</mrow>;
/** @param {Term} base @param {Term[]} below */
export const sub = (base, ...below) => (
  <msub>
    {term(base)}
    {row(...below)}
  </msub>
);
/** @param {Term} base @param {Term[]} above */
export const sup = (base, ...above) => (
  <msup>
    {term(base)}
    {row(...above)}
  </msup>
);
/** @param {Term} base @param {Term} below @param {Term} above */
export const both = (base, below, above) => (
  <msubsup>
    {term(base)}
    {row(below)}
    {row(above)}
  </msubsup>
);
/** @param {Term} above @param {Term} below */
export const over = (above, below) => (
  <mfrac>
    {row(above)}
    {row(below)}
  </mfrac>
);
/** A sum with what it runs over. @param {Term} below */
export const sum = (below) => (
  <munder>
    <mo>∑</mo>
    {row(below)}
  </munder>
);
/** @param {Term[]} inside */
export const round = (...inside) => row('(', ...inside, ')');
/** A function of something. @param {Term} name @param {Term[]} argument */
export const of = (name, ...argument) => row(name, '\u2061', round(...argument));
/** A little room. */
export const space = <mspace width="0.2em" />;

/** Lines that are aligned at their relation. @param {[Term, Term][]} rows */
export const lines = (...rows) => (
  <mtable>
    {rows.map(([left, right], at) => (
      <mtr key={at}>
        <mtd class="left-side">{term(left)}</mtd>
        <mtd class="right-side">{term(right)}</mtd>
      </mtr>
    ))}
  </mtable>
);

/**
 * @param {{words: string, children: import('preact').ComponentChildren}} props  `words`: the formula as it is read out
 */
export function Formula({ words, children }) {
  return (
    <math {...{ alttext: words }} aria-label={words} display="block" class="formula">
      <mrow>{children}</mrow>
    </math>
  );
}
