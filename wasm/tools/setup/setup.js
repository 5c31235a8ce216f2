/** Installs what building needs, packages of the system included: `npm run setup`. */
import { ensurePackages } from './packages.js';
import { runAsProgram } from './run.js';
import { ensureTools } from './tools.js';

await runAsProgram(import.meta.url, async () => {
  await ensurePackages();
  await ensureTools(['emcc'], { install: true });
  console.log('All that building needs is there. npm test -- --install does the same for the tests.');
});
