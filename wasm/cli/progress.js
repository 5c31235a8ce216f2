/** How training goes, for whoever watches: a bar on a terminal, plain lines in a pipe or a file. */
import { LINES, PARTS } from './sentences.js';

/** @typedef {import('../engine/protocol.js').Progress} Progress */
/** @typedef {import('../engine/protocol.js').Validation} Validation */
/** @typedef {import('../engine/protocol.js').Sample} Sample */
/** @typedef {{isTTY?: boolean, columns?: number, write: (text: string) => unknown}} Stream */

/** Milliseconds between two drawings of the bar. */
const REDRAW = 100;
/** Columns of the bar at most. */
const BAR = 24;

/**
 * @param {number} ms
 * @returns {string} m:ss, from an hour on h:mm:ss
 */
export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** What a sample says, prompt and all. @param {Sample} event @returns {string} */
export function textOf({ prompt, bytes }) {
  const decoder = new TextDecoder();
  return decoder.decode(prompt) + decoder.decode(bytes);
}

/** What a sample says on one line, with whatever a terminal could take for a command escaped. @param {Sample} event */
function quoted(event) {
  return JSON.stringify(textOf(event)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * @param {Progress} event
 * @param {number} columns  of the terminal
 * @returns {string} fits one line
 */
export function progressBar(event, columns) {
  const { step, maxSteps, remainingMs } = event;
  const parts = PARTS.training({ ...event, left: duration(remainingMs) });
  // What matters least stands last, and is left out where the terminal is narrow.
  while (parts.length > 1 && parts.join('  ').length >= columns) parts.pop();
  const text = parts.join('  ');
  // The last column stays free, since a terminal may wrap after it.
  const width = Math.min(BAR, columns - 1 - text.length - '[] '.length);
  if (width < 1) return text.slice(0, Math.max(1, columns - 1));
  const full = Math.floor((width * step) / maxSteps);
  return `[${'█'.repeat(full)}${'·'.repeat(width - full)}] ${text}`;
}

/** Shows events on a stream. */
export class Reporter {
  #drawnAt = 0;
  #bar = '';

  /** @param {Stream} stream */
  constructor(stream) {
    this.stream = stream;
  }

  /** A line that stays. @param {string} text */
  line(text) {
    this.stream.write(this.#bar ? `\r\x1b[K${text}\n${this.#bar}` : `${text}\n`);
  }

  /** @param {Progress} event */
  progress(event) {
    if (!this.stream.isTTY) {
      if (event.logged) this.line(LINES.progress({ ...event, left: duration(event.remainingMs) }));
      return;
    }
    const now = performance.now();
    if (now - this.#drawnAt < REDRAW && event.step < event.maxSteps) return;
    this.#drawnAt = now;
    this.#bar = progressBar(event, this.stream.columns || 80);
    this.stream.write(`\r\x1b[K${this.#bar}`);
  }

  /** @param {Validation} event */
  validation(event) {
    this.line(LINES.validation(event));
  }

  /** @param {Sample} event */
  sample(event) {
    this.line(LINES.sample({ step: event.step, text: quoted(event) }));
  }

  /** Leaves the bar as it is; what follows starts on a new line. */
  end() {
    if (this.#bar) this.stream.write('\n');
    this.#bar = '';
  }
}
