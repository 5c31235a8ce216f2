/** What a text would have cost other predictors than those who code it: counts alone, a hierarchy without its parents. */
import { areMixed, Codec, tableBits, WHO } from './codec.js';
import { levelCount } from './kinds.js';
import { RECIPE_FOR, RECIPES } from './lessons.js';
import { describePredictor, predictorsOf } from './predictor.js';

/** @typedef {import('./predictor.js').Prediction} Prediction */

/**
 * Who else might pay. `orphans`: the same as those who code, except that the model predicts without the parents of its
 * hierarchy.
 * @typedef {'counts'|'alone'|'orphans'} Payer
 */

/** Bytes that a codec is given at once, at most. */
const PIECE = 1 << 16;

/** @param {Prediction} prediction @returns {boolean} whether its model has levels above the bytes */
function hasParents({ weights, learn, withoutParents }) {
  if (withoutParents) return false;
  if (weights) return levelCount(weights.settings) > 1;
  return learn !== undefined && levelCount(/** @type {any} */ (RECIPES[RECIPE_FOR[learn]].model)) > 1;
}

/** Codecs that are fed the same bytes as the one that codes, and write nothing. Each takes as long again. */
export class Weighing {
  /**
   * @param {WebAssembly.Module} module
   * @param {Prediction & {who: number, length?: number}} options  those of compressing; `who` predicts, as the header says
   * @throws {import('./module.js').CoreError} `too_big`
   */
  constructor(module, options) {
    const { who, length, weights } = options;
    const bits = tableBits(length);
    /** @type {Map<Payer, Codec>} */
    this.codecs = new Map();
    if (areMixed(who)) this.codecs.set('counts', new Codec(module, { who: WHO.counts, bits, pieceLength: PIECE }));
    if (who !== WHO.counts && hasParents(options)) {
      const about = describePredictor({ ...options, includeWeights: false, withoutParents: true });
      const reader = predictorsOf(module, { who, bits, pieceBits: 16, ...about }, weights)();
      this.codecs.set(
        'orphans',
        new Codec(module, { who, bits: who === WHO.model ? 0 : bits, pieceLength: PIECE, reader }),
      );
    }
    for (const codec of this.codecs.values()) codec.beginEncode(0);
  }

  /**
   * Takes the next bytes.
   * @param {Uint8Array} bytes  no more than 65,536
   * @returns {[Payer, Float32Array][]} what each would have cost, in bits; views, good until the next call
   */
  weigh(bytes) {
    return [...this.codecs].map(([payer, codec]) => [payer, codec.encode(bytes)]);
  }
}
