/** An open model in the worker, and what is done with it: training, reading, jobs that answer in pieces. */
import { CoreError } from '../module.js';
import { Readers } from '../readers.js';
import { CHANGEABLE, readSettings, SETTINGS } from '../settings.js';
import { trace } from './reading.js';
import { Recording } from './recording.js';
import { bytesOf } from './text.js';

/** @typedef {import('../settings.js').Settings} Settings */
/** @typedef {import('../replicas.js').Group} Group */
/** @typedef {import('./worker.js').Post} Post */

/** Each trace that is kept may have weights of its own. */
const MOST_READERS = 6;
/**
 * Milliseconds for which training waits for a trace or another answer before the two take turns. The answer takes as much of
 * this worker's time either way, and comes several times sooner.
 */
const WAITED_FOR = 200;

/** One open model and what is done with it. */
export class Session {
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
    const { checkMarks, Corpus, splitText } = await import('./for_training.js');
    const train = await bytesOf(text);
    checkMarks(this.group.lead.startLevels, train);
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
