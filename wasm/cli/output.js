/** Standard output and standard error, either of which may break at any time: the reader left, the terminal or the disk is gone. */
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Standard output or standard error. Writing to it never throws; once it broke, what is written is dropped. */
class Outlet {
  /** What broke it. @type {NodeJS.ErrnoException|null} */
  broken = null;
  /** Called then, once. @type {(error: NodeJS.ErrnoException) => void} */
  whenBroken = () => {};

  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.stream = stream;
    stream.on('error', (error) => this.#break(error));
  }

  /** @param {NodeJS.ErrnoException} error */
  #break(error) {
    if (this.broken) return;
    this.broken = error;
    this.whenBroken(error);
  }

  /** Whether it is a terminal. */
  get isTTY() {
    return this.stream.isTTY && !this.broken;
  }

  /** Columns of the terminal; 0 or undefined where that is not known. */
  get columns() {
    return this.stream.columns;
  }

  /**
   * @param {string} text
   * @returns {Promise<void>} settled once the text was taken or dropped; there is no need to wait for it
   */
  write(text) {
    return new Promise((resolve) => {
      if (this.broken) return void resolve();
      try {
        this.stream.write(text, () => resolve());
      } catch (error) {
        this.#break(/** @type {NodeJS.ErrnoException} */ (error));
        resolve();
      }
    });
  }
}

export const standardOutput = new Outlet(process.stdout);
export const standardError = new Outlet(process.stderr);

/** Descriptors of standard input, output and error that are a terminal. */
const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));

// At its end Node puts terminals back to how they were, and aborts where one of them has gone. It skips closed ones.
process.on('exit', () => {
  for (const descriptor of terminals) {
    try {
      if (!isatty(descriptor)) closeSync(descriptor);
    } catch {
      // It is closed already.
    }
  }
});
