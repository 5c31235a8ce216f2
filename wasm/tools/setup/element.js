/** Makes the scripts of the element `<border-hierarchy>`: its own, worker and core inside, and one that trains for it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './bundle.js';

/**
 * @param {string} file     where to, absolute
 * @param {string} trainer  name of the script beside it that trains
 */
export async function buildElement(file, trainer) {
  const worker = await bundle('web/worker_entry.js', 'iife');
  const { code } = await bundle(
    'web/element/element.js',
    'es',
    { 'state/surroundings.js': 'web/element/surroundings.js' },
    { 'globalThis.borderHierarchyWorker': JSON.stringify(worker.code) },
  );
  writeFileSync(file, code);
  const run = await bundle('web/element/run.js', 'es', { 'element/element.js': `./${path.basename(file)}` });
  writeFileSync(path.join(path.dirname(file), trainer), run.code);
}
