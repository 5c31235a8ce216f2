/** `npm run infer`: writes text with a checkpoint. */

import { Probe } from '../engine/probe.js';
import { checkCausality, regenerate } from '../engine/worker/recomputing.js';
import { generate } from '../engine/worker/writing.js';
import { warnOfNoBorders } from './borders.js';
import { RunError, UsageError } from './errors.js';
import { readBytes } from './files.js';
import { settingOptions, settingsOf } from './options.js';
import { standardError, standardOutput } from './output.js';
import { MACHINE, runProgram, warn, warnOfMachine } from './program.js';
import { NOTES } from './sentences.js';
import { mayLeak, openForReading, readModel } from './weights.js';

/** @typedef {import('./options.js').Arguments} Arguments */
/** @typedef {import('../engine/settings.js').Settings} Settings */

const JOB = { id: 0, cancelled: false };
/** Bytes to write, and bytes that the causality check looks at, by default: the prototype’s. */
const [WRITTEN, CHECKED] = [128, 64];
/** Most bytes that the causality check may look at; its work grows with their square. */
const MOST_CHECKED = 8192;

/** @type {import('./options.js').Option[]} */
const OPTIONS = [
  { name: 'prompt', value: 'TEXT', help: 'What to go on from.' },
  { name: 'prompt-file', value: 'FILE', help: 'A file whose bytes to go on from, in place of --prompt.' },
  {
    name: 'inference-mode',
    value: 'cached|recompute',
    choices: ['cached', 'recompute'],
    otherwise: 'cached',
    help: 'From a cache, one time step per byte, or with a whole pass for every byte. Both draw the same bytes.',
  },
  {
    name: 'check-causality',
    help: 'First compare the logits of every prefix of the prompt with those of a pass over all of it, and report the largest difference on standard error. A leak makes the exit status 1.',
  },
  {
    name: 'causality-max-positions',
    value: 'N',
    whole: [1, MOST_CHECKED],
    otherwise: String(CHECKED),
    help: 'Bytes of the prompt that the check looks at.',
  },
];

/**
 * @param {Arguments} args
 * @returns {Promise<Uint8Array>}
 */
async function promptOf(args) {
  const [text, file] = [args.get('prompt'), args.get('prompt-file')];
  if (text !== undefined && file !== undefined)
    throw new UsageError('one_of_two', { one: '--prompt', other: '--prompt-file' });
  if (text !== undefined) return new TextEncoder().encode(text);
  if (file === undefined) throw new UsageError('prompt_missing');
  const bytes = await readBytes(file);
  if (bytes.length === 0) throw new RunError('prompt_empty');
  return bytes;
}

/**
 * @param {import('../engine/core.js').Model} model
 * @param {Settings} settings
 * @param {Uint8Array} prompt
 * @param {number} most
 * @returns {Promise<boolean>} whether the model is causal
 */
async function tellCausality(model, settings, prompt, most) {
  const { positions, worst, difference, leaks } = await checkCausality(model, settings, prompt, JOB, most);
  const innocent = (await mayLeak(settings)) ? 'may_leak' : 'causal';
  const verdict = leaks ? 'leaks' : innocent;
  standardError.write(`${NOTES.causality({ positions, worst, difference, verdict })}\n`);
  return !leaks;
}

/** @param {Arguments} args */
async function infer(args) {
  const [file] = args.operands;
  const prompt = await promptOf(args);
  const { checkpoint, settings } = await openForReading(file, { max_new_bytes: WRITTEN, ...args.settings });
  const model = await readModel(file, checkpoint, settings);
  const leaking = await mayLeak(settings);
  if (leaking) warn('leaks');
  await warnOfNoBorders(settings);
  warnOfMachine(args);
  const causal =
    !args.has('check-causality') ||
    (await tellCausality(model, settings, prompt, Number(args.get('causality-max-positions') ?? CHECKED)));
  const recompute = args.get('inference-mode') === 'recompute';
  if (leaking && !recompute) throw new RunError('leaks');

  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let last = '';
  /** @param {string} text */
  const show = (text) => {
    standardOutput.write(text);
    last = text || last;
  };
  /** @param {import('../engine/protocol.js').Event} event */
  const report = (event) => {
    if (event.type === 'generated') show(decoder.decode(event.bytes, { stream: !event.done }));
  };
  const { temperature, top_k, max_new_bytes, stop_at_eos, seed } = settings;
  const command = /** @type {import('../engine/protocol.js').Generate} */ ({
    type: 'generate',
    run: 0,
    id: 0,
    prompt,
    temperature,
    top_k,
    max_new_bytes,
    stop_at_eos,
    seed,
  });
  if (recompute) await regenerate(model, settings, command, JOB, report);
  else {
    const probe = new Probe(model.module, settings, model);
    await generate(probe, command, JOB, report);
  }
  if (standardOutput.isTTY && !last.endsWith('\n')) show('\n');
  return causal ? 0 : 1;
}

await runProgram({
  name: 'infer',
  summary:
    'Lets a model go on from a prompt. What it writes goes to standard output byte by byte; bytes that are not UTF-8 are replaced.',
  operands: ['CHECKPOINT'],
  groups: [
    [
      'Generation',
      [
        ...OPTIONS,
        ...settingOptions(settingsOf('generation').filter((name) => name !== 'max_new_bytes')),
        ...settingOptions(['max_new_bytes'], String(WRITTEN)),
        ...settingOptions(['seed']),
      ],
    ],
    ['Machine', MACHINE],
    ['Borders', settingOptions(settingsOf('borders'), 'the checkpoint’s')],
  ],
  run: infer,
});
