/** Traces joined from their pieces. */
import assert from 'node:assert/strict';

/** @typedef {import('../../../wasm/engine/protocol.js').TracePiece} TracePiece */

const BYTES = /** @type {const} */ (['encoderEntropy', 'decoderEntropy', 'encoderBits', 'decoderBits']);
const TOPS = /** @type {const} */ (['encoderTop', 'encoderProbability', 'decoderTop', 'decoderProbability']);
const TOKENS = /** @type {const} */ (['source', 'score', 'sum', 'border', 'realised']);

/** @typedef {Record<typeof TOKENS[number], number[]>} JoinedLevel */
/** @typedef {Record<typeof BYTES[number]|typeof TOPS[number], number[]> & {levels: JoinedLevel[]}} JoinedTrace */

/**
 * @param {TracePiece[]} pieces  in order, with nothing missing between them
 * @returns {JoinedTrace}
 */
export function joined(pieces) {
  const levels = pieces[0].levels.map(
    () => /** @type {JoinedLevel} */ ({ source: [], score: [], sum: [], border: [], realised: [] }),
  );
  const all = /** @type {JoinedTrace} */ ({ levels });
  for (const key of [...BYTES, ...TOPS]) all[key] = [];
  for (const piece of pieces) {
    assert.equal(piece.from, all.encoderBits.length, 'bytes before a piece');
    for (const key of [...BYTES, ...TOPS]) all[key].push(...piece[key]);
    assert.equal(piece.levels.length, levels.length);
    for (const [l, part] of piece.levels.entries()) {
      const level = levels[l];
      assert.equal(part.from, level.score.length, `positions of level ${l} before a piece`);
      if (level.realised.length > 0 && part.score.length > 0)
        level.realised[level.realised.length - 1] = part.realisedBefore;
      for (const key of TOKENS) level[key].push(...part[key]);
      assert.ok(
        TOKENS.every((key) => level[key].length === level.score.length),
        'as many of each',
      );
    }
  }
  return all;
}
