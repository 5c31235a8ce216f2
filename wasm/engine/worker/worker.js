/**
 * The worker: takes commands of protocol.js, owns the model, answers with events. It knows neither page nor DOM; what it
 * runs in (a browser's worker, Node) is given to it.
 */

import { counterpartOf } from '../kinds.js';
import { CoreError } from '../module.js';
import { openCheckpoint, stateOf } from '../opening.js';
import { buffersOf } from '../probe.js';
import { Group, workersFor } from '../replicas.js';
import { readSettings, runName } from '../settings.js';
import { tensorsOf } from '../tensors.js';
import { failureOf } from './failure.js';
import { Session } from './session.js';

/** @typedef {import('../protocol.js').Command} Command */
/** @typedef {import('../protocol.js').Event} Event */
/** @typedef {(event: Event, transfer?: Transferable[]) => void} Post */

/**
 * @typedef {object} Surroundings
 * @property {() => Promise<WebAssembly.Module>} module
 * @property {() => Promise<ArrayBuffer|Uint8Array>} program  the module, not compiled
 * @property {number} cores                          what the machine has
 * @property {() => import('../replica_answers.js').Link} [spawn]  starts a replica; without it there is one worker
 * @property {import('../replicas.js').Meet} [meet]
 */

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
