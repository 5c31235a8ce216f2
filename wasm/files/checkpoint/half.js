/** Half-precision floats (IEEE 754 binary16): half the bytes, three decimal digits. */

const SCALE = 2 ** 24;

/**
 * @param {Uint16Array} halves
 * @returns {Float32Array} exactly the same values
 */
export function widened(halves) {
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const [sign, exponent, fraction] = [halves[i] >> 15 ? -1 : 1, (halves[i] >> 10) & 31, halves[i] & 1023];
    if (exponent === 31) out[i] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else out[i] = (sign * (exponent === 0 ? fraction : (1024 + fraction) * 2 ** (exponent - 1))) / SCALE;
  }
  return out;
}

/**
 * @param {Float32Array} values
 * @returns {Uint16Array} the nearest halves, ties to even; what is too large becomes infinite
 */
export function halved(values) {
  return Uint16Array.from(values, (value) => {
    const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0;
    const size = Math.abs(value);
    if (Number.isNaN(value)) return 0x7e00;
    if (size >= 65520) return sign | 0x7c00;
    // The distance between neighbouring halves of this size: 2⁻²⁴ for the smallest, else a 1024th of the power of two below.
    const exponent = Math.max(-14, Math.floor(Math.log2(size)));
    const power =
      size === 0 ? -14 : size < 2 ** exponent ? exponent - 1 : size >= 2 ** (exponent + 1) ? exponent + 1 : exponent;
    const units = size / 2 ** (Math.max(-14, power) - 10);
    const down = Math.floor(units);
    const rest = units - down;
    const whole = down + (rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? 1 : 0);
    // A carry out of the fraction is the next exponent.
    return sign | (whole < 1024 && power <= -14 ? whole : ((Math.max(-14, power) + 14) << 10) + whole);
  });
}
