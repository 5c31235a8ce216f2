/** Makes the script of the element `<border-hierarchy>`, its worker and the core inside. */
import { writeFileSync } from 'node:fs';
import { bundle } from './bundle.js';

/** @param {string} file  where to, absolute */
export async function buildElement(file) {
  const worker = await bundle('web/worker_entry.js', 'iife');
  const { code } = await bundle(
    'web/element/element.js',
    'es',
    { 'state/surroundings.js': 'web/element/surroundings.js' },
    { 'globalThis.borderHierarchyWorker': JSON.stringify(worker.code) },
  );
  writeFileSync(file, code);
}
