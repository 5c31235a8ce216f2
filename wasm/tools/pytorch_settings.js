/** Writes the PyTorch package's list of settings from the one list: `node wasm/tools/pytorch_settings.js`. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SETTINGS } from '../engine/settings.js';
import { ROOT, runAsProgram } from './setup/run.js';

/** The package's list, from the project's folder. */
export const PYTORCH_SETTINGS = 'wasm/pytorch/adaptive_compressor/settings.json';

await runAsProgram(import.meta.url, async () => {
  writeFileSync(path.join(ROOT, PYTORCH_SETTINGS), `${JSON.stringify(SETTINGS, null, 2)}\n`);
});
