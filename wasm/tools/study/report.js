/** A study's results as Markdown, with its curves as SVG. */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { meanOf, pairedDifference, shownMean } from '../../engine/means.js';
import { table } from '../bench/tables.js';
import { curvesOf } from './curves_svg.js';

/** @typedef {import('./results.js').Result} Result */
/** @typedef {import('./plan.js').Study} Study */

/** @param {Result[]} results @param {(outcome: import('./job.js').Outcome) => number|null} figure */
function bySeed(results, figure) {
  /** @type {Map<number, number>} */
  const found = new Map();
  for (const { settings, outcome } of results) {
    const value = figure(outcome);
    if (value !== null) found.set(settings.seed, value);
  }
  return found;
}

/**
 * A row of a table.
 * @param {string} model
 * @param {Result[]} own
 * @param {Result[]} reference
 * @returns {string[]}
 */
function row(model, own, reference) {
  const bits = bySeed(own, ({ decoderBpb }) => decoderBpb);
  const without = bySeed(own, ({ withoutParentsBpb }) => withoutParentsBpb);
  const words = [...bySeed(own, ({ bordersAtWords }) => bordersAtWords).values()];
  const [{ outcome }] = own;
  const same = own === reference;
  const difference = pairedDifference(
    bits,
    bySeed(reference, ({ decoderBpb }) => decoderBpb),
  );
  return [
    model,
    `${Math.round(outcome.parameters / 1000)} k`,
    meanOf(own.map(({ outcome: { tf } }) => tf)).mean.toFixed(2),
    (meanOf(own.map(({ outcome: { bytes } }) => bytes)).mean / 1e6).toFixed(2),
    `${bits.size}`,
    shownMean(meanOf([...bits.values()])),
    same ? '' : shownMean(difference),
    without.size === 0 ? '' : shownMean(pairedDifference(without, bits)),
    outcome.bytesPerToken
      .slice(1)
      .map((n) => n.toFixed(1))
      .join(', '),
    words.length === 0 ? '' : `${(100 * meanOf(words).mean).toFixed(0)} %`,
  ];
}

/**
 * @param {import('./plan.js').Budget} budget
 * @returns {string} “24 TF”
 */
export const shownBudget = ({ unit, amount }) => (unit === 'tf' ? `${amount} TF` : `${amount} ${unit}`);

/**
 * @param {Study} study
 * @param {Result[]} results
 * @param {string} name  of the study's files, without an ending
 * @returns {{markdown: string, pictures: Record<string, string>}}
 */
function report({ title, about, reference, jobs }, results, name) {
  const budgets = [...new Set(jobs.map(({ budget }) => shownBudget(budget)))];
  const texts = [...new Set(jobs.map(({ text }) => text.name))];
  const models = [...new Set(jobs.map(({ model }) => model))];
  const heads = ['model', 'parameters', 'TF', 'MB read', 'seeds', 'bits a byte', `against ${reference}`];
  heads.push('parents off', 'bytes a token', 'borders at words');
  /** @type {Record<string, string>} */
  const pictures = {};
  const parts = budgets.flatMap((budget, b) =>
    texts.flatMap((text, t) => {
      const here = results.filter((r) => shownBudget(r.budget) === budget && r.text.name === text);
      // Nothing was trained on it yet.
      if (here.length === 0) return [];
      const groups = new Map(models.map((model) => [model, here.filter((r) => r.model === model)]));
      const compared = groups.get(reference) ?? [];
      const rows = [...groups].filter(([, own]) => own.length > 0).map(([model, own]) => row(model, own, compared));
      const picture = `${name}-${b + 1}-${t + 1}.svg`;
      pictures[picture] = curvesOf(`${text}, ${budget}`, groups);
      return [
        `## ${text}, ${budget}\n\n${table(heads, rows)}\n\n![Bits a byte of training over arithmetic, seconds and bytes](${picture})\n`,
      ];
    }),
  );
  const notes =
    'Bits a byte are those of the held-out part, read streamed from one state; mean ± standard error over seeds. ' +
    `“Against ${reference}” is the mean of the differences seed by seed (negative: better). ` +
    '“Parents off” is what it costs to set all parents to zero in the finished weights, embeddings of spans included: that says that the levels are used, not what they are worth. ' +
    'TF are 10¹² floating-point operations of all products, forward and backward.';
  return { markdown: `# ${title}\n\n${about ? `${about}\n\n` : ''}${notes}\n\n${parts.join('\n')}`, pictures };
}

/**
 * Writes a study’s report.
 * @param {Study} study
 * @param {Result[]} results
 * @param {string} base  path of the study’s files, without an ending
 */
export function writeReport(study, results, base) {
  const { markdown, pictures } = report(study, results, path.basename(base));
  writeFileSync(`${base}.md`, markdown);
  for (const [name, svg] of Object.entries(pictures)) writeFileSync(path.join(path.dirname(base), name), svg);
}
