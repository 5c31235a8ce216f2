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

/** @param {{costs: Float32Array}} props */
export function CostStrip({ costs }) {
  const known = [...costs].filter(Number.isFinite);
  if (known.length === 0) return null;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return (
    <figure class="cost-strip">
      <svg
        viewBox={`0 0 ${costs.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`What the bytes cost along the file: from ${fixed(least, 2)} to ${fixed(most, 2)} bits a byte.`}
      >
        <path d={outline(costs)} />
      </svg>
      <figcaption class="fine">
        What the bytes cost along the file, from its beginning to its end: {fixed(least, 2)} to {fixed(most, 2)} bits a
        byte (the full height is {MOST}).
      </figcaption>
    </figure>
  );
}
