/** Resumable checkpoints that are not as the core writes them: the PyTorch package takes and refuses the same ones. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { aboutFile, RunError } from '../../wasm/cli/errors.js';
import { WARNINGS } from '../../wasm/cli/sentences.js';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { matchTensors, STATE } from '../../wasm/files/checkpoint/plain.js';
import { parse } from '../../wasm/files/checkpoint/safetensors.js';
import { serialize, writeCheckpoint } from '../../wasm/files/checkpoint/writer.js';
import { lineOf, warningOf } from '../wasm/support/cli.js';
import { module } from '../wasm/support/models.js';
import { ANY, wholly } from '../wording.js';
import { assertNear, at, COMMON, cli, KINDS, python, SMALL, said } from './support.js';

/** @typedef {import('../../wasm/files/checkpoint/plain.js').Resume} Resume */

const NAME = 'byte_head.weight';
/** Slots of a context that recalls. */
const SLOTS = 32768;
const open = (/** @type {string} */ name) => readCheckpoint(module, new Uint8Array(readFileSync(at(name))));

/** A resumable checkpoint of the core with a change. @param {(resume: Resume) => Resume} change @returns {string} */
function changed(change) {
  const { resume, ...rest } = open('start');
  assert.ok(resume);
  writeFileSync(at('changed'), writeCheckpoint({ ...rest, resume: change(resume) }));
  return at('changed');
}

/** Goes on for a few steps. @param {string} file @param {string} output */
const goOn = (file, output) => {
  const args = [...COMMON, '--resume', file, '--max-steps', '6', '--output', at(output)];
  return {
    core: () => cli('train', ...args),
    torch: () => python('-m', 'adaptive_compressor.train', ...args),
  };
};

before(async () => {
  const start = [...COMMON, ...SMALL, ...KINDS.flat, '--workers', '1', '--max-steps', '4', '--output', at('start')];
  await cli('train', ...start);
});

describe('PyTorch goes on from a checkpoint', () => {
  it('whose tensors are in another order', async () => {
    const { metadata, tensors } = parse(new Uint8Array(readFileSync(at('start'))));
    writeFileSync(at('turned'), serialize({ metadata, tensors: new Map([...tensors].reverse()) }));
    await goOn(at('start'), 'straight').torch();
    await goOn(at('turned'), 'around').torch();
    assert.deepEqual(open('around'), open('straight'));
    assert.equal(open('around').resume?.state.step, 6);
  });

  it('whatever numbers stand where sequences recall, as the core', async () => {
    const pointers = [0.5, 32769, 2, 1e30, 32768, 3.5, 32768.5, 17];
    /** What may stand in place of a slot's number: other bytes and repeats, and numbers of no slot. */
    const wrong = (/** @type {number} */ x, /** @type {number} */ i) =>
      x === 0
        ? ((i * 40_503) % 2 ** 25) - 2 ** 23
        : [x, x | 511, (x | 511) - 253, (x | 511) - 254, x | (7 << 9), x + 0.5, x + 2 ** 23, -x][i % 8];
    const file = changed(({ carried, ...resume }) => {
      assert.ok(carried);
      const [sequences, width] = carried.shape;
      const [contexts, room] = [2, 8];
      const data = carried.data.map((x, i) => {
        const recalled = (i % width) - (width - room - contexts * SLOTS);
        if (recalled >= room) return wrong(x, i);
        return recalled < 0 || recalled >= contexts ? x : pointers[Math.floor(i / width) * contexts + recalled];
      });
      assert.equal(sequences * contexts, pointers.length);
      return { ...resume, carried: { ...carried, data } };
    });
    const { core, torch } = goOn(file, 'recalled');
    await core();
    const expected = open('recalled');
    await torch();
    const found = open('recalled');
    for (const [name, { data }] of expected.tensors) assertNear(found.tensors.get(name)?.data ?? [], data, name);
    assertNear(found.resume?.carried?.data ?? [], expected.resume?.carried?.data ?? [], 'carried');
  });

  it('only where the optimiser’s part is whole, as the core', async () => {
    const other = { shape: [1], data: new Float32Array(1) };
    const negative = (/** @type {Resume['expAvg']} */ moments) =>
      new Map([...moments].map(([name, { shape, data }]) => [name, { shape, data: data.map(() => -1) }]));
    const state = (/** @type {unknown} */ place) => {
      const { metadata, tensors } = parse(new Uint8Array(readFileSync(at('start'))));
      const { [STATE]: _, ...rest } = metadata;
      const given = place === undefined ? rest : { ...rest, [STATE]: JSON.stringify(place) };
      writeFileSync(at('changed'), serialize({ metadata: given, tensors }));
      return at('changed');
    };
    /** Files, and what both say of them. @type {[() => string, string][]} */
    const cases = [
      [
        () => changed((resume) => ({ ...resume, expAvg: new Map([...resume.expAvg, [NAME, other]]) })),
        said('other_moments', { name: NAME }),
      ],
      [
        () => changed((resume) => ({ ...resume, expAvg: new Map([...resume.expAvg, ['no', other]]) })),
        said('other_moments', { name: 'no' }),
      ],
      [
        () => changed((resume) => ({ ...resume, expAvg: new Map([...resume.expAvg].slice(1)) })),
        said('lacks_moments', { name: 'byte_embedding.weight' }),
      ],
      [
        () => changed((resume) => ({ ...resume, expAvgSq: negative(resume.expAvgSq) })),
        said('negative_moment', { name: ANY }),
      ],
      ...[{ step: 'four' }, { step: -4 }, { updates: [4] }].map(
        (wrong) =>
          /** @type {[() => string, string]} */ ([
            () => changed((resume) => ({ ...resume, state: { ...resume.state, ...wrong } })),
            said('no_place'),
          ]),
      ),
      [
        () =>
          changed((resume) => ({
            ...resume,
            state: { ...resume.state, averaged: 2 },
            latest: new Map([...resume.expAvg, [NAME, other]]),
          })),
        said('other_latest', { name: NAME }),
      ],
      [() => state(undefined), said('moments_alone')],
      [() => state([4]), said('no_place')],
    ];
    for (const [make, sentence] of cases) {
      const file = make();
      const { core, torch } = goOn(file, 'refused');
      await assert.rejects(torch(), { stderr: wholly(`${sentence}\n`) });
      // The core refuses some of them as it reads, and others as it goes on.
      const refusals = [new RunError('no_step', { file }), new RunError('no_place', { file })];
      /** @type {unknown[]} */
      let expected = refusals;
      try {
        const { tensors, resume } = open('changed');
        const table = [...tensors].map(([name, { shape }]) => ({ name, shape }));
        for (const moments of [resume?.expAvg, resume?.expAvgSq]) matchTensors(table, moments ?? new Map());
      } catch (error) {
        expected = [aboutFile(error, file)];
      }
      const lines = expected.map((error) => lineOf('train', error));
      await assert.rejects(core(), (/** @type {any} */ { stderr }) => {
        // It warns of the text before.
        assert.ok(
          lines.some((line) => stderr === line || stderr === warningOf(WARNINGS.held_out_known()) + line),
          stderr,
        );
        return true;
      });
    }
  });
});
