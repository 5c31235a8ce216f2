/** `adaptive-compressor serve`: serves the built page from this machine. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RunError } from './errors.js';
import { standardOutput } from './output.js';
import { runProgram } from './program.js';
import { NOTES } from './sentences.js';
import { serveSomewhere } from './static_server.js';

const SITE = fileURLToPath(new URL('../../dist', import.meta.url));

/** @param {import('./options.js').Arguments} args */
async function serve(args) {
  if (!existsSync(path.join(SITE, 'index.html'))) throw new RunError('not_built');
  const port = args.get('port');
  const options = { port: port === undefined ? undefined : Number(port), host: args.get('host') };
  const address = await serveSomewhere(SITE, options).catch((error) => {
    throw new RunError('failed', { message: error.message });
  });
  await standardOutput.write(`${NOTES.serving({ address })}\n`);
}

await runProgram({
  name: 'serve',
  summary: 'Serves the page from this machine, to this machine, and prints its address.',
  operands: [],
  groups: [
    [
      'Address',
      [
        {
          name: 'port',
          value: 'N',
          whole: [0, 65535],
          otherwise: 'the first free one from 4173 on',
          help: 'Port; 0 takes any free one.',
        },
        {
          name: 'host',
          value: 'NAME',
          otherwise: '127.0.0.1',
          help: 'Address to listen at; 0.0.0.0 lets other machines in.',
        },
      ],
    ],
  ],
  survivesClosedOutput: true,
  run: serve,
});
