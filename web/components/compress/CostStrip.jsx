/** What the bytes of a file cost, along the file: a column for each stretch. */
import { fixed } from '../../format/numbers.js';

/** Bits a byte at the top of the picture. */
const MOST = 8;
const HEIGHT = 64;

/**
 * The outline of the columns; stretches that are not known yet are left out.
 * @param {Float32Array} costs  bits a byte
 * @returns {string} of an SVG path
 */
function outline(costs) {
  let path = '';
  costs.forEach((cost, i) => {
    if (!Number.isFinite(cost)) return;
    const height = (Math.min(cost, MOST) / MOST) * HEIGHT;
    path += `M${i} ${HEIGHT}v${(-height).toFixed(2)}h1v${height.toFixed(2)}z`;
  });
  return path;
}

/**
 * A line through the middles of the columns; stretches that are not known are left out.
 * @param {Float32Array} costs  bits a byte
 * @returns {string} of an SVG path
 */
function line(costs) {
  let path = '';
  costs.forEach((cost, i) => {
    if (!Number.isFinite(cost)) return;
    path += `${path === '' ? 'M' : 'L'}${i + 0.5} ${(HEIGHT * (1 - Math.min(cost, MOST) / MOST)).toFixed(2)}`;
  });
  return path;
}

/** Lines over the columns: what others would have paid. @type {Partial<Record<import('../../../wasm/engine/weighing.js').Payer, string>>} */
const LINES = Object.freeze({ counts: 'counts alone, dashed', alone: 'the model alone' });

/**
 * @param {object} props
 * @param {Float32Array} props.costs
 * @param {import('../../../wasm/engine/protocol.js').Share[]} [props.shares]
 * @param {(place: number) => void} [props.onPlace]  called with where it was pressed, 0 to 1 along the file
 */
export function CostStrip({ costs, shares = [], onPlace }) {
  const known = [...costs].filter(Number.isFinite);
  if (known.length === 0) return null;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const lines = shares.flatMap(({ payer, costs: others }) => {
    const name = LINES[payer];
    return name === undefined ? [] : [{ payer, name, path: line(others) }];
  });
  return (
    <figure class={`cost-strip${onPlace ? ' pressable' : ''}`}>
      <svg
        viewBox={`0 0 ${costs.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`What the bytes cost along the file: from ${fixed(least, 2)} to ${fixed(most, 2)} bits a byte.`}
        data-testid="cost-strip"
        onPointerDown={(e) => {
          const { left, width } = e.currentTarget.getBoundingClientRect();
          onPlace?.((e.clientX - left) / width);
        }}
      >
        <path d={outline(costs)} />
        {lines.map(({ payer, path }) => (
          <path key={payer} class={`line ${payer}`} d={path} />
        ))}
      </svg>
      <figcaption class="fine">
        What the bytes cost along the file, from its beginning to its end: {fixed(least, 2)} to {fixed(most, 2)} bits a
        byte (the full height is {MOST}).
        {lines.length > 0 && ` Lines: ${lines.map(({ name }) => name).join('; ')}.`}
        {onPlace && ' Press where you want to look.'}
      </figcaption>
    </figure>
  );
}
