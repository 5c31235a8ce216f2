/** Installs the npm packages that package-lock.json lists, where they are not there yet. Needs nothing but Node. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, run, SetupError } from './run.js';

/**
 * The packages of a lock file by their place under node_modules.
 * @param {string} file
 * @returns {Record<string, {version?: string, optional?: boolean}>} empty where there is none
 */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** @returns {boolean} whether npm last installed what the lock file wants; packages of other platforms aside */
function installed() {
  const there = lockedPackages('node_modules/.package-lock.json');
  return Object.entries(lockedPackages('package-lock.json')).every(
    ([place, { version, optional }]) => place === '' || optional || there[place]?.version === version,
  );
}

/** @throws {SetupError} where Node is too old */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`Node ${process.versions.node} is too old: install Node 20.19 or later (22 or 24, say).`);
}

/**
 * Makes node_modules/ what package-lock.json says.
 * @throws {SetupError}
 */
export async function ensurePackages() {
  checkNode();
  if (installed()) return;
  console.log('Installing npm packages …');
  // Under `npm start` npm says where it is; it may not be on the PATH under that name.
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  // None of the packages needs its install script.
  const args = [...first, 'ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  let output = '';
  for (let attempt = 1; attempt <= 2; attempt++) {
    const ci = await run(command, args, { seconds: 600 });
    if (ci.code === 0) return;
    output = ci.output;
  }
  throw new SetupError(
    `${output.trim()}\nThe npm packages could not be installed: see npm’s words above, then try again.`,
  );
}
