/** Builds the site and serves it: `npm start`. PORT and HOST say where; otherwise the first free port from 4173 on. */
import path from 'node:path';
import { serveSomewhere } from '../../cli/static_server.js';
import { ROOT, runAsProgram, SetupError } from './run.js';
import { buildSite, SITE } from './site.js';

/** @returns {number|undefined} @throws {SetupError} */
function wantedPort() {
  const wanted = process.env.PORT;
  if (!wanted) return undefined;
  const port = Number(wanted);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new SetupError(`PORT must be a port number, not ${wanted}.`);
  return port;
}

await runAsProgram(import.meta.url, async () => {
  const where = { port: wantedPort(), host: process.env.HOST || undefined };
  await buildSite();
  const address = await serveSomewhere(path.join(ROOT, SITE), where).catch((error) => {
    throw new SetupError(`${error.message} PORT and HOST say where.`);
  });
  console.log(`The page is at ${address} (Ctrl-C ends it).`);
});
