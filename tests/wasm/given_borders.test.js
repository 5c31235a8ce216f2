/**
 * Borders that a reader brings. A list of the places where another rule puts borders must lead to the same bits as that rule,
 * however the text is read.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { RUN, USAGE, WARNINGS } from '../../wasm/cli/sentences.js';
import { FormatError } from '../../wasm/files/formats/error.js';
import { readBorders } from '../../wasm/files/texts/borders.js';
import { evaluate, load, trace, train } from '../../wasm/library/index.js';
import { cli, TINY, workFolder } from './support/cli.js';
import { withReason } from './support/refusals.js';

const { folder, at, textFile, succeeds, remove } = workFolder();
after(remove);

const TEXT = readFileSync(textFile);
const isSpace = (/** @type {number} */ byte) => byte === 32 || (byte >= 9 && byte <= 13);
/** Where the rule whitespace puts borders. */
const WORD_ENDS = [...TEXT.keys()].filter((i) => i > 0 && isSpace(TEXT[i]) && !isSpace(TEXT[i - 1]));

/** @param {string} name @param {number[]} positions */
function listFile(name, positions) {
  writeFileSync(at(name), `# a list\n${positions.join('\n')}\n`);
  return at(name);
}

const list = listFile('list.txt', WORD_ENDS);
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
/** @param {() => unknown} make @param {string} reason @param {Record<string, unknown>} [fields] */
const refuses = (make, reason, fields = {}) =>
  assert.throws(make, (error) => error instanceof FormatError && withReason([reason, fields])(error));

describe('a list of borders', () => {
  it('is a position a line, with a level where it is not the first', () => {
    const marks = readBorders(bytes('# words\n3\r\n\n0 2 # a sentence\n5,1\n3;7\n5\n'), 6);
    assert.deepEqual([...marks], [2, 0, 0, 7, 0, 1]);
  });

  it('is refused where a line is none, past the text, or of a level that no model has', () => {
    refuses(() => readBorders(bytes('1\n-2\n'), 9), 'borders_line', { line: 2 });
    refuses(() => readBorders(bytes('1.5\n'), 9), 'borders_line', { line: 1 });
    refuses(() => readBorders(bytes('1 2 3\n'), 9), 'borders_line', { line: 1 });
    refuses(() => readBorders(bytes('9\n'), 9), 'borders_position', { line: 1, length: 9 });
    refuses(() => readBorders(bytes('99999999999999999999\n'), 9), 'borders_position');
    refuses(() => readBorders(bytes('8 0\n'), 9), 'borders_level', { line: 1 });
    refuses(() => readBorders(bytes('8 8\n'), 9), 'borders_level', { line: 1 });
    refuses(() => readBorders(bytes('# nothing\n'), 9), 'no_borders');
    refuses(() => readBorders(Uint8Array.of(0, 255, 10), 9), 'borders_line');
  });
});

describe('borders of a list', () => {
  for (const [name, wiring] of /** @type {const} */ ([
    [
      'residual',
      ['--wiring', 'residual', '--carry-state', '--segment-length', '0', '--span-order', '1', '--ngram-rows', '64'],
    ],
    ['mirror', ['--wiring', 'mirror']],
  ])) {
    it(`are those of the rule that they are from, to the bit, in training, evaluation and traces: ${name}`, async () => {
      const results = [];
      for (const [rule, extra] of /** @type {const} */ ([
        ['whitespace', []],
        ['given', ['--borders', list]],
      ])) {
        const file = at(`${name}-${rule}`);
        const model = [...TINY, ...wiring, '--num-levels', '3', '--level-rules', `${rule},every_nth`];
        const own = ['--text-file', textFile, ...extra];
        const training = ['--max-steps', '24', '--eval-every', '12', '--workers', '2', '--sample-bytes', '0'];
        const { stdout: log } = await succeeds('train', [...own, ...model, ...training, '--output', file]);
        const windows = await succeeds('evaluate', [file, ...own]);
        const streamed = await succeeds('evaluate', [file, ...own, '--stream']);
        const rows = await succeeds('trace', [file, ...own, '--format', 'tsv', '--top', '0']);
        const figures = [windows, streamed].map(({ stdout }) => ({ ...JSON.parse(stdout), checkpoint: '' }));
        assert.ok(figures[1].tokens[1] >= WORD_ENDS.length && figures[1].tokens[1] <= WORD_ENDS.length + 1);
        const validations = log.split('\n').filter((line) => line.includes('validation'));
        assert.ok(validations.length >= 2);
        results.push({ figures, validations, rows: rows.stdout });
      }
      assert.deepEqual(results[1], results[0]);
    });
  }

  it('go on exactly where training is resumed, with the same list alone', async () => {
    const own = ['--text-file', textFile, '--borders', list];
    const model = [...TINY, '--wiring', 'residual', '--carry-state', '--level-rules', 'given', '--num-levels', '2'];
    const [whole, part] = [at('whole'), at('part')];
    await succeeds('train', [...own, ...model, '--max-steps', '20', '--output', whole]);
    await succeeds('train', [...own, ...model, '--max-steps', '9', '--output', part]);
    const others = listFile('others.txt', WORD_ENDS.slice(1));
    const refused = await cli(
      'train',
      ['--text-file', textFile, '--borders', others, '--resume', part, '--max-steps', '20'],
      {
        cwd: folder,
      },
    );
    assert.equal(refused.status, 1);
    assert.ok(refused.stderr.includes(RUN.other_text({ file: part })));
    await succeeds('train', [...own, '--resume', part, '--max-steps', '20']);
    assert.ok(readFileSync(part).equals(readFileSync(whole)));
  });

  it('have a list of their own for a text that is held out by name', async () => {
    const own = [
      '--text-file',
      textFile,
      '--val-text-file',
      textFile,
      ...TINY,
      '--level-rules',
      'given',
      '--max-steps',
      '1',
    ];
    const without = await cli('train', [...own, '--borders', list], { cwd: folder });
    assert.equal(without.status, 2);
    assert.ok(without.stderr.includes(USAGE.held_out_borders_missing()));
    await succeeds('train', [...own, '--borders', list, '--val-borders', list, '--output', at('named')]);
  });

  it('are asked for where a rule reads them, and do nothing elsewhere', async () => {
    const own = ['--text-file', textFile, ...TINY, '--max-steps', '1'];
    const missing = await cli('train', [...own, '--level-rules', 'given'], { cwd: folder });
    assert.equal(missing.status, 2);
    assert.ok(missing.stderr.includes(USAGE.borders_missing()));
    const alone = await cli('train', [...TINY, '--level-rules', 'given', '--borders', list], { cwd: folder });
    assert.equal(alone.status, 2);
    assert.ok(alone.stderr.includes(USAGE.borders_alone()));
    const unused = await cli('train', [...own, '--borders', list, '--output', at('unused')], { cwd: folder });
    assert.equal(unused.status, 0);
    assert.ok(unused.stderr.includes(WARNINGS.borders_unused()));
    writeFileSync(at('wrong.txt'), '1\nx\n');
    const wrong = await cli('train', [...own, '--level-rules', 'given', '--borders', at('wrong.txt')], { cwd: folder });
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /wrong\.txt: Line 2 is no border/);
  });
});

describe('the library', () => {
  const settings = /** @type {const} */ ({
    wiring: 'residual',
    hidden_size: 8,
    num_levels: 2,
    sequence_length: 32,
    batch_size: 2,
    carry_state: true,
  });
  const borders = Uint8Array.from(TEXT, (_, i) => Number(WORD_ENDS.includes(i)));

  it('takes a number for each byte, and says what is missing', async () => {
    const results = [];
    for (const [level_rules, own] of /** @type {const} */ ([
      ['whitespace', {}],
      ['given', { borders }],
    ])) {
      const model = await load({ settings: { ...settings, level_rules } });
      const figures = await train(model, TEXT, { steps: 5, ...own });
      const read = await evaluate(model, TEXT, own);
      const pieces = [];
      for await (const piece of trace(
        model,
        TEXT.subarray(0, 500),
        own.borders && { borders: borders.subarray(0, 500) },
      ))
        pieces.push(piece);
      results.push({ figures, read, pieces });
    }
    assert.deepEqual(results[1], results[0]);
    const model = await load({ settings: { ...settings, level_rules: 'given' } });
    await assert.rejects(train(model, TEXT, { steps: 1 }), { code: 'no_borders' });
    await assert.rejects(train(model, TEXT, { steps: 1, borders: borders.subarray(1) }), { code: 'bad_input' });
    await assert.rejects(evaluate(model, TEXT), { code: 'no_borders' });
  });
});
