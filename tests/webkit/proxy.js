/**
 * Stands between WebKit and everything that it requests: sees each request of pages and workers, puts scripts before
 * those of a page, and lets nothing leave this machine. WebDriver can do none of this.
 */
import http from 'node:http';

/**
 * @typedef {object} Proxy
 * @property {string} host        address and port
 * @property {string[]} requests  every address that was requested
 * @property {string[]} problems  failed requests, a line each
 * @property {string[]} scripts   code that runs in pages before their own
 * @property {() => Promise<void>} close
 */

const LOCAL = /^(?:localhost|127\.0\.0\.1)$/;

/**
 * Puts scripts before everything in a page, including its security policy.
 * @param {string} html
 * @param {readonly string[]} scripts
 * @returns {string}
 */
export function withScripts(html, scripts) {
  const tags = scripts.map((code) => `<script>${code.replaceAll('</script', '<\\/script')}</script>`).join('');
  return html.replace(/<head[^>]*>/i, (head) => `${head}${tags}`);
}

/** @returns {Promise<Proxy>} */
export function startProxy() {
  /** @type {Pick<Proxy, 'requests'|'problems'|'scripts'>} */
  const seen = { requests: [], problems: [], scripts: [] };

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} answer */
  function pass(request, answer) {
    const address = request.url ?? '';
    seen.requests.push(address);
    const { hostname } = new URL(address);
    if (!LOCAL.test(hostname)) {
      seen.problems.push(`request to elsewhere: ${address}`);
      answer.writeHead(502).end();
      return;
    }
    const page = /^(?:document|iframe)$/.test(String(request.headers['sec-fetch-dest'] ?? ''));
    const headers = { ...request.headers };
    if (page) headers['accept-encoding'] = 'identity';
    const onward = http.request(address, { method: request.method, headers }, (reply) => {
      const { statusCode = 500, headers: got } = reply;
      if (statusCode >= 400) seen.problems.push(`answer ${statusCode}: ${address}`);
      if (!page || !String(got['content-type']).startsWith('text/html')) {
        answer.writeHead(statusCode, got);
        reply.pipe(answer);
        return;
      }
      /** @type {Buffer[]} */
      const parts = [];
      reply.on('data', (part) => parts.push(part));
      reply.on('end', () => {
        const body = Buffer.from(withScripts(Buffer.concat(parts).toString(), seen.scripts));
        answer.writeHead(statusCode, { ...got, 'content-length': body.length }).end(body);
      });
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  const server = http.createServer(pass);
  server.on('connect', (request, socket) => {
    seen.requests.push(`https://${request.url}`);
    seen.problems.push(`request to elsewhere: https://${String(request.url).replace(/:443$/, '')}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      const close = () =>
        new Promise((/** @type {(_: void) => void} */ done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ host: `127.0.0.1:${port}`, ...seen, close });
    });
  });
}
