/** A trace as JSON or as tab-separated values, a row a token, written as the pieces come. */

/** @typedef {import('../engine/protocol.js').TracePiece} TracePiece */
/** @typedef {TracePiece['levels'][number]} Level */
/** @typedef {Record<string, string|number|boolean|null|(readonly [number, number])[]>} Row */

/** Columns of a row, in order. Rows of the higher levels have the first seven. */
const COLUMNS = Object.freeze([
  'level',
  'position',
  'source',
  'score',
  'sum',
  'border',
  'realised',
  'byte',
  'encoder_entropy',
  'decoder_entropy',
  'encoder_bits',
  'decoder_bits',
  'encoder_top',
  'decoder_top',
]);

/** @param {number} x  float32, which has no more than seven digits that mean something */
const rounded = (x) => (Number.isFinite(x) ? Number(x.toPrecision(7)) : null);

/**
 * Makes rows of pieces. A level's latest token is held back until the next one shows what its prediction was worth.
 */
export class Rows {
  /** @param {number} levels */
  constructor(levels) {
    /** @type {(Row|null)[]} */
    this.held = new Array(levels).fill(null);
  }

  /**
   * @param {TracePiece} piece
   * @param {Uint8Array} bytes  those of the piece
   * @returns {Generator<Row, void, void>}
   */
  *of(piece, bytes) {
    const { levels } = piece;
    for (let t = 0; t < bytes.length; t++) {
      yield { ...this.#token(levels[0], 0, t, levels.length), realised: null, ...this.#byte(piece, bytes[t], t) };
    }
    for (let level = 1; level < levels.length; level++) yield* this.#level(levels[level], level, levels.length);
  }

  /** Those that are still held back when the text is over. */
  *rest() {
    for (const row of this.held) if (row) yield row;
    this.held.fill(null);
  }

  /**
   * @param {Level} level
   * @param {number} number
   * @param {number} levels
   */
  *#level(level, number, levels) {
    for (let i = 0; i < level.score.length; i++) {
      const before = this.held[number];
      if (before) yield { ...before, realised: rounded(i === 0 ? level.realisedBefore : level.realised[i - 1]) };
      this.held[number] = { ...this.#token(level, number, i, levels), realised: null };
    }
  }

  /**
   * @param {Level} level
   * @param {number} number
   * @param {number} i
   * @param {number} levels
   * @returns {Row}
   */
  #token({ from, source, score, sum, border }, number, i, levels) {
    const top = number === levels - 1;
    return {
      level: number,
      position: from + i,
      source: number === 0 ? null : source[i],
      score: rounded(score[i]),
      sum: top ? null : rounded(sum[i]),
      border: top ? null : border[i] === 1,
    };
  }

  /**
   * @param {TracePiece} piece
   * @param {number} byte
   * @param {number} t
   * @returns {Row}
   */
  #byte(piece, byte, t) {
    /** @param {Uint16Array} symbols @param {Float32Array} probabilities */
    const top = (symbols, probabilities) =>
      Array.from({ length: piece.top }, (_, k) => {
        const at = t * piece.top + k;
        return /** @type {const} */ ([symbols[at], Number(probabilities[at].toPrecision(7))]);
      });
    return {
      byte,
      encoder_entropy: rounded(piece.encoderEntropy[t]),
      decoder_entropy: rounded(piece.decoderEntropy[t]),
      encoder_bits: rounded(piece.encoderBits[t]),
      decoder_bits: rounded(piece.decoderBits[t]),
      encoder_top: top(piece.encoderTop, piece.encoderProbability),
      decoder_top: top(piece.decoderTop, piece.decoderProbability),
    };
  }
}

/**
 * @typedef {object} Format
 * @property {(head: Record<string, unknown>) => string} start
 * @property {(row: Row) => string} row
 * @property {() => string} end
 */

/** One JSON object whose `rows` stand a line each. @returns {Format} */
function json() {
  let separator = '\n';
  return {
    start: (head) => `${JSON.stringify(head).slice(0, -1)},"rows":[`,
    row: (row) => {
      const text = separator + JSON.stringify(row);
      separator = ',\n';
      return text;
    },
    end: () => '\n]}\n',
  };
}

/** A line of names, then a line a row. What a row does not have is empty; true is 1; pairs are `symbol:probability`. @returns {Format} */
function tsv() {
  /** @param {Row[string]|undefined} value */
  const cell = (value) => {
    if (value === null || value === undefined) return '';
    if (Array.isArray(value)) return value.map(([symbol, probability]) => `${symbol}:${probability}`).join(' ');
    return typeof value === 'boolean' ? String(Number(value)) : String(value);
  };
  return {
    start: () => `${COLUMNS.join('\t')}\n`,
    row: (row) => `${COLUMNS.map((name) => cell(row[name])).join('\t')}\n`,
    end: () => '',
  };
}

export const FORMATS = Object.freeze({ json, tsv });
