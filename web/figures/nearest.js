/** Which box an arrow key leads to. */

/** @typedef {import('./boxes.js').Box} Box */

const DIRECTIONS = /** @type {Readonly<Record<string, [number, number]>>} */ ({
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
});
/** How much worse it is to go aside than ahead. */
const ASIDE = 2.5;

/**
 * The nearest box in a direction.
 * @param {Box[]} boxes
 * @param {Box} from  one of them
 * @param {string} key  as in KeyboardEvent
 * @returns {Box|null} null where the key means nothing here, or there is none
 */
export function nearestBox(boxes, from, key) {
  const direction = DIRECTIONS[key];
  if (!direction) return null;
  const [dx, dy] = direction;
  let best = null;
  let least = Number.POSITIVE_INFINITY;
  for (const box of boxes) {
    const [x, y] = [box.x + box.width / 2 - from.x - from.width / 2, box.y + box.height / 2 - from.y - from.height / 2];
    const ahead = x * dx + y * dy;
    if (box.part.id === from.part.id || ahead <= 1) continue;
    const distance = ahead + ASIDE * Math.abs(x * dy + y * dx);
    if (distance < least) [best, least] = [box, distance];
  }
  return best;
}
