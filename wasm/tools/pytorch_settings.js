/** Writes the PyTorch package's lists of settings and presets from the one place: `node wasm/tools/pytorch_settings.js`. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PRESETS } from '../engine/presets.js';
import { SETTINGS } from '../engine/settings.js';
import { ROOT, runAsProgram } from './setup/run.js';

/** The package's lists, by file from the project's folder. @type {Readonly<Record<string, unknown>>} */
export const PYTORCH_LISTS = Object.freeze({
  'wasm/pytorch/adaptive_compressor/settings.json': SETTINGS,
  'wasm/pytorch/adaptive_compressor/presets.json': PRESETS,
});

await runAsProgram(import.meta.url, async () => {
  for (const [file, list] of Object.entries(PYTORCH_LISTS))
    writeFileSync(path.join(ROOT, file), `${JSON.stringify(list, null, 2)}\n`);
});
