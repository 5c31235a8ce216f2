/** WebKit's driver as a process: starting it, ending it with everything that it started, and limiting the time of commands. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';

const HOST = '127.0.0.1';
const PATIENCE_MS = 20_000;

/** The browser has ended, or its driver no longer answers, which says nothing about the page. */
export class BrowserLost extends Error {}

/** Errors of commands once the session or the driver is gone. */
const GONE = /NoSuchSession|invalid session id|ECONNREFUSED|ECONNRESET|EPIPE|socket hang up/i;

/**
 * Limits a command.
 * @template T
 * @param {number} ms
 * @param {string} what  for the message
 * @param {() => PromiseLike<T>} work
 * @returns {Promise<T>}
 * @throws {BrowserLost} where it takes longer, or nobody is left to do it
 */
export async function within(ms, what, work) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new BrowserLost(`WebKit does not answer: ${what} took over ${ms / 1000} s.`)), ms);
  });
  try {
    return await /** @type {Promise<T>} */ (Promise.race([work(), late]));
  } catch (error) {
    if (!(error instanceof BrowserLost) && GONE.test(String(error)))
      throw new BrowserLost(`WebKit is gone (${what}): ${error}`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The descendants of a process. @param {number} root @returns {number[]} */
export function descendants(root) {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
          return [Number(pid), Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1])];
        } catch {
          // The process has ended meanwhile.
          return [Number(pid), 0];
        }
      }),
  );
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found.slice(1);
}

/** @returns {Promise<number>} where nobody listens */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/**
 * Starts the driver.
 * @param {string} program
 * @param {Record<string, string>} env
 * @returns {Promise<{address: string, end: () => void}>} `end` ends it and all its browsers
 * @throws {Error} where it does not start
 */
export async function startDriver(program, env) {
  const port = await freePort();
  const child = spawn(program, [`--port=${port}`, `--host=${HOST}`], { env, stdio: 'ignore' });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  const end = () => {
    if (ended || child.pid === undefined) return;
    // Found first: once the driver is gone, nobody knows whose they are.
    for (const pid of [...descendants(child.pid), child.pid])
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
  };
  const address = `http://${HOST}:${port}`;
  for (const late = Date.now() + PATIENCE_MS; !ended && Date.now() < late; ) {
    const answer = await fetch(`${address}/status`, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
    if (answer?.ok) return { address, end };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  end();
  throw new Error('WebKit’s driver does not start.');
}
