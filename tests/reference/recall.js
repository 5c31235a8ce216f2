/**
 * What sequences recall: for each context, slots that hold which byte followed it the last time, and how many times in a
 * row. A slot belongs to one context at a time, which a check tells from others.
 */

/** @typedef {{check: number, byte: number|null, repeats: number}} Slot */
/** What a context has: where the latest one's slot is, and the slots in use. @typedef {{latest: number|null, slots: Map<number, Slot>}} Recalled */

/** Slots of a context, and repeats at most. */
const [SLOTS, MOST] = [32768, 7];
/** Rows of a context's table: none, or one for each symbol and number of repeats. */
export const ROWS = 1 + 257 * (MOST + 1);
const SALT = 0x5eed;

/** One step of the hash. @param {bigint} h @param {number} value */
export function mixed(h, value) {
  const product = ((h ^ BigInt(value)) * 0x9e3779b1n) % 2n ** 32n;
  return product ^ (product >> 15n);
}

/**
 * The rows that a context has at each byte.
 * @param {Recalled|undefined} before
 * @param {ArrayLike<number>} bytes  [T]
 * @param {bigint[]} hashes  [T] the context's after each byte
 * @returns {{rows: number[], after: Recalled}}
 */
export function recall(before, bytes, hashes) {
  const slots = new Map(before?.slots);
  let latest = before?.latest ?? null;
  const rows = hashes.map((h, t) => {
    const known = latest === null ? undefined : slots.get(latest);
    if (latest !== null && known) {
      const repeats = known.byte === bytes[t] ? Math.min(MOST, known.repeats + 1) : 0;
      slots.set(latest, { check: known.check, byte: bytes[t], repeats });
    }
    const g = mixed(h, SALT);
    const check = Number(g >> 21n);
    latest = Number(g % BigInt(SLOTS));
    // A slot that nothing was written to has the check 0.
    const found = slots.get(latest) ?? { check: 0, byte: null, repeats: 0 };
    const own = found.check === check ? found : { check, byte: null, repeats: 0 };
    slots.set(latest, own);
    return own.byte === null ? 0 : 1 + own.byte + 257 * own.repeats;
  });
  return { rows, after: { latest, slots } };
}

/**
 * As the core stores it: the latest slots of all contexts, then the slots.
 * @param {(Recalled|undefined)[]} contexts
 * @param {number} lanes  that the first are padded to
 * @returns {number[]}
 */
export function storedRecall(contexts, lanes) {
  if (contexts.length === 0) return [];
  const latest = new Array(Math.ceil(contexts.length / lanes) * lanes).fill(0);
  const slots = new Array(contexts.length * SLOTS).fill(0);
  contexts.forEach((context, c) => {
    latest[c] = (context?.latest ?? -1) + 1;
    for (const [at, { check, byte, repeats }] of context?.slots ?? [])
      slots[c * SLOTS + at] = check * 4096 + repeats * 512 + (byte === null ? 0 : byte + 1);
  });
  return [...latest, ...slots];
}
