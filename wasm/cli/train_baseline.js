/** `npm run train:baseline`: trains the baseline, with settings from the environment too. */
import { runProgram } from './program.js';
import { trainCommand } from './train_command.js';

await runProgram(trainCommand('train:baseline', 'Trains the baseline on a text and saves it.', 'baseline'));
