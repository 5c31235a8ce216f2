/** Figures of training for other programs: JSON Lines and TensorBoard event files, with the prototype's names. */
import fs from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { EventWriter, eventFileName } from '../formats/tensorboard.js';
import { aboutFile } from './errors.js';
import { prepareFolder } from './files.js';

/** @typedef {import('../trainer.js').Figures} Figures */

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

/** Appends to the files as figures come, so that nothing is lost when the program ends. */
export class MetricsLog {
  /**
   * @param {{file?: string, folder?: string}} places  of JSON Lines, and of event files; none where not given
   * @throws {import('./errors.js').RunError} where they cannot be written
   */
  constructor({ file, folder }) {
    const now = Date.now() / 1000;
    /** @type {{file: string, handle: number}|null} */
    this.lines = file ? openToAppend(file) : null;
    /** @type {EventWriter|null} */
    this.events = null;
    this.eventFile = folder
      ? openToAppend(path.join(folder, eventFileName(now, `${hostname()}.${process.pid}`)))
      : null;
    const { eventFile } = this;
    if (eventFile) this.events = new EventWriter((chunk) => append(eventFile, chunk), now);
  }

  /**
   * @param {number} step
   * @param {Record<string, number>} values
   */
  write(step, values) {
    const time = Date.now() / 1000;
    if (this.lines) append(this.lines, `${JSON.stringify({ step, wall_time: time, ...values })}\n`);
    this.events?.scalars(step, time, values);
  }

  close() {
    for (const target of [this.lines, this.eventFile]) if (target) fs.closeSync(target.handle);
  }
}

/** @param {string} file */
function openToAppend(file) {
  prepareFolder(file);
  try {
    return { file, handle: fs.openSync(file, 'a') };
  } catch (error) {
    throw aboutFile(error, file);
  }
}

/**
 * @param {{file: string, handle: number}} target
 * @param {string|Uint8Array} data
 */
function append({ file, handle }, data) {
  try {
    fs.writeFileSync(handle, data);
  } catch (error) {
    throw aboutFile(error, file);
  }
}
