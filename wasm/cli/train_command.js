/** The command `train` and its kin: what they take. */

import { PRESETS } from '../engine/presets.js';
import { BORDERS, HELD_OUT_BORDERS } from './borders.js';
import { settingOptions, settingsOf } from './options.js';
import { MACHINE } from './program.js';
import { READING } from './texts.js';
import { train } from './training.js';

/** @typedef {import('./options.js').Option} Option */
/** @typedef {import('./options.js').Command} Command */

/** @type {Option[]} */
const TEXT = [
  {
    name: 'text-file',
    value: 'FILE',
    many: true,
    help: 'Text to train on, - for standard input: plain text, Markdown, CSV, JSON Lines, Parquet, or gzip or zip of these.',
    otherwise:
      'WikiText-103 from Hugging Face, or the sample text where there is no network; HF_ENDPOINT names a mirror',
  },
  {
    name: 'parquet',
    value: 'FILE',
    many: true,
    help: 'Parquet file, or address of one, whose column “text” is trained on.',
  },
  { name: 'val-text-file', value: 'FILE', many: true, help: 'Text to hold out.', otherwise: 'the end of the text' },
  {
    name: 'val-parquet',
    value: 'FILE',
    many: true,
    help: 'Parquet file, or address of one, whose column “text” is held out.',
  },
  BORDERS,
  HELD_OUT_BORDERS,
  ...READING,
];

/** @type {Option[]} */
const START = [
  {
    name: 'preset',
    value: 'NAME',
    help: `A named set of settings, where no flag says otherwise: ${Object.keys(PRESETS).join(', ')}.`,
  },
  { name: 'init', value: 'FILE', help: 'Start from the weights of this checkpoint, .safetensors or .pt.' },
  {
    name: 'resume',
    value: 'FILE',
    help: 'Go on exactly where this checkpoint was saved. Needs the same text; settings are the checkpoint’s where no flag says otherwise.',
  },
];

/** @type {Option[]} */
const RESULTS = [
  {
    name: 'output',
    value: 'FILE',
    environment: true,
    help: 'Where the checkpoint goes, a safetensors file that --resume can go on from. It is also saved once a minute on the way.',
    otherwise: 'the run’s name, in this folder; with --resume that file',
  },
  {
    name: 'weights',
    value: 'FILE',
    help: 'Also save the weights alone at the end, a third of the size: what the page ships and PyTorch loads.',
  },
  {
    name: 'run-name',
    value: 'NAME',
    environment: true,
    help: 'Name of the run.',
    otherwise: 'MODEL_L{length}_B{batch·length/1000}k',
  },
  {
    name: 'metrics',
    value: 'FILE',
    help: 'Append figures as JSON Lines, one object an event: step, wall_time (seconds since 1970), train/… or val/….',
  },
  { name: 'tensorboard', value: 'DIR', help: 'Write the same as a TensorBoard event file in this folder.' },
  {
    name: 'wandb-project',
    value: 'NAME',
    environment: true,
    help: 'Write event files for “wandb sync”, and say how to call it.',
    otherwise: 'none; with it --tensorboard is runs/PROJECT/RUN',
  },
  { name: 'wandb-run-name', value: 'NAME', environment: true, help: 'The same as --run-name.' },
  { name: 'disable-wandb', environment: true, help: 'Ignore --wandb-project.' },
];

/**
 * @param {string} name
 * @param {string} summary
 * @param {'adaptive'|'baseline'} [only]  the model type, where there is no choice
 * @returns {Command}
 */
export function trainCommand(name, summary, only) {
  const model = settingsOf('model').filter((setting) => setting !== 'model_type' || !only);
  /** @param {string[]} names */
  const options = (names) => settingOptions(names);
  return {
    name,
    summary,
    operands: [],
    environment: only !== undefined,
    survivesClosedOutput: true,
    groups: [
      ['Text', [...TEXT, ...options(settingsOf('data'))]],
      ['Start', START],
      ['Results', RESULTS],
      ['Model', options(model)],
      ['Borders', options(settingsOf('borders'))],
      ['Losses', options(settingsOf('losses'))],
      ['Training', options(settingsOf('training'))],
      ['Stopping', options(settingsOf('stopping'))],
      ['Samples', options(settingsOf('samples'))],
      ['Machine', MACHINE],
    ],
    notes: 'Ctrl-C ends training after the current step and saves.',
    run: (args) => {
      if (only) args.settings.model_type = only;
      return train(args);
    },
  };
}
