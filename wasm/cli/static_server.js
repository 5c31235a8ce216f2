/**
 * A small static file server: what any static host does, gzip for text included, no special headers. Needs nothing but
 * Node.
 */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const TYPES = Object.freeze({
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
});

/** What hosts compress on the way. */
const COMPRESSED = /^(?:text|application\/(?:json|wasm|manifest))|svg/;

/** Compressed files by path and time of change. @type {Map<string, Promise<Buffer>>} */
const compressed = new Map();

/** @param {string} file @param {number} changed @returns {Promise<Buffer>} */
function compressedFile(file, changed) {
  const key = `${file} ${changed}`;
  const known = compressed.get(key) ?? readFile(file).then((bytes) => promisify(gzip)(bytes));
  compressed.set(key, known);
  return known;
}

/**
 * The file that an address names.
 * @param {string} folder  absolute
 * @param {string} base    path of the site, `/` at both ends
 * @param {string} url     of the request
 * @returns {Promise<{file: string, size: number, changed: number} | undefined>} undefined where there is none
 */
async function lookUp(folder, base, url) {
  try {
    const wanted = decodeURIComponent(new URL(url, 'http://host').pathname);
    if (!wanted.startsWith(base)) return undefined;
    const inside = wanted.slice(base.length);
    const file = path.join(folder, inside.endsWith('/') || inside === '' ? `${inside}index.html` : inside);
    if (!file.startsWith(folder + path.sep)) return undefined;
    const found = await stat(file);
    return found.isFile() ? { file, size: found.size, changed: found.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {http.ServerResponse} answer
 * @param {number} code
 * @param {string} sentence
 */
function refuse(answer, code, sentence) {
  answer.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}

/**
 * Serves a folder on this machine alone, unless `host` says otherwise.
 * @param {string} folder
 * @param {{base?: string, port?: number, host?: string}} [options]  `base`: path of the site, `/` at both ends;
 *   port 0 takes any free one
 * @returns {Promise<{url: string, requests: string[], close: () => Promise<void>}>} `requests`: paths asked for so far
 * @throws {NodeJS.ErrnoException} EADDRINUSE, EACCES, …
 */
export function serve(folder, { base = '/', port = 0, host = '127.0.0.1' } = {}) {
  const root = path.resolve(folder);
  /** @type {string[]} */
  const requests = [];
  const server = http.createServer(async (request, answer) => {
    const url = request.url ?? '/';
    requests.push(url);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(answer, 405, 'Only files are served here.');
    const found = await lookUp(root, base, url);
    if (!found) return refuse(answer, 404, 'There is no such file.');
    const type = /** @type {Record<string, string>} */ (TYPES)[path.extname(found.file)] ?? 'application/octet-stream';
    const head = { 'content-type': type, 'cache-control': 'no-cache', vary: 'accept-encoding' };
    if (COMPRESSED.test(type) && /\bgzip\b/.test(String(request.headers['accept-encoding']))) {
      const body = await compressedFile(found.file, found.changed).catch(() => null);
      if (!body) return refuse(answer, 404, 'There is no such file.');
      answer.writeHead(200, { ...head, 'content-encoding': 'gzip', 'content-length': body.length });
      return answer.end(request.method === 'HEAD' ? undefined : body);
    }
    answer.writeHead(200, { ...head, 'content-length': found.size });
    if (request.method === 'HEAD') return answer.end();
    createReadStream(found.file)
      .on('error', () => answer.destroy())
      .pipe(answer);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const { port: taken } = /** @type {import('node:net').AddressInfo} */ (server.address());
      const shown = host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host;
      const close = () =>
        new Promise((/** @type {(_: void) => void} */ done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ url: `http://${shown}:${taken}${base}`, requests, close });
    });
  });
}

/** Ports that are tried where none is asked for. */
const [FIRST_PORT, PORTS] = [4173, 50];

/**
 * Serves a folder at a port that is asked for, or else at the first free one from 4173 on.
 * @param {string} folder
 * @param {{port?: number, host?: string}} [options]
 * @returns {Promise<string>} the address
 * @throws {Error} one sentence, where that can't be done
 */
export async function serveSomewhere(folder, { port, host } = {}) {
  const first = port ?? FIRST_PORT;
  const last = port ?? FIRST_PORT + PORTS - 1;
  for (let at = first; at <= last; at++) {
    try {
      return (await serve(folder, { port: at, host })).url;
    } catch (error) {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code !== 'EADDRINUSE') throw new Error(`The page can't be served on port ${at} (${message}): name another.`);
    }
  }
  throw new Error(
    `${port === undefined ? `Ports ${first} to ${last} are` : `Port ${port} is`} taken: name a free one.`,
  );
}
