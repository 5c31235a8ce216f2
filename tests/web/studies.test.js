// tier: quick
/** Studies: their figure shows their results, and the words say no more than the numbers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { certainty, meanCurve, meanOf, pairedDifference } from '../../wasm/engine/means.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { shownBudget } from '../../wasm/tools/study/report.js';
import { lineOf } from '../../wasm/tools/study/results.js';
import { DRAWN, drawnStudies, readStudies, STUDIES } from '../../wasm/tools/study/studies.js';
import { studyCurves, studyRows, studyScale } from '../../web/statistics/studies.js';
import { seedCount, seedsVerdict } from '../../web/statistics/verdicts.js';

const studies = readStudies(path.join(ROOT, STUDIES));
const file = readFileSync(path.join(ROOT, DRAWN), 'utf8');
/** @type {import('../../wasm/tools/study/studies.js').DrawnStudy[]} */
const drawn = JSON.parse(file);
const onPage = studies.filter(({ study, results }) => study.page > 0 && results.length > 0);

/** @param {number} seed @param {number} bits @param {Partial<import('../../wasm/tools/study/studies.js').DrawnRun>} [rest] */
const run = (seed, bits, rest = {}) => ({
  seed,
  bits,
  tf: 2,
  mb: 4,
  seconds: 10,
  tokens: [],
  curve: [3000, 2000],
  ...rest,
});

/** @type {import('../../wasm/tools/study/studies.js').DrawnPart} */
const PART = {
  text: 'a text',
  budget: '2 TF',
  reference: 'flat',
  models: [
    {
      name: 'tall',
      parameters: 10,
      runs: [run(1, 2, { off: 2.5, tokens: [5] }), run(2, 2.2, { off: 2.3, tokens: [6] })],
    },
    { name: 'flat', parameters: 5, runs: [run(2, 2.25), run(3, 9)] },
  ],
};

describe('studies of the page', () => {
  it('are what `npm run -s studies` makes of their results', () => {
    assert.ok(studies.some(({ results }) => results.length > 1));
    assert.ok(drawnStudies(studies) === file, 'npm run -s studies brings the page’s figure up to date');
  });

  it('have their results in order, with none that they do not ask for', () => {
    for (const { name, results, there } of studies) {
      const lines = readFileSync(path.join(ROOT, STUDIES, `${name}.jsonl`), 'utf8');
      assert.ok(lines === there.map((result) => `${lineOf(result)}\n`).join(''), `${name}: npm run -s studies`);
      assert.equal(there.length, results.length, `${name}.jsonl has results that ${name}.json does not ask for`);
    }
  });

  it('have reports with the same means', () => {
    for (const { name, results } of onPage) {
      const report = readFileSync(path.join(ROOT, STUDIES, `${name}.md`), 'utf8');
      for (const { outcome } of results) assert.ok(report.includes(`${Math.round(outcome.parameters / 1000)} k`));
      const parts = drawn.find((study) => study.name === name)?.parts ?? [];
      for (const { bits } of parts.flatMap(studyRows))
        assert.ok(report.includes(bits.mean.toFixed(4)), `${name} ${bits.mean}`);
    }
  });

  it('have the order of their places on the page, each its own', () => {
    assert.deepEqual(
      drawn.map(({ name }) => name),
      onPage.sort((a, b) => a.study.page - b.study.page).map(({ name }) => name),
    );
    assert.equal(new Set(onPage.map(({ study }) => study.page)).size, onPage.length);
  });

  it('are small as servers send them', () => assert.ok(gzipSync(file).length < 8000));

  it('have curves that end with the last training figures and go as far as the arithmetic', () => {
    for (const { name: study, study: asked, results } of onPage) {
      const parts = drawn.find((each) => each.name === study)?.parts ?? [];
      for (const { model, text, budget, settings, outcome } of results) {
        const label = asked.labels.get(text.name);
        const part = parts.find((each) => each.text === label && each.budget === shownBudget(budget));
        const own = part?.models.find(({ name }) => name === model)?.runs.find(({ seed }) => seed === settings.seed);
        assert.ok(own, `${model} ${settings.seed}`);
        assert.ok(Math.abs(own.bits - outcome.decoderBpb) < 1e-5 && Math.abs(own.tf - outcome.tf) < 0.0051);
        const last = outcome.curve.slice(-Math.round(outcome.curve.length / own.curve.length));
        const mean = meanOf(last.map(({ trainBpb }) => trainBpb)).mean;
        assert.ok(Math.abs(own.curve[own.curve.length - 1] / 1000 - mean) < 0.001);
      }
    }
  });
});

describe('a study drawn', () => {
  it('has a faint curve for each seed, and their mean, by arithmetic and by bytes', () => {
    const curves = studyCurves(PART, 'tf', new Set());
    assert.deepEqual(
      curves.map(({ id, mark, faint = false, dashed }) => [id, mark, faint, dashed]),
      [
        ['tall 1', '', true, false],
        ['tall 2', '', true, false],
        ['tall', 'a', false, false],
        ['flat 2', '', true, true],
        ['flat 3', '', true, true],
        ['flat', 'b', false, true],
      ],
    );
    assert.deepEqual(curves[2].points, [
      { x: 1, y: 3 },
      { x: 2, y: 2 },
    ]);
    assert.deepEqual(
      studyCurves(PART, 'bytesSeen', new Set(['flat']))[0].points.map(({ x }) => x),
      [2e6, 4e6],
    );
    assert.deepEqual(
      studyCurves(PART, 'elapsedMs', new Set(['flat']))[0].points.map(({ x }) => x),
      [5000, 10_000],
    );
    const [uneven] = studyCurves(
      { ...PART, models: [{ name: 'a', parameters: 1, runs: [run(1, 2, { spent: [750, 1000] })] }] },
      'tf',
      new Set(),
    );
    assert.deepEqual(
      uneven.points.map(({ x }) => x),
      [1.5, 2],
    );
  });

  it('is compared seed by seed, over the seeds that both have', () => {
    const [tall, flat] = studyRows(PART);
    assert.equal(flat.difference, null);
    assert.equal(flat.off, null);
    assert.equal(tall.difference?.n, 1);
    assert.ok(Math.abs(Number(tall.difference?.mean) + 0.05) < 1e-12);
    assert.ok(Math.abs(Number(tall.off?.mean) - 0.3) < 1e-12);
    assert.deepEqual(tall.tokens, [5.5]);
    const { at, low, high } = studyScale([tall, flat]);
    assert.deepEqual([at(low), at(high)], [0, 1]);
    assert.ok(at(2) > 0 && at(9) < 1);
  });
});

describe('the verdict of seeds', () => {
  /** @param {number[]} values */
  const verdict = (...values) => {
    const mean = meanOf(values);
    return { certainty: certainty(mean), sentence: seedsVerdict(mean, 'flat') };
  };
  /** @param {string} sentence @param {string[]} parts */
  const names = (sentence, ...parts) => {
    for (const part of ['flat', ...parts]) assert.ok(sentence.includes(part), `${part}: ${sentence}`);
  };

  it('settles nothing with one seed', () => {
    for (const bits of [-0.014, 0.014]) {
      const { certainty: sure, sentence } = verdict(bits);
      assert.equal(sure, 'none');
      names(sentence, ' 0.014 ', seedCount(1));
    }
    assert.equal(verdict().certainty, 'none');
    names(verdict().sentence);
  });

  it('calls a difference within two standard errors chance, and a larger one what the number of seeds allows', () => {
    for (const [values, sure, by] of /** @type {[number[], ReturnType<typeof certainty>, string][]} */ ([
      [[-0.02, 0.01, -0.01], 'chance', ' 0.0067 ± 0.0088 '],
      [[0.01, 0.02, 0.03], 'likely', ' 0.020 ± 0.006 '],
      [[-0.02, -0.021, -0.022], 'clear', ' 0.021 ± 0.001 '],
    ])) {
      const found = verdict(...values);
      assert.equal(found.certainty, sure);
      names(found.sentence, by, seedCount(3));
    }
    const level = verdict(0, 0);
    assert.equal(level.certainty, 'chance');
    names(level.sentence, seedCount(2));
    assert.ok(!/\d/.test(level.sentence), 'no difference is named where there is none');
    // Two seeds that agree by chance have a small error, which says little.
    assert.equal(certainty(meanOf([1, 1.2])), 'likely');
    assert.equal(certainty(meanOf([1, 1.2, 1.1, 1.1, 1])), 'clear');
    assert.equal(certainty({ n: 40, mean: 2.2, error: 1 }), 'likely');
    assert.equal(certainty({ n: 40, mean: 2.3, error: 1 }), 'clear');
  });

  it('stands beside mean curves, which end with the shortest', () => {
    const line = (/** @type {number[]} */ ...ys) => ys.map((y, x) => ({ x, y }));
    assert.deepEqual(meanCurve([line(1, 2, 3), line(3, 4)]), line(2, 3));
    assert.deepEqual(meanCurve([]), []);
    assert.equal(pairedDifference(new Map([[1, 2]]), new Map()).n, 0);
  });
});
