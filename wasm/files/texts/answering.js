/** The worker for texts: reads files, fetches WikiText-103, counts what a text is made of. One job at a time. */
import { FormatError } from '../formats/error.js';
import { gzipBitsPerByte } from '../formats/gzip_size.js';
import { joinDocuments } from '../formats/records.js';
import { Intake } from './intake.js';
import { pieces } from './source.js';
import { TextStatistics } from './statistics.js';

/** @typedef {import('../../engine/protocol.js').TextsCommand} TextsCommand */
/** @typedef {import('../../engine/protocol.js').TextsEvent} TextsEvent */

/** Milliseconds between two progress messages. */
const OFTEN = 100;

/**
 * @param {Blob} text
 * @param {(bytes: number) => void} onRead
 */
async function statisticsOf(text, onRead) {
  const statistics = new TextStatistics();
  for await (const piece of pieces(text, 0, onRead)) statistics.add(piece);
  return { statistics: statistics.result(), gzipBpb: await gzipBitsPerByte(text, onRead) };
}

/**
 * WikiText-103: lines of its training part, and lines of its validation part to hold out.
 * @param {import('../../engine/protocol.js').TextsDownload} command
 * @param {(bytes: number) => void} onFetched
 */
async function wikiText({ host, documents, heldOutDocuments }, onFetched) {
  const { readWikiText } = await import('../formats/wikitext.js');
  const train = joinDocuments(await readWikiText('train', { maxDocuments: documents, host, onFetched }));
  const held = joinDocuments(await readWikiText('validation', { maxDocuments: heldOutDocuments, host, onFetched }));
  return { text: new Blob([train, held]), heldOut: held.length };
}

/**
 * Answers a page's commands.
 * @param {(event: TextsEvent) => void} post
 * @returns {(command: TextsCommand) => Promise<void>}
 */
export function serveTexts(post) {
  let [done, reportedAt] = [0, 0];
  /** @param {number} bytes */
  const progress = (bytes) => {
    done += bytes;
    const now = performance.now();
    if (now - reportedAt < OFTEN) return;
    reportedAt = now;
    post({ type: 'reading', bytes: done });
  };
  let intake = new Intake(progress);

  /** @param {TextsCommand} command @returns {Promise<TextsEvent>} */
  async function answer(command) {
    switch (command.type) {
      case 'inspect':
        intake = new Intake(progress);
        return { type: 'inspected', found: await intake.inspect(command.files, command.delimiter) };
      case 'preview':
        return { type: 'preview', text: await intake.preview(command.choice) };
      case 'take':
        return { type: 'taken', text: await intake.take(command.choice), nulls: intake.nulls };
      case 'statistics':
        return { type: 'statistics', ...(await statisticsOf(command.text, progress)) };
      case 'download':
        return { type: 'taken', ...(await wikiText(command, progress)), fetched: done };
    }
  }

  return async (command) => {
    done = 0;
    try {
      post({ ...(await answer(command)), id: command.id });
    } catch (error) {
      const { message, reason } =
        error instanceof FormatError
          ? error
          : new FormatError(
              `This can’t be read (${/** @type {Error} */ (error).message}): choose it again, or a part of it.`,
              'failed',
            );
      post({ type: 'refused', id: command.id, message, reason });
    }
  };
}
