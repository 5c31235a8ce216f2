/** Builds what the npm package carries besides its sources: module, site, and types from the JSDoc. `npm pack` runs it. */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT, run, runAsProgram, SetupError } from './run.js';
import { buildSite } from './site.js';

const TYPES = 'build/types';

/** @throws {SetupError} with what the compiler said */
async function buildPackage() {
  await buildSite();
  rmSync(path.join(ROOT, TYPES), { recursive: true, force: true });
  const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { code, output } = await run(process.execPath, [tsc, '-p', '.config/tsconfig.types.json']);
  if (code !== 0) throw new SetupError(`${output}\nThe types could not be made: see the compiler’s words above.`);
}

await runAsProgram(import.meta.url, buildPackage);
