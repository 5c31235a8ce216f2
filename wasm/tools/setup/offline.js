/** Writes the site's service worker, which knows every file of the site and a version that changes with any of them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './bundle.js';

/** Its name in the site's folder. */
const SERVICE_WORKER = 'service-worker.js';

/**
 * @param {string} folder  the built site's
 * @param {string[]} [without]  files that are not kept
 */
export async function writeServiceWorker(folder, without = []) {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => file !== SERVICE_WORKER && !without.includes(file))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(path.join(folder, file)));
  const site = {
    version: hash.digest('hex').slice(0, 16),
    // The start page by its folder: some hosts redirect index.html to it.
    files: files.map((file) => (file === 'index.html' ? './' : file)),
  };
  const { code } = await bundle('web/service_worker.js', 'iife');
  writeFileSync(path.join(folder, SERVICE_WORKER), `self.site = ${JSON.stringify(site)};\n${code}`);
}
