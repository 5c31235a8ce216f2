/** Workers that exchange sums and gradients get the bits of adding up in order, through channels and through the page alike. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Model } from '../../wasm/engine/core.js';
import { channels, Exchange, overPorts } from '../../wasm/engine/exchange.js';
import { CoreError } from '../../wasm/engine/module.js';
import { piecesOf } from '../../wasm/engine/pieces.js';
import { pass } from '../../wasm/engine/replica.js';
import { serveReplica } from '../../wasm/engine/replica_serving.js';
import { Group } from '../../wasm/engine/replicas.js';
import { createLinks } from '../../wasm/engine/worker/links.js';
import { createReplicas } from '../../web/state/replicas.js';
import {
  advance,
  assertSameBits,
  assertSameState,
  gradientsOf,
  module,
  RESIDUAL,
  realText,
  small,
  trainerOn,
} from './support/models.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

/** @type {(() => void)[]} */
const ends = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** The workers' ends of an exchange. @param {number} count */
function exchanges(count) {
  const ports = channels(count);
  ends.push(() => {
    for (const port of ports.flat()) port?.close();
  });
  return ports.map((own, place) => {
    const exchange = new Exchange(place, count);
    exchange.send = overPorts(exchange, own);
    return exchange;
  });
}

test('pieces follow one another and cover everything', () => {
  for (const size of [0, 1, 4, 7, 8, 100, 1156484])
    for (const count of [1, 2, 3, 8, 64]) {
      const pieces = piecesOf(size, count);
      assert.equal(pieces.length, count);
      let at = 0;
      for (const { from, to } of pieces) {
        assert.equal(from, at);
        assert.ok(to >= from && to - from <= pieces[0].to, `${size} in ${count}`);
        at = to;
      }
      assert.equal(at, size);
    }
});

for (const count of [1, 2, 3, 5])
  test(`${count} worker(s) get the bits of adding up in order, again and again`, async () => {
    const all = exchanges(count);
    const settings = small();
    const models = all.map(() => new Model(module, settings, { sequences: 1, workers: count }));
    for (let round = 0; round < 3; round++) {
      // Numbers of many sizes, so that another order would show.
      const own = models.map(({ size }, place) =>
        Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + place * 78.233 + round) * 10 ** (i % 9)),
      );
      const sums = own.map((numbers) => Float64Array.from(numbers.subarray(0, 9)));
      const [expected, total] = [own[0].slice(), sums[0].slice()];
      for (let place = 1; place < count; place++) {
        for (let i = 0; i < expected.length; i++) expected[i] += own[place][i];
        for (let i = 0; i < total.length; i++) total[i] += sums[place][i];
      }
      for (const [place, model] of models.entries()) model.gradients.set(own[place]);
      const found = await Promise.all(
        all.map(async (exchange, place) => {
          const result = await exchange.sums(sums[place]);
          await exchange.gradients(models[place]);
          return result;
        }),
      );
      for (const [place, model] of models.entries()) {
        assertSameBits(found[place], total, `sums of worker ${place}`);
        assertSameBits(model.gradients, expected, `gradients of worker ${place}`);
      }
    }
  });

for (const count of [2, 3, 4])
  test(`${count} workers get the bits of adding rows of tables up in order, too, step after step`, async () => {
    const all = exchanges(count);
    const settings = small({
      ...RESIDUAL,
      batch_size: count,
      ngram_order: 4,
      ngram_rows: 40,
      span_order: 2,
      recall: true,
    });
    const { sequence_length: length } = settings;
    const models = all.map(() => new Model(module, settings, { sequences: 1, workers: count }));
    const text = realText(5000);
    for (let step = 0; step < 3; step++) {
      for (const [place, model] of models.entries()) {
        pass(
          model,
          { bytes: text.slice(place * 1000 + step * length, place * 1000 + (step + 1) * length) },
          length,
          true,
        );
        model.backward();
      }
      const own = models.map(gradientsOf);
      const rows = own.map((gradients) => gradients.subarray(models[0].denseSize).filter((x) => x !== 0).length);
      assert.ok(Math.min(...rows) > 100, 'each worker has rows of tables');
      const expected = own[0].slice();
      for (const gradients of own.slice(1)) for (let i = 0; i < expected.length; i++) expected[i] += gradients[i];
      await Promise.all(all.map((exchange, place) => exchange.gradients(models[place])));
      for (const model of models) assertSameBits(gradientsOf(model), expected, 'gradients');
      // The length is summed row by row, so that rows have to be in the same order, too.
      const lengths = models.map((model) => model.update(0.01));
      assert.deepEqual(new Set(lengths).size, 1, 'one length');
      for (const model of models) assertSameBits(model.parameters, models[0].parameters, 'parameters');
    }
  });

test('a worker far ahead of another mixes nothing up', async () => {
  const [a, b, c] = exchanges(3);
  /** @param {Exchange} exchange @param {number} rounds */
  const go = async (exchange, rounds) => {
    const results = [];
    for (let i = 0; i < rounds; i++) results.push((await exchange.sums(Float64Array.of(10 ** exchange.place + i)))[0]);
    return results;
  };
  const early = [go(a, 4), go(b, 4)];
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(await Promise.all([...early, go(c, 4)]), Array(3).fill([111, 114, 117, 120]));
});

test('whoever waits, now or later, learns why nothing comes', async () => {
  const [a] = exchanges(2);
  const now = a.sums(Float64Array.of(1));
  const first = new CoreError('worker', 'It is gone.');
  a.fail(first);
  await assert.rejects(now, (error) => error === first);
  a.fail(new CoreError('worker', 'Another.'));
  await assert.rejects(a.sums(Float64Array.of(1)), (error) => error === first);
});

/**
 * A page with a lead, all in this thread, whose channels between workers are slow.
 * @param {number} slow  milliseconds
 */
function page(slow) {
  /** @type {any} */
  let links;
  const handed = { rounds: 0 };
  const replicas = createReplicas(
    () => {
      /** @type {any} */
      let port;
      /** @type {((meeting: number, parts: any[]) => void)|undefined} */
      let deliver;
      const worker = {
        /** @type {any} */
        onmessage: null,
        onerror: null,
        terminate: () => port.close(),
        /** @param {any} data */
        postMessage(data) {
          if (data.type === 'traded') return void deliver?.(data.meeting, data.parts);
          port = data.port;
          const answer = serveReplica(module, (event) => port.postMessage(event), {
            send: (meeting, place, parts) => worker.onmessage({ data: { type: 'trade', meeting, place, parts } }),
            listen: (listener) => {
              deliver = listener;
            },
          });
          port.onmessage = (/** @type {any} */ { data: command }) => {
            const ports = command.ports?.map((/** @type {MessagePort|null} */ own) => own && late(own, slow));
            answer(ports ? { ...command, ports } : command);
          };
        },
      };
      return worker;
    },
    (event) => links.receive(event),
  );
  links = createLinks(
    (event) => {
      if (event.type === 'trade') handed.rounds++;
      replicas.receive(event);
    },
    { lock() {}, word: () => () => {} },
  );
  return { spawn: links.spawn, meet: links.meet, handed };
}

/** A port that delivers late. @param {MessagePort} port @param {number} ms */
function late(port, ms) {
  ends.push(() => port.close());
  return {
    set onmessage(/** @type {any} */ listener) {
      port.onmessage = listener;
    },
    postMessage: (/** @type {any} */ data, /** @type {any[]} */ transfer) =>
      void setTimeout(() => port.postMessage(data, transfer), ms),
  };
}

for (const workers of [2, 3])
  test(`where channels are slow ${workers} workers exchange through the page, with the same bits`, async () => {
    const settings = small({ batch_size: 3, clip_norm: 0.1 });
    /** @param {number} slow */
    const train = async (slow) => {
      const { spawn, meet, handed } = page(slow);
      const group = await Group.open(module, settings, workers, spawn, slow ? { meet } : {});
      ends.push(() => group.close());
      const { trainer } = await trainerOn(settings, realText(9000), { group });
      const before = handed.rounds;
      const losses = await advance(trainer, 5);
      return { losses, state: group.lead.state(), way: group.trading?.way, rounds: handed.rounds - before };
    };
    const [direct, slow] = [await train(0), await train(30)];
    assert.deepEqual([direct.way, direct.rounds, slow.way, slow.rounds], ['channels', 0, 'page', 15]);
    assert.deepEqual(direct.losses, slow.losses);
    assertSameState(direct.state, slow.state, 'state');
  });
