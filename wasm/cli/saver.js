/** Where a training run's checkpoint goes, and when. */
import { tmpdir } from 'node:os';
import path from 'node:path';
import { saveModel } from '../engine/saving.js';
import { fileNameOf } from '../files/formats/names.js';

import { freeName, isFolder, prepareFolder, writeWhole } from './files.js';
import { warn } from './program.js';

/** Milliseconds between two savings on the way. */
const SAVE_EVERY = 60_000;

/**
 * The file for the checkpoint: the one named, else the one resumed from, else a name that is not taken.
 * @param {import('./options.js').Arguments} args
 * @param {string} run
 * @returns {string}
 * @throws {import('./errors.js').RunError} where nothing can be written there
 */
export function outputOf(args, run) {
  const usual = `${fileNameOf(run)}.safetensors`;
  const wanted = args.get('output');
  const inFolder = wanted !== undefined && (isFolder(wanted) || /[/\\]$/.test(wanted));
  const output =
    wanted === undefined ? (args.get('resume') ?? freeName(usual)) : inFolder ? path.join(wanted, usual) : wanted;
  prepareFolder(output);
  if (/\.(pt|pth|bin)$/i.test(output)) warn('other_format', { file: output });
  return output;
}

/** Saves a model so that training can go on: now and then, and at the end. */
export class Saver {
  #last = performance.now();

  /**
   * @param {string} output
   * @param {import('../engine/trainer.js').Trainer} trainer
   * @param {string} text  digest of the training text
   * @param {string} [weights]  a file for the weights alone, at the end
   */
  constructor(output, trainer, text, weights) {
    this.output = output;
    this.trainer = trainer;
    this.text = text;
    this.weights = weights;
    /** Milliseconds that training took, which a time limit counts. */
    this.elapsed = () => 0;
  }

  #bytes() {
    const { group, settings, step, notes } = this.trainer;
    // Only a limit makes a file depend on the clock.
    const time = settings.max_minutes > 0 ? { elapsed_ms: Math.round(this.elapsed()) } : {};
    return saveModel(group.lead, settings, step, { ...notes, ...time, text_sha256: this.text }, group.carried);
  }

  /**
   * Saves, if the last time was long ago.
   * @throws {import('./errors.js').RunError} where it cannot be written
   */
  onTheWay() {
    if (performance.now() - this.#last < SAVE_EVERY) return;
    this.#last = performance.now();
    writeWhole(this.output, this.#bytes());
  }

  /**
   * Saves the weights alone, where a file for them was named.
   * @throws {import('./errors.js').RunError} where it cannot be written
   */
  weightsAlone() {
    const { group, settings } = this.trainer;
    if (this.weights !== undefined) writeWhole(this.weights, saveModel(group.lead, settings, null));
  }

  /**
   * @returns {string} where it was saved: in the system's folder for temporary files if its own place fails
   * @throws {import('./errors.js').RunError} if both do
   */
  atTheEnd() {
    const bytes = this.#bytes();
    try {
      writeWhole(this.output, bytes);
      return this.output;
    } catch (error) {
      const refuge = freeName(path.join(tmpdir(), path.basename(this.output)));
      writeWhole(refuge, bytes);
      warn('saved_elsewhere', { message: /** @type {Error} */ (error).message });
      return refuge;
    }
  }
}
