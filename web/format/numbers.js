/** Numbers as people read them. Whatever is not a number becomes a dash. */

const DASH = '–';
/** 1234567 → "1,234,567". Without Intl, which takes 40 ms to begin with. @param {number} n @returns {string} */
export function integer(n) {
  return Number.isFinite(n)
    ? Math.round(n)
        .toFixed()
        .replace(/\B(?=(?:\d{3})+$)/g, ',')
    : DASH;
}

/** @param {number} n @param {number} [digits] after the point @returns {string} */
export function fixed(n, digits = 2) {
  return Number.isFinite(n) ? n.toFixed(digits) : DASH;
}

/** About three significant digits, without an exponent where that stays short. @param {number} n @returns {string} */
export function significant(n) {
  if (!Number.isFinite(n)) return DASH;
  if (n === 0) return '0';
  const size = Math.abs(n);
  if (size >= 1e6 || size < 1e-4) return n.toExponential(1);
  return String(Number(n.toPrecision(3)));
}

/** 1156484 → "1.16 M". @param {number} n @returns {string} */
export function compact(n) {
  if (!Number.isFinite(n)) return DASH;
  for (const [size, sign] of /** @type {const} */ ([
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ])) {
    if (n >= size) return `${significant(n / size)} ${sign}`;
  }
  return significant(n);
}

/** A size in bytes: "812 bytes", "1.25 MB". @param {number} n @returns {string} */
export function byteSize(n) {
  if (!Number.isFinite(n)) return DASH;
  if (n < 1000) return n === 1 ? '1 byte' : `${Math.round(n)} bytes`;
  const units = ['kB', 'MB', 'GB'];
  let value = n / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}

/** A share of 1 as a percentage: 0.0042 → "0.42 %". @param {number} share @returns {string} */
export function percent(share) {
  if (!Number.isFinite(share)) return DASH;
  const value = share * 100;
  if (value > 0 && value < 0.01) return '<0.01 %';
  return `${value >= 9.95 ? value.toFixed(0) : value >= 0.995 ? value.toFixed(1) : value.toFixed(2)} %`;
}

/** A time span: "0 s", "45 s", "3 min 20 s", "2 h 5 min". @param {number} ms @returns {string} */
export function duration(ms) {
  if (!Number.isFinite(ms) || ms < 0) return DASH;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** "1 border", "3 borders". @param {number} n @param {string} noun @returns {string} */
export function count(n, noun) {
  return `${integer(n)} ${noun}${n === 1 ? '' : 's'}`;
}
