/** A local server that answers with parts of files, like the hosts of Parquet files. */
import { createServer } from 'node:http';

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */

/**
 * Listens on a port of its own.
 * @param {(request: Request, response: Response) => void} answer
 * @returns {Promise<{origin: string, close: () => void}>} `close` ends connections still open
 */
export async function listen(answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * The bytes that a request wants of a file.
 * @param {Request} request
 * @param {Uint8Array} file
 * @returns {{start: number, end: number}|null} within the file, `end` is not included; null where it wants no range
 */
export function rangeOf(request, file) {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  return range && { start: Number(range[1]), end: Math.min(Number(range[2]) + 1, file.length) };
}

/**
 * Answers with a part of a file.
 * @param {Response} response
 * @param {Uint8Array} file
 * @param {{start: number, end: number}} range
 * @param {Record<string, string>} [headers]  more of them
 * @returns {void}
 */
export function sendRange(response, file, { start, end }, headers = {}) {
  response
    .writeHead(206, { ...headers, 'Content-Range': `bytes ${start}-${end - 1}/${file.length}` })
    .end(file.subarray(start, end));
}
