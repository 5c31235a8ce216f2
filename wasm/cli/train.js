/** `npm run train`: trains a model. */
import { runProgram } from './program.js';
import { trainCommand } from './train_command.js';

await runProgram(trainCommand('train', 'Trains a model on a text and saves it.'));
