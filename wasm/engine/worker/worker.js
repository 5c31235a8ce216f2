/**
 * The worker: takes commands of protocol.js, owns the model, answers with events. It knows neither page nor DOM; what it
 * runs in (a browser's worker, Node) is given to it.
 */

import { counterpartOf } from '../kinds.js';
import { CoreError } from '../module.js';
import { openCheckpoint, stateOf } from '../opening.js';
import { buffersOf } from '../probe.js';
import { Readers } from '../readers.js';
import { Group, workersFor } from '../replicas.js';
import { CHANGEABLE, readSettings, runName, SETTINGS } from '../settings.js';
import { tensorsOf } from '../tensors.js';
import { failureOf } from './failure.js';
import { trace } from './reading.js';
import { Recording } from './recording.js';
import { bytesOf } from './text.js';

/** @typedef {import('../protocol.js').Command} Command */
/** @typedef {import('../protocol.js').Event} Event */
/** @typedef {import('../settings.js').Settings} Settings */
/** @typedef {(event: Event, transfer?: Transferable[]) => void} Post */

/**
 * @typedef {object} Surroundings
 * @property {() => Promise<WebAssembly.Module>} module
 * @property {() => Promise<ArrayBuffer|Uint8Array>} program  the module, not compiled
 * @property {number} cores                          what the machine has
 * @property {() => import('../replicas.js').Link} [spawn]  starts a replica; without it there is one worker
 * @property {import('../replicas.js').Meet} [meet]
 */

/** Each trace that is kept may have weights of its own. */
const MOST_READERS = 6;
/**
 * Milliseconds for which training waits for a trace or another answer before the two take turns. The answer takes as much of
 * this worker's time either way, and comes several times sooner.
 */
const WAITED_FOR = 200;

/** One open model and what is done with it. */
class Session {
  /**
   * @param {number} run
   * @param {Settings} settings
   * @param {Group} group
   * @param {number} step
   * @param {import('../stopping.js').Memory|null} memory  of the stop rules
   * @param {Post} post
   */
  constructor(run, settings, group, step, memory, post) {
    /** Whether the number of workers is still to be found. */
    this.undecided = false;
    this.run = run;
    this.settings = settings;
    this.group = group;
    this.step = step;
    this.memory = memory;
    this.post = post;
    /** @type {import('./training.js').TrainingLoop|null} */
    this.loop = null;
    this.readers = new Readers(group, settings);
    /** Traces whose parts can be read again, by reader. @type {Map<string, Recording>} */
    this.recordings = new Map();
    /** `startedAt`: milliseconds. @type {Map<string, import('./reading.js').Job & {startedAt: number}>} */
    this.jobs = new Map();
  }

  /** @param {import('../protocol.js').Data} command */
  async takeData({ text, heldOut }) {
    const { Corpus, splitText } = await import('./for_training.js');
    const train = await bytesOf(text);
    const texts = heldOut ? { train, heldOut: await bytesOf(heldOut) } : splitText(train, this.settings.val_fraction);
    const corpus = new Corpus(this.group.lead.module, texts, this.settings);
    await this.#train(corpus);
    this.#announce(corpus, null);
    // Not waited for: nothing that is to be done with the text needs it. Meanwhile another text may have come.
    const size = import('../../files/formats/gzip_size.js');
    size
      .then(({ gzipBitsPerByte }) => gzipBitsPerByte(texts.heldOut))
      .then(
        (gzipBpb) => {
          if (gzipBpb !== null && this.loop?.trainer.corpus === corpus) this.#announce(corpus, gzipBpb);
        },
        // A browser that can't say how small gzip makes it trains all the same.
        () => {},
      );
  }

  /** Back to fresh weights from the seed, before the first step. */
  async reset() {
    const { trainer } = this.training;
    this.training.abandon();
    await this.training.running;
    this.group.reset();
    this.loop = null;
    this.step = 0;
    await this.#train(trainer.corpus);
    this.post({ type: 'state', run: this.run, state: 'idle', step: 0 });
  }

  /** @param {import('../corpus.js').Corpus} corpus */
  async #train(corpus) {
    let good;
    if (this.loop) {
      this.loop.abandon();
      await this.loop.running;
      // The present state may be a bad one, which only the next step would show.
      ({ step: this.step, good } = this.loop.trainer);
    }
    const { Trainer, TrainingLoop } = await import('./for_training.js');
    const trainer = new Trainer(this.group, corpus, this.settings, this.step, this.memory, good);
    // What the rules remember is about one text.
    this.memory = null;
    this.loop = new TrainingLoop(trainer, this.post, this.run);
    this.loop.waits = () => this.#waitedFor;
    this.loop.prepare = async () => {
      if (await this.group.connect()) this.#sayWorkers();
    };
    if (this.undecided)
      this.loop.settle = async () => {
        if (await (await import('./settling.js')).settle(this, trainer)) this.#sayWorkers();
      };
    this.loop.readers = this.readers;
  }

  /** Tells how many workers train from now on. */
  #sayWorkers() {
    const { workers, memoryBytes } = this.group;
    this.post({ type: 'workers', run: this.run, workers, memoryBytes });
  }

  /** @param {import('../corpus.js').Corpus} corpus @param {number|null} gzipBpb */
  #announce(corpus, gzipBpb) {
    this.post({
      type: 'dataset',
      run: this.run,
      trainBytes: corpus.train.length,
      heldOutBytes: corpus.heldOut.length,
      windows: corpus.windows,
      stepsPerEpoch: corpus.stepsPerEpoch,
      gzipBpb,
      note: corpus.note,
    });
  }

  /** @returns {import('./training.js').TrainingLoop} */
  get training() {
    if (!this.loop) throw new CoreError('no_data', 'There is no text to train on yet: choose one first.');
    return this.loop;
  }

  /** @param {Settings|undefined} changes @param {number|undefined} elapsedMs  before this model was opened */
  train(changes, elapsedMs) {
    const loop = this.training;
    if (elapsedMs !== undefined && loop.elapsed === 0) loop.elapsed = Math.max(0, elapsedMs);
    if (changes) {
      const { settings, errors } = readSettings({ ...this.settings, ...changes });
      const fixed = SETTINGS.filter(({ name }) => settings[name] !== this.settings[name] && !CHANGEABLE.includes(name));
      for (const { name, label } of fixed)
        errors.push(`${label} (${name}) is fixed once a model is open: open a new one to change it.`);
      if (errors.length > 0)
        throw new CoreError('bad_settings', errors.join(' '), { fixed: fixed.map(({ name }) => name) });
      this.settings = settings;
      loop.trainer.configure(settings);
    }
    loop.start();
  }

  /**
   * Runs a job that answers in pieces; one of a kind at a time: a new one ends the one before.
   * @param {string} kind
   * @param {number} id
   * @param {(job: import('./reading.js').Job) => Promise<void>} work
   */
  async runJob(kind, id, work) {
    const former = this.jobs.get(kind);
    if (former) former.cancelled = true;
    const job = { id, cancelled: false, startedAt: performance.now() };
    this.jobs.set(kind, job);
    try {
      await work(job);
    } finally {
      if (this.jobs.get(kind) === job) {
        this.jobs.delete(kind);
        if (!this.recordings.has(kind)) this.readers.done(kind);
      }
    }
  }

  /** Whether a job is so young that training waits for it: most are done before it goes on. */
  get #waitedFor() {
    const now = performance.now();
    return [...this.jobs.values()].some(({ cancelled, startedAt }) => !cancelled && now - startedAt < WAITED_FOR);
  }

  /**
   * A reader with the model's present weights, at the start of a text. An ended job never comes back to it.
   * @param {string} kind
   */
  probe(kind) {
    const former = this.recordings.get(kind);
    if (former) former.valid = false;
    this.recordings.delete(kind);
    return this.readers.probe(kind);
  }

  /** @param {import('../protocol.js').TraceCommand} command */
  read(command) {
    const kind = `trace ${command.reader ?? 'passage'}`;
    const kinds = [...this.readers.probes.keys()].filter((name) => name.startsWith('trace '));
    if (!kinds.includes(kind) && kinds.length >= MOST_READERS)
      throw new CoreError('bad_settings', `There are at most ${MOST_READERS} readers at once.`);
    return this.runJob(kind, command.id, (job) => {
      const probe = this.probe(kind);
      const recording = command.record ? new Recording(command.id, probe, command.text) : undefined;
      if (recording) this.recordings.set(kind, recording);
      return trace(probe, command, job, this.post, recording);
    });
  }

  /** What a resumable checkpoint keeps besides the model and the step. */
  get notes() {
    return this.loop?.trainer.notes ?? (this.memory ? { stopping: this.memory } : {});
  }

  /** @param {number} id */
  cancel(id) {
    for (const job of this.jobs.values()) if (job.id === id) job.cancelled = true;
  }

  async close() {
    for (const job of this.jobs.values()) job.cancelled = true;
    this.loop?.abandon();
    await this.loop?.running;
    this.group.close();
  }
}

/**
 * Answers a page's commands.
 * @param {Post} post
 * @param {Surroundings} surroundings
 * @returns {(command: Command) => void}
 */
export function serve(post, surroundings) {
  /** @type {Session|null} */
  let session = null;
  /** Made when the first estimate is asked for, which is after the first drawing. @type {Promise<import('./estimate.js').Estimator>|undefined} */
  let estimator;
  /** Settles when the latest change of the session is done. @type {Promise<void>} */
  let turn = Promise.resolve();

  /** @param {import('../protocol.js').Open} command */
  async function open({ run, settings: wanted, checkpoint: bytes }) {
    const read = readSettings(wanted);
    if (read.errors.length > 0) throw new CoreError('bad_settings', read.errors.join(' '));
    const module = await surroundings.module();
    const opened = bytes ? await openCheckpoint(module, bytes, read.settings) : null;
    const settings = opened?.settings ?? read.settings;
    // Only a run that goes on exactly needs the number of workers that it had; else this machine's number holds.
    if (!opened?.checkpoint.resume) settings.workers = read.settings.workers;
    const undecided = settings.workers === 0;
    settings.workers = workersFor(settings, surroundings.cores);
    const { spawn, meet } = surroundings;
    // Weights are first read with; what trains beside this worker starts when something is trained or evaluated.
    const later = opened !== null && !opened.checkpoint.resume;
    const group = await Group.open(module, settings, settings.workers, spawn, { meet, later });
    let step = 0;
    /** @type {import('../stopping.js').Memory|null} */
    let memory = null;
    try {
      if (opened) {
        const from = stateOf(opened.checkpoint, group.lead);
        group.restore(from.state);
        step = from.step;
        memory = from.memory;
      }
    } catch (error) {
      group.close();
      throw error;
    }
    // Only now, so that what can't be opened costs nothing.
    await session?.close();
    session = new Session(run, settings, group, step, memory, post);
    session.undecided = undecided;
    const { size: parameterCount, tensors, borderLevels } = group.lead;
    const other = { ...settings, ...counterpartOf(settings) };
    /** @param {{name: string, shape: number[]}[]} table */
    const named = (table) => table.map(({ name, shape }) => ({ name, shape }));
    post({
      type: 'opened',
      run,
      settings,
      parameterCount,
      memoryBytes: group.memoryBytes,
      step,
      tensors: named(tensors),
      levels: borderLevels,
      trading: group.trading,
      notes: opened?.checkpoint.notes ?? [],
      program: await surroundings.program(),
      counterpart: named(tensorsOf(module, other)),
    });
  }

  /** @param {import('../protocol.js').Estimate} command */
  async function estimate({ run, id, settings }) {
    const begun = turn;
    const beside = {
      training: () => session?.loop?.state === 'training',
      other: () => turn !== begun || session?.jobs.size,
    };
    estimator ??= import('./estimate.js').then(({ Estimator }) => new Estimator(surroundings));
    post({
      type: 'estimate',
      run,
      id,
      ...(await (await estimator).estimate(settings, session?.group.trading, beside)),
    });
  }

  /**
   * @param {Session} s
   * @param {Exclude<Command, {type: 'open'|'estimate'}>} command
   */
  async function act(s, command) {
    const { lead } = s.group;
    switch (command.type) {
      case 'data':
        return s.takeData(command);
      case 'reset':
        return s.reset();
      case 'train':
        return s.train(command.settings, command.elapsedMs);
      case 'pause':
        return s.training.pause();
      case 'stop':
        return s.training.stop();
      case 'evaluate':
        return s.training.evaluate();
      case 'trace':
        return s.read(command);
      case 'window': {
        const recording = [...s.recordings.values()].find(({ id }) => id === command.trace);
        return s.runJob(`window ${command.trace}`, command.id, async (job) => {
          const { readWindow } = await import('./windows.js');
          return readWindow(recording, command, job, post);
        });
      }
      case 'generate':
        return s.runJob('generate', command.id, async (job) => {
          const { generate } = await import('./writing.js');
          if (command.mode !== 'recompute') return generate(s.probe('generate'), command, job, post);
          const { regenerate } = await import('./recomputing.js');
          return regenerate(s.readers.weights('generate'), s.settings, command, job, post);
        });
      case 'causality':
        return s.runJob('causality', command.id, async (job) => {
          const { checkCausality } = await import('./recomputing.js');
          const result = await checkCausality(s.readers.weights('causality'), s.settings, command.text, job);
          if (!job.cancelled) post({ type: 'causality', run: s.run, id: command.id, ...result });
        });
      case 'rules':
        return s.runJob('rules', command.id, async (job) => {
          const { compareRules } = await import('./comparing_rules.js');
          const result = await compareRules(s.readers.weights('rules'), s.settings, command.text, job);
          if (!job.cancelled) post({ type: 'rules', run: s.run, id: command.id, ...result });
        });
      case 'time-steps':
        return s.runJob('time-steps', command.id, async (job) => {
          const { timeSteps } = await import('./time_steps.js');
          const probe = s.probe('time-steps');
          const result = await timeSteps(probe.model, s.settings, probe, command, job);
          if (!result) return;
          const { piece, states, cached, recomputed, difference } = result;
          const own = [states, cached, recomputed, difference].map(({ buffer }) => /** @type {ArrayBuffer} */ (buffer));
          post({ type: 'time-steps', run: s.run, id: command.id, ...result }, [...buffersOf(piece), ...own]);
        });
      case 'export': {
        const { saveModel } = await import('../saving.js');
        const step = s.loop?.trainer.step ?? s.step;
        const bytes = saveModel(lead, s.settings, command.resumable ? step : null, s.notes, s.group.carried);
        const [name, elapsedMs] = [`${runName(s.settings)}.safetensors`, s.loop?.elapsed ?? 0];
        return post({ type: 'exported', run: s.run, id: command.id, bytes, name, step, elapsedMs }, [bytes.buffer]);
      }
      case 'cancel':
        return s.cancel(command.id);
    }
  }

  return (command) => {
    const { run, type } = command;
    /** @param {unknown} error */
    const fail = (error) => {
      const failure = failureOf(error);
      const id = 'id' in command ? command.id : undefined;
      post({ type: 'failed', run, id, ...failure, fatal: failure.fatal || (type === 'open' && session === null) });
    };
    const work = async () => {
      if (command.type === 'open') return open(command);
      if (command.type === 'estimate') return estimate(command);
      if (session?.run !== run) throw new CoreError('no_model', 'There is no such model open any more: open it again.');
      return act(session, command);
    };
    const done = turn.then(work).catch(fail);
    // Later commands wait for one that changes the session, not for training or long answers.
    if (type === 'open' || type === 'data' || type === 'reset') turn = done;
  };
}
