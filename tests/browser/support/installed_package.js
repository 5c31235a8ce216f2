/** Packs the project as a workflow would publish it, and installs it in an empty folder, without a registry. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, run } from '../../../wasm/tools/setup/run.js';

/** Where the package says that it comes from. */
export const ADDRESS = 'https://git.example.org/sea/whale';
const WORKFLOW = { GITHUB_SERVER_URL: 'https://git.example.org', GITHUB_REPOSITORY: 'sea/whale' };

/** @param {string} folder @param {string[]} args */
async function npm(folder, ...args) {
  const { code, output } = await run('npm', [...args, '--no-audit', '--no-fund', '--offline'], {
    cwd: folder,
    env: WORKFLOW,
    seconds: 300,
  });
  if (code !== 0) throw new Error(`npm ${args.join(' ')}:\n${output}`);
}

/** Packages and all their dependencies, by name. @param {string[]} names @returns {string[]} */
function withDependencies(names) {
  const all = new Set(names);
  for (const name of all) {
    const { dependencies = {} } = JSON.parse(
      readFileSync(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8'),
    );
    for (const each of Object.keys(dependencies)) all.add(each);
  }
  return [...all];
}

/**
 * @returns {Promise<{folder: string, remove: () => void}>} a folder outside the project where the package is installed
 */
export async function installPacked() {
  const folder = mkdtempSync(path.join(tmpdir(), 'adaptive-compressor-'));
  const tarballs = path.join(folder, 'tarballs');
  mkdirSync(tarballs);
  await npm(ROOT, 'pack', '--pack-destination', tarballs);
  // Its dependencies come from tarballs, too, so that the test needs no network.
  const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const own = withDependencies(Object.keys(dependencies)).map((name) => path.join(ROOT, 'node_modules', name));
  await npm(folder, 'pack', '--ignore-scripts', '--pack-destination', tarballs, ...own);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
  await npm(folder, 'install', '--ignore-scripts', ...readdirSync(tarballs).map((name) => `./tarballs/${name}`));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
