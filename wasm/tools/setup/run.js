/** Runs other programs, and says in one sentence what went wrong. Needs nothing but Node. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Something that the person at the keyboard can mend: the message alone is shown, without a stack. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} [reason]  a code for programs
   */
  constructor(message, reason) {
    super(message);
    this.reason = reason;
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]   default the project's folder
 * @property {Record<string, string>} [env]   added to the environment
 * @property {boolean} [show]   pass the output on to the terminal rather than collecting it
 * @property {number} [seconds]   limit, after which the program and its children are ended; default 900
 */

/** Running process groups, which end when we are interrupted. @type {Set<number>} */
const groups = new Set();

/** Time that a program, such as a browser, gets to clean up. */
const GRACE_MS = 3000;

/**
 * Ends process groups: asks first, then insists.
 * @param {Iterable<number>} pids
 */
async function endGroups(pids) {
  const all = [...pids];
  const send = (/** @type {NodeJS.Signals} */ signal) => {
    for (const pid of all) {
      try {
        process.kill(-pid, signal);
      } catch {
        // It is gone already.
      }
    }
  };
  send('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, all.length > 0 ? GRACE_MS : 0));
  send('SIGKILL');
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, async () => {
    await endGroups(groups);
    process.exit(130);
  });
}

/**
 * Runs a program without standard input.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{code: number, output: string}>} standard output and error together; code 127 where it can't start
 */
export function run(command, args, { cwd = ROOT, env = {}, show = false, seconds = 900 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      detached: true,
    });
    let output = '';
    const pid = child.pid ?? 0;
    if (pid) groups.add(pid);
    const limit = setTimeout(() => {
      output += `\n${path.basename(command)} took longer than ${seconds} seconds and was ended.\n`;
      if (show) console.error(output);
      endGroups([pid]);
    }, seconds * 1000);
    const finish = (/** @type {number} */ code) => {
      clearTimeout(limit);
      groups.delete(pid);
      resolve({ code, output });
    };
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 1));
  });
}

/**
 * Does many things, at most `limit` at a time.
 * @template Item, Result
 * @param {readonly Item[]} items
 * @param {number} limit
 * @param {(item: Item) => Promise<Result>} work
 * @returns {Promise<Result[]>} in the order of the items
 */
export async function inParallel(items, limit, work) {
  /** @type {Result[]} */
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const i = next++;
      results[i] = await work(items[i]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  return results;
}

/** npm passes a signal on to its shell, but the shell not to us. */
function endWithParent() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 1000).unref();
}

/**
 * Runs `main` where a file was started as a program, not imported.
 * @param {string} url  the file's `import.meta.url`
 * @param {() => Promise<unknown>} main
 */
export async function runAsProgram(url, main) {
  if (!process.argv[1] || pathToFileURL(process.argv[1]).href !== url) return;
  if (process.env.npm_lifecycle_event) endWithParent();
  try {
    await main();
  } catch (error) {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 1;
  }
}
