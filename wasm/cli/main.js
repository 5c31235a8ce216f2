#!/usr/bin/env node
/** The package's program: `adaptive-compressor COMMAND`, each command a file beside this one. */
import { standardError, standardOutput } from './output.js';
import { started } from './program.js';
import { LINES, USAGE } from './sentences.js';

const NAME = 'adaptive-compressor';

/** @type {Readonly<Record<string, {about: string, run: () => Promise<unknown>}>>} */
const COMMANDS = Object.freeze({
  train: { about: 'train a model on a text', run: () => import('./train.js') },
  infer: { about: 'write text with a model', run: () => import('./infer.js') },
  evaluate: { about: 'measure a model on a text', run: () => import('./evaluate.js') },
  trace: { about: 'write what a model makes of every byte of a text', run: () => import('./trace.js') },
  compress: { about: 'compress a file', run: () => import('./compress.js') },
  decompress: { about: 'bring a compressed file back', run: () => import('./decompress.js') },
  serve: { about: 'serve the page from this machine', run: () => import('./serve.js') },
});

const HELP = `${LINES.usage_of_all({ name: NAME })}

${Object.entries(COMMANDS)
  .map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
  .join('\n')}

${NAME} COMMAND --help says what a command takes.
`;

const [name = '', ...rest] = process.argv.slice(2);
if (Object.hasOwn(COMMANDS, name)) {
  process.argv.splice(2, process.argv.length, ...rest);
  Object.assign(started, { by: NAME, before: '' });
  await COMMANDS[name].run();
} else if (name === '--help' || name === '-h') {
  await standardOutput.write(HELP);
} else {
  const commands = Object.keys(COMMANDS);
  const wrong = name === '' ? USAGE.command_missing({ commands }) : USAGE.no_command({ name, commands });
  await standardError.write(`${NAME}: ${wrong}\n`);
  process.exitCode = 2;
}
