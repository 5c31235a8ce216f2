/**
 * The repository's address in the package. package.json names none, since a copy of the project may live anywhere: `npm pack` fills
 * in the address of the place that it packs from, and takes it out again.
 *
 * It is one block of text, which is also noted in build/. So it can be taken out exactly, whatever else has been changed
 * meanwhile; and where packing was cut off, the next `npm pack`, or `npm run postpack`, does it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, run, runAsProgram } from './run.js';

const NOTE = 'build/packed_address.txt';
const NO_ADDRESS =
  'No address of the repository is known here, so the package names none: `git remote add origin ADDRESS` gives it one.';

/** Protocols of git that are not the web's; such a host shows the repository by https. */
const BESIDE_THE_WEB = ['ssh:', 'git:', 'git+ssh:'];

/**
 * Where a browser finds the repository of a remote, without the names, passwords and ports that git logs in with.
 * @param {string} remote  as git has it: https, ssh or user@host:path
 * @returns {string|null} null where it is no public address: a folder, a short name from somebody's ssh settings, a number
 */
export function webAddress(remote) {
  const [, host, place] = /^(?:[^@/:]+@)?([^@/:]+):(?!\/\/)\/?(.+)$/.exec(remote) ?? [];
  const address = host ? `ssh://${host}/${place}` : remote;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const beside = BESIDE_THE_WEB.includes(url.protocol);
  if (!beside && !['https:', 'http:'].includes(url.protocol)) return null;
  const name = url.pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  if (!/^[\w.-]+\.[a-z][\w-]+$/i.test(url.hostname) || name.length < 2) return null;
  return beside ? `https://${url.hostname}${name}` : `${url.protocol}//${url.host}${name}`;
}

/**
 * The address of a folder's repository: a workflow's own, else that of the remote called origin.
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string|null>}
 */
async function addressOf(folder, { GITHUB_SERVER_URL, GITHUB_REPOSITORY }) {
  if (GITHUB_SERVER_URL && GITHUB_REPOSITORY) return webAddress(`${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`);
  // Inside another repository, such as that of a site which uses the package, origin would be the other's.
  const above = await run('git', ['rev-parse', '--show-prefix'], { cwd: folder });
  if (above.code !== 0 || above.output.trim() !== '') return null;
  const remote = await run('git', ['remote', 'get-url', 'origin'], { cwd: folder });
  return remote.code === 0 ? webAddress(remote.output.trim()) : null;
}

/** Writes a folder's package.json at once, so that nobody ever sees half of it. @param {string} folder @param {string} text */
function rewrite(folder, text) {
  const part = path.join(folder, 'build/package.json.part');
  writeFileSync(part, text);
  renameSync(part, path.join(folder, 'package.json'));
}

/**
 * Takes out of a folder's package.json what `fillIn` has put there. Does nothing where that is nothing.
 * @param {string} folder
 */
export function takeOut(folder) {
  const note = path.join(folder, NOTE);
  if (!existsSync(note)) return;
  const block = readFileSync(note, 'utf8');
  const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  if (block && text.includes(block))
    rewrite(
      folder,
      text.replace(block, () => ''),
    );
  rmSync(note);
}

/**
 * Puts `repository`, `bugs` and `homepage` into a folder's package.json, as far as it does not have them, until `takeOut`.
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string|null>} a sentence where no address is known
 */
export async function fillIn(folder, env = process.env) {
  takeOut(folder);
  const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  const has = JSON.parse(text);
  const address = await addressOf(folder, env);
  if (!address) return has.repository ? null : NO_ADDRESS;
  const fields = Object.entries({
    repository: { type: 'git', url: `git+${address}.git` },
    bugs: { url: `${address}/issues` },
    homepage: `${address}#readme`,
  }).filter(([name]) => !(name in has));
  const block = fields.map(([name, value]) => `\n  "${name}": ${JSON.stringify(value)},`).join('');
  mkdirSync(path.join(folder, 'build'), { recursive: true });
  writeFileSync(path.join(folder, NOTE), block);
  rewrite(
    folder,
    text.replace('{', () => `{${block}`),
  );
  return null;
}

await runAsProgram(import.meta.url, async () => {
  const [task] = process.argv.slice(2);
  if (task === '--take-out') return takeOut(ROOT);
  const problem = await fillIn(ROOT);
  if (problem) console.error(problem);
});
