/** Builds the static site in dist/, from nothing: packages, compiler, core, sample texts, page. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildCore } from '../build.js';
import { ensurePackages } from './packages.js';
import { ROOT, runAsProgram } from './run.js';
import { writeExample, writeSamples } from './sample_texts.js';

/** The site's folder, from the project's folder. */
export const SITE = 'dist';

/** The page as one file, in the site's folder. */
export const SINGLE = 'adaptive-compressor.html';

/** The example in full precision, which the page itself does not load. */
const WHOLE_EXAMPLE = 'example.safetensors';

/** The worker as one script, for browsers that start no module as a worker, in the site's folder. */
const WORKER = 'worker.js';

/** The element `<border-hierarchy>` as one script, in the site's folder. */
export const ELEMENT = 'border-hierarchy.js';

/** The script that trains models for it, beside it. */
export const ELEMENT_RUN = 'border-hierarchy-run.js';

/** @throws {import('./run.js').SetupError} */
export async function buildSite() {
  await ensurePackages();
  await buildCore();
  await writeSamples();
  writeExample();
  const { build } = await import('vite');
  await build({ configFile: path.join(ROOT, 'vite.config.js'), logLevel: 'warn' });
  const { buildSingle } = await import('./single.js');
  await buildSingle(path.join(ROOT, SITE, SINGLE));
  const { bundle } = await import('./bundle.js');
  writeFileSync(path.join(ROOT, SITE, WORKER), (await bundle('web/worker_entry.js', 'iife')).code);
  const { buildElement } = await import('./element.js');
  await buildElement(path.join(ROOT, SITE, ELEMENT), ELEMENT_RUN);
  const { writeServiceWorker } = await import('./offline.js');
  await writeServiceWorker(path.join(ROOT, SITE), [SINGLE, WHOLE_EXAMPLE]);
}

await runAsProgram(import.meta.url, async () => {
  await buildSite();
  console.log(`The site is in ${SITE}/: put it on any static host, at any address.`);
  console.log(`The page as one file is ${SITE}/${SINGLE}.`);
});
