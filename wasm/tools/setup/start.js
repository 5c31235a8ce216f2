/** Builds the site and serves it: `npm start`. PORT and HOST say where; otherwise the first free port from 4173 on. */
import path from 'node:path';
import { ROOT, runAsProgram, SetupError } from './run.js';
import { serve } from './serve.js';
import { buildSite, SITE } from './site.js';

const FIRST_PORT = 4173;
const PORTS = 50;

/** @returns {Promise<string>} the address */
async function serveSomewhere() {
  const folder = path.join(ROOT, SITE);
  const host = process.env.HOST || undefined;
  const wanted = process.env.PORT;
  const first = wanted ? Number(wanted) : FIRST_PORT;
  const last = wanted ? first : first + PORTS - 1;
  if (!Number.isInteger(first) || first < 0 || first > 65535)
    throw new SetupError(`PORT must be a port number, not ${wanted}.`);
  for (let port = first; port <= last; port++) {
    try {
      return (await serve(folder, { port, host })).url;
    } catch (error) {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code !== 'EADDRINUSE')
        throw new SetupError(`The page can't be served on port ${port} (${message}): set PORT or HOST.`);
    }
  }
  throw new SetupError(
    `${wanted ? `Port ${first} is` : `Ports ${first} to ${last} are`} taken: set PORT to a free one.`,
  );
}

await runAsProgram(import.meta.url, async () => {
  await buildSite();
  console.log(`The page is at ${await serveSomewhere()} (Ctrl-C ends it).`);
});
