/**
 * What came in parts, as one array.
 * @template {Uint8Array|Float32Array|Float64Array} [T=Uint8Array<ArrayBuffer>]
 * @param {readonly Pick<T, 'length'>[]} parts
 * @param {new (length: number) => T} [Numbers]  default bytes
 * @returns {T}
 */
export function joined(parts, Numbers = /** @type {any} */ (Uint8Array)) {
  const whole = new Numbers(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(/** @type {ArrayLike<number>} */ (part), at);
    at += part.length;
  }
  return whole;
}
