/** Pieces of gradients that workers add up for each other, and the room that this takes. */

/** Pieces begin at multiples of this many numbers. */
const ALIGNED = 4;

/**
 * Where pieces of gradients begin and end.
 * @param {number} size  numbers in all
 * @param {number} count  of pieces
 * @returns {{from: number, to: number}[]} one after the other; some are empty where there are few numbers
 */
export function piecesOf(size, count) {
  const each = Math.ceil(size / count / ALIGNED) * ALIGNED;
  return Array.from({ length: count }, (_, i) => ({
    from: Math.min(size, i * each),
    to: Math.min(size, (i + 1) * each),
  }));
}

/**
 * Bytes that a model takes in addition, to train with other workers: for its own sparse gradients, and behind them for what
 * came from another one, a piece or sparse gradients.
 * @param {number} size  of the model, parameters that are not sparse
 * @param {number} sparse  numbers of sparse gradients that a worker has at most
 * @param {number} workers  this one included
 * @returns {number}
 */
export function exchangeBytes(size, sparse, workers) {
  if (workers === 1) return 0;
  const [{ from, to }] = piecesOf(size, workers);
  return 4 * (sparse + Math.max(sparse, to - from));
}
