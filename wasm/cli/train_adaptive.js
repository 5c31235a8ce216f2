/** `npm run train:adaptive`: trains the adaptive model, with settings from the environment too. */
import { runProgram } from './program.js';
import { trainCommand } from './train_command.js';

await runProgram(trainCommand('train:adaptive', 'Trains the adaptive model on a text and saves it.', 'adaptive'));
