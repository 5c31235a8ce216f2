/** SHA-256 (FIPS 180-4), since the browser's own needs a secure context, and does not answer at once. */

/** The first 32 bits of a root behind the point. @param {number} root @returns {number} */
function fraction(root) {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) >>> 0;
}

/** @type {number[]} */
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p !== 0)) PRIMES.push(n);
const START = PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
const ROUND = Uint32Array.from(PRIMES, (p) => fraction(Math.cbrt(p)));

/** @param {number} x @param {number} n */
const turned = (x, n) => (x >>> n) | (x << (32 - n));

/**
 * @param {Uint32Array} state  [8], updated
 * @param {DataView} block  of 64 bytes
 * @param {Uint32Array} w  [64], scratch
 */
function mix(state, block, w) {
  for (let i = 0; i < 16; i++) w[i] = block.getUint32(4 * i);
  for (let i = 16; i < 64; i++) {
    const [a, b] = [w[i - 15], w[i - 2]];
    const s0 = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
    const s1 = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => {
    state[i] += x;
  });
}

/**
 * @param {Uint8Array} bytes
 * @returns {Uint8Array<ArrayBuffer>} 32 bytes
 */
export function sha256(bytes) {
  const state = Uint32Array.from(START);
  const w = new Uint32Array(64);
  const whole = bytes.length - (bytes.length % 64);
  for (let at = 0; at < whole; at += 64) mix(state, new DataView(bytes.buffer, bytes.byteOffset + at, 64), w);
  const rest = bytes.length - whole;
  const tail = new DataView(new ArrayBuffer(rest < 56 ? 64 : 128));
  new Uint8Array(tail.buffer).set(bytes.subarray(whole));
  tail.setUint8(rest, 0x80);
  tail.setUint32(tail.byteLength - 8, Math.floor(bytes.length / 2 ** 29));
  tail.setUint32(tail.byteLength - 4, bytes.length << 3);
  for (let at = 0; at < tail.byteLength; at += 64) mix(state, new DataView(tail.buffer, at, 64), w);
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((x, i) => {
    out.setUint32(4 * i, x);
  });
  return new Uint8Array(out.buffer);
}
