/** What a run leaves at its steps stays few, however long it trains: memory, storage and drawing must not grow with it. */

/**
 * A list by step, or, once it is too long, less of it: the first, the last, and of the others as many as it takes to be
 * nowhere without any for more than `3 / most` of the way, so that a run's beginning is as dense as what came since.
 * @template {{step: number}} T
 * @param {T[]} list
 * @param {number} most  how many a list may have, at least 10
 * @returns {T[]} the list itself where it is short enough; else at most two thirds of `most`, and 2
 */
export function thinned(list, most) {
  if (list.length <= most) return list;
  const last = list.length - 1;
  const apart = (3 * (list[last].step - list[0].step)) / most;
  let kept = list[0].step;
  return list.filter(({ step }, i) => {
    const needed = i === 0 || i === last || list[i + 1].step - kept > apart;
    if (needed) kept = step;
    return needed;
  });
}
