/** Figures of training as they come, for other programs: JSON Lines and TensorBoard event files. */
import fs from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { EventWriter, eventFileName } from '../files/formats/tensorboard.js';
import { aboutFile } from './errors.js';
import { prepareFolder } from './files.js';
import { warnSentence } from './program.js';

/** Appends to the files as figures come, so that nothing is lost when the program ends. */
export class MetricsLog {
  /**
   * @param {{file?: string, folder?: string}} places  of JSON Lines, and of event files; none where not given
   * @param {number|null} [from]  the step after which a saved run goes on
   * @throws {import('./errors.js').RunError} where they cannot be written
   */
  constructor({ file, folder }, from = null) {
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
    if (from !== null) this.events?.sessionStart(from + 1, now);
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

  /**
   * Values that are not numbers, which go to JSON Lines alone.
   * @param {number} step
   * @param {Record<string, string>} values
   */
  note(step, values) {
    if (!this.lines) return;
    append(this.lines, `${JSON.stringify({ step, wall_time: Date.now() / 1000, ...values })}\n`);
  }

  close() {
    for (const target of [this.lines, this.eventFile]) {
      try {
        if (target) fs.closeSync(target.handle);
      } catch (error) {
        warnSentence(/** @type {Error} */ (aboutFile(error, target?.file ?? '')).message);
      }
    }
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
