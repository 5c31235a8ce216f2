/** Training on the command line: from arguments to a checkpoint. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { chooseWorkers } from '../engine/choosing.js';
import { Corpus } from '../engine/corpus.js';
import { applies, kindOf } from '../engine/kinds.js';
import { trainMetrics, validationMetrics } from '../engine/metrics.js';
import { loadModule, spawnReplica } from '../engine/node/surroundings.js';
import { Group, workersFor } from '../engine/replicas.js';
import { runName, settingOf } from '../engine/settings.js';
import { reasonText } from '../engine/stopping.js';
import { Trainer } from '../engine/trainer.js';
import { tick } from '../engine/worker/tick.js';
import { TrainingLoop } from '../engine/worker/training.js';
import { fileNameOf } from '../files/formats/names.js';
import { takesTrainingBorders, trainingMarks } from './borders.js';
import { INTERRUPTED, RunError } from './errors.js';
import { prepareFolder } from './files.js';
import { MetricsLog } from './metrics_log.js';
import { standardOutput } from './output.js';
import { refuseOverwriting } from './places.js';
import { warn, warnOfMachine, warnSentence } from './program.js';
import { Reporter, textOf } from './progress.js';
import { outputOf, Saver } from './saver.js';
import { LINES, NOTES } from './sentences.js';
import { putAtStart, startOf } from './starting_point.js';
import { digestOf, isTrainedOn, trainingTexts } from './texts.js';
import { mayLeak } from './weights.js';

/** @typedef {import('./options.js').Arguments} Arguments */

/** Signals that ask for an end: from the keyboard, another program, a terminal that goes away. */
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** Milliseconds after an interrupt in which another one is the same: a terminal and npm may both send it. */
const SAME_INTERRUPT = 1000;

/**
 * Where event files go: as named, or where --wandb-project puts them.
 * @param {Arguments} args
 * @param {string} run
 */
function eventFolderOf(args, run) {
  const [folder, project] = [args.get('tensorboard'), args.get('wandb-project')];
  if (args.has('disable-wandb') || !project) return folder;
  return folder ?? path.join('runs', fileNameOf(project), fileNameOf(run));
}

/**
 * Runs the loop until it ends or is interrupted.
 * @param {TrainingLoop} loop
 * @param {(sentence: string) => void} say
 * @returns {Promise<boolean>} whether it was interrupted
 */
async function runLoop(loop, say) {
  let interrupted = 0;
  const interrupt = (/** @type {NodeJS.Signals} */ signal) => {
    const now = performance.now();
    if (interrupted > 0 && now - interrupted < SAME_INTERRUPT) return;
    if (interrupted > 0) {
      // Only a second Ctrl-C counts: a session that ends may send several of the others.
      if (signal === 'SIGINT') process.exit(INTERRUPTED);
      return;
    }
    interrupted = now;
    loop.pause();
    say(NOTES.interrupted());
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  loop.start();
  await loop.running;
  return interrupted > 0;
}

/**
 * Handles the loop's events. What cannot be written is reported once and stops nothing.
 * @param {{log: MetricsLog, saver: Saver, reporter: Reporter, parameterCount: number}} listeners
 */
function eventHandler({ log, saver, reporter, parameterCount }) {
  /** @type {Set<string>} */
  const reported = new Set();
  /** @param {() => void} work */
  const attempt = (work) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      if (!reported.has(error.message)) warnSentence(error.message);
      reported.add(error.message);
    }
  };
  return {
    /** What ended training early. @type {string|null} */
    failure: null,
    /** Why training ended. @type {import('../engine/protocol.js').StopReason|null} */
    reason: null,
    /** @param {import('../engine/protocol.js').Event} event */
    take(event) {
      if (event.type === 'progress') {
        reporter.progress(event);
        if (event.logged) attempt(() => log.write(event.step, trainMetrics(event, parameterCount)));
        attempt(() => saver.onTheWay());
      } else if (event.type === 'validation') {
        reporter.validation(event);
        attempt(() => log.write(event.step, validationMetrics(event)));
      } else if (event.type === 'sample') {
        reporter.sample(event);
        attempt(() => log.note(event.step, { 'sample/text': textOf(event) }));
      } else if (event.type === 'state') this.reason = event.reason ?? null;
      else if (event.type === 'failed') this.failure = event.message;
    },
  };
}

/**
 * Trains from where the trainer is, and saves.
 * @param {Trainer} trainer
 * @param {Saver} saver
 * @param {MetricsLog} log
 * @param {Reporter} reporter
 * @param {{elapsedMs?: number, undecided: boolean}} start  milliseconds of training before; whether the number of workers
 *   is still to be found
 * @returns {Promise<number>} exit status
 */
async function trainAndSave(trainer, saver, log, reporter, { elapsedMs = 0, undecided }) {
  const outcome = eventHandler({ log, saver, reporter, parameterCount: trainer.group.lead.size });
  const loop = new TrainingLoop(trainer, (event) => outcome.take(event), 0);
  loop.elapsed = elapsedMs;
  if (undecided)
    loop.settle = async () => {
      const choice = await chooseWorkers(trainer, { pause: tick });
      if (choice) reporter.line(NOTES.workers(choice));
    };
  saver.elapsed = () => loop.elapsed;
  const interrupted = (await runLoop(loop, (line) => reporter.line(line))) && outcome.reason === null;
  reporter.end();
  const saved = saver.atTheEnd();
  const { reason } = outcome;
  const why = reason === null || reason === 'steps' ? undefined : reasonText(reason, trainer.settings);
  reporter.line(NOTES.saved({ file: saved, step: trainer.step, why }));
  saver.weightsAlone();
  if (interrupted) reporter.line(LINES.to_go_on({ file: saved }));
  if (outcome.failure !== null) throw new RunError('failed', { message: outcome.failure });
  return interrupted ? INTERRUPTED : 0;
}

/**
 * @param {import('./starting_point.js').Start} start
 * @param {import('../engine/corpus.js').Texts} texts
 * @returns {string} digest of the training text
 */
function checkText({ text, file }, { train, marks }) {
  const digest = digestOf(train, marks?.train);
  if (text === undefined || text === digest) return digest;
  throw new RunError('other_text', { file });
}

/** Options that name what is read. */
const INPUTS = ['text-file', 'parquet', 'val-text-file', 'val-parquet', 'borders', 'val-borders', 'init', 'resume'];

/**
 * Checks that no output overwrites an input or another output, except the checkpoint that training resumes from.
 * @param {Arguments} args
 * @param {string|undefined} output  where the checkpoint goes, as far as that is known
 * @throws {import('./errors.js').UsageError}
 */
function checkPlaces(args, output) {
  refuseOverwriting(
    INPUTS.flatMap((name) => args.all(name).map((file) => /** @type {const} */ ([`--${name}`, file]))),
    [
      ['--output', output],
      ['--weights', args.get('weights')],
      ['--metrics', args.get('metrics')],
    ],
    (read, written) => read === '--resume' && written === '--output',
  );
}

/**
 * The command `train` and its kin.
 * @param {Arguments} args
 * @returns {Promise<number>} exit status
 */
export async function train(args) {
  const reporter = new Reporter(standardOutput);
  const say = (/** @type {string} */ line) => reporter.line(line);
  checkPlaces(args, args.get('output') ?? args.get('resume'));
  const start = await startOf(args);
  const { settings } = start;
  const undecided = settings.workers === 0 && !start.exact;
  settings.workers = workersFor(settings, availableParallelism());
  if (await mayLeak(settings)) warn('leaks');
  const marked = await takesTrainingBorders(args, settings);
  for (const name of Object.keys(args.settings)) {
    const setting = settingOf(name);
    // Options that the prototype's commands give to either model are no mistake.
    const known = setting?.only?.includes('mirror');
    if (setting && !known && !applies(setting, settings))
      warn('no_effect', { option: `--${name.replaceAll('_', '-')}`, kind: kindOf(settings) });
  }
  warnOfMachine(args);
  const run = args.get('run-name') ?? args.get('wandb-run-name') ?? runName(settings);
  const weights = args.get('weights');
  if (weights !== undefined) prepareFolder(weights);
  const [output, folder, project] = [outputOf(args, run), eventFolderOf(args, run), args.get('wandb-project')];
  checkPlaces(args, output);
  /** @type {Group|undefined} */
  let group;
  /** @type {MetricsLog|undefined} */
  let log;
  try {
    const module = await loadModule();
    const found = await trainingTexts(args, settings, say);
    const texts = marked ? { ...found, marks: await trainingMarks(args, found) } : found;
    const digest = checkText(start, texts);
    const corpus = new Corpus(module, texts, settings);
    if (corpus.heldOutWindows === 0) warn('no_validation');
    if (isTrainedOn(texts)) warn('held_out_known');
    group = await Group.open(module, settings, settings.workers, spawnReplica);
    const memory = await putAtStart(start, group);
    const mebibytes = Math.ceil(group.memoryBytes / 1048576);
    const { workers, lead } = group;
    say(LINES.model({ run, type: settings.model_type, parameters: lead.size, workers, mebibytes }));
    const { train: own, heldOut, stepsPerEpoch: steps } = corpus;
    say(LINES.texts({ name: texts.description, bytes: own.length, steps, heldOut: heldOut.length }));
    if (start.exact) say(NOTES.going_on(start));
    log = new MetricsLog({ file: args.get('metrics'), folder }, start.exact ? start.step : null);
    const trainer = new Trainer(group, corpus, settings, start.step, memory);
    const status = await trainAndSave(trainer, new Saver(output, trainer, digest, weights), log, reporter, {
      elapsedMs: start.elapsedMs,
      undecided,
    });
    if (folder && project) say(LINES.wandb({ project, folder }));
    return status;
  } finally {
    group?.close();
    log?.close();
  }
}
