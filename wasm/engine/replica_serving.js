/** A replica's side: it holds a model, computes its share of each batch, makes the same updates as all others. */
import { Model } from './core.js';
import { Exchange, overPorts } from './exchange.js';
import { learn, pass } from './replica.js';
import { Teller } from './telling.js';

/** @typedef {import('./protocol.js').ReplicaCommand} ReplicaCommand */
/** @typedef {import('./protocol.js').ReplicaEvent} ReplicaEvent */
/** @typedef {import('./module.js').CoreError} CoreError */

/**
 * A worker's way to the others through the page.
 * @typedef {object} Hub
 * @property {(meeting: number, place: number, parts: import('./exchange.js').Parts) => void} send
 * @property {(listener: (meeting: number, parts: import('./exchange.js').Parts) => void) => void} listen
 */

/**
 * Answers a lead's commands.
 * @param {WebAssembly.Module} module
 * @param {(event: ReplicaEvent) => void} post
 * @param {Hub} [hub]
 * @returns {(command: ReplicaCommand) => Promise<void>}
 */
export function serveReplica(module, post, hub) {
  /** @type {Model} */
  let model;
  /** @type {Exchange} */
  let exchange;
  const teller = new Teller();
  /** Ways to the others. @type {Record<import('./protocol.js').Way, import('./exchange.js').Send>} */
  let ways;
  /** Settles when the latest command is done. @type {Promise<void>} */
  let turn = Promise.resolve();

  /** @param {import('./protocol.js').ReplicaOpen} command */
  function open({ settings, reads, sequences, firstSequence, place, ports, meeting }) {
    model = new Model(module, settings, { sequences, firstSequence, workers: reads ? 1 : ports.length, reads });
    exchange = new Exchange(place, ports.length);
    ways = { channels: overPorts(exchange, ports), page: (parts) => hub?.send(meeting, place, parts) };
    hub?.listen((of, parts) => {
      if (of === meeting) for (const [from, part] of parts.entries()) if (part) exchange.take(from, part);
    });
    exchange.send = ways.channels;
    post({ type: 'replica-opened', memoryBytes: model.memoryBytes });
  }

  /** @param {import('./protocol.js').ReplicaStep} command */
  async function step({ windows, length, step: number, learningRate }) {
    model.setStep(number);
    const learnt = learn(model, exchange, pass(model, windows, length, true), learningRate);
    // While the sums travel.
    if (model.carries) post({ type: 'replica-carried', news: teller.news(model) });
    await learnt;
  }

  /** @param {ReplicaCommand} command */
  async function act(command) {
    switch (command.type) {
      case 'replica-open':
        return open(command);
      case 'replica-rehearse':
        exchange.send = ways[command.way];
        for (let i = 0; i < command.times; i++) await exchange.gradients(model);
        return;
      case 'replica-state':
        teller.forget();
        return model.restore(command);
      case 'replica-pass':
        if (command.windows.anew) model.forget();
        return post({
          type: 'replica-sums',
          sums: pass(model, command.windows, command.length, false),
        });
      case 'replica-step':
        return step(command);
      case 'replica-optimiser':
        return model.setOptimiser(command.settings);
    }
  }

  return (command) => {
    turn = turn
      .then(() => act(command))
      .catch((error) => {
        const { code, message } = /** @type {CoreError} */ (error);
        // The lead finds the same, and sends a state to go on from.
        if (code === 'not_finite') return;
        post({ type: 'replica-failed', code: code ?? 'worker', message });
      });
    return turn;
  };
}
