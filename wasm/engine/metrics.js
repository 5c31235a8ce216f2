/** Names of figures for other programs (JSON Lines, CSV, TensorBoard): the prototype's. */

/** @typedef {import('./trainer.js').Figures} Figures */

/**
 * @param {'train'|'val'} part
 * @param {Pick<Figures, 'losses'|'encoderBpb'|'decoderBpb'>} figures
 * @returns {Record<string, number>}
 */
function losses(part, { losses, encoderBpb, decoderBpb }) {
  return {
    [`${part}/loss`]: losses.total,
    [`${part}/byte_encoder_loss`]: losses.byte_encoder,
    [`${part}/byte_encoder_bpb`]: encoderBpb,
    [`${part}/meta_loss`]: losses.meta,
    [`${part}/uncertainty_loss`]: losses.uncertainty,
    [`${part}/entropy_reg_loss`]: losses.entropy_reg,
    [`${part}/byte_decoder_loss`]: losses.byte_decoder,
    [`${part}/byte_decoder_bpb`]: decoderBpb,
  };
}

/**
 * @param {Figures} figures  of a training step
 * @param {number} parameterCount
 * @returns {Record<string, number>}
 */
export function trainMetrics(figures, parameterCount) {
  const borders = figures.borders.map((count, level) => [`train/border_count_level_${level}`, count]);
  return { ...losses('train', figures), 'train/parameter_count': parameterCount, ...Object.fromEntries(borders) };
}

/**
 * @param {Pick<Figures, 'losses'|'encoderBpb'|'decoderBpb'>} figures  of an evaluation
 * @returns {Record<string, number>}
 */
export function validationMetrics(figures) {
  return losses('val', figures);
}
