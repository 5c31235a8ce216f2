import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { RunError, UsageError } from '../../wasm/cli/errors.js';
import { CoreError } from '../../wasm/engine/module.js';
import { load, trace } from '../../wasm/library/index.js';
import { cli, failureOf, workFolder } from './support/cli.js';

const { folder, at, text, textFile, succeeds, refuses, trainModels, remove } = workFolder();
after(remove);
const { model: MODEL, leaky: LEAKY } = await trainModels();

describe('trace', () => {
  /** @param {string[]} args */
  const rowsOf = async (...args) => {
    const { stdout } = await succeeds('trace', [MODEL, '--text-file', textFile, ...args]);
    const { rows, ...head } = JSON.parse(stdout);
    return { head, rows: /** @type {Record<string, any>[]} */ (rows) };
  };

  it('has a row for every byte and every token, level by level', async () => {
    const { head, rows } = await rowsOf('--top', '2');
    assert.equal(head.hidden_size, 12);
    const levels = [0, 1, 2].map((level) => rows.filter((row) => row.level === level));
    assert.deepEqual(
      levels[0].map(({ byte }) => byte),
      [...text],
    );
    for (const level of levels) {
      assert.deepEqual(
        level.map(({ position }) => position),
        level.map((_, i) => i),
      );
    }
    for (const level of [0, 1]) {
      const promoted = levels[level].filter(({ border }) => border).map(({ position }) => position);
      assert.deepEqual(
        levels[level + 1].map(({ source }) => source),
        promoted,
      );
      assert.ok(promoted.length > 20, `level ${level + 1} has ${promoted.length} tokens`);
    }
    for (const { realised } of [...levels[1].slice(0, -1), ...levels[2].slice(0, -1)]) assert.ok(realised >= 0);
    for (const level of [1, 2]) assert.equal(levels[level].at(-1)?.realised, null);
    assert.ok(levels[0].every(({ encoder_top }) => encoder_top.length === 2));
    assert.ok(levels[0].slice(0, -1).every(({ decoder_bits, encoder_bits }) => decoder_bits > 0 && encoder_bits > 0));
    assert.equal(levels[0].at(-1)?.decoder_bits, null);
  });

  it('gives the same as tab-separated values', async () => {
    const { rows } = await rowsOf('--top', '1');
    const { stdout } = await succeeds('trace', [MODEL, '--text-file', textFile, '--top', '1', '--format', 'tsv']);
    const [head, ...lines] = stdout
      .slice(0, -1)
      .split('\n')
      .map((line) => line.split('\t'));
    assert.equal(lines.length, rows.length);
    rows.forEach((row, i) => {
      head.forEach((name, column) => {
        const value = row[name] ?? '';
        const want = Array.isArray(value)
          ? value.map((pair) => pair.join(':')).join(' ')
          : typeof value === 'boolean'
            ? Number(value)
            : value;
        assert.equal(lines[i][column], String(want), `${name} of row ${i}`);
      });
    });
  });

  it('moves borders with the threshold, and leaves parents out', async () => {
    const borders = (/** @type {Record<string, any>[]} */ rows) => rows.filter(({ border }) => border).length;
    const [usual, higher, orphans] = await Promise.all([
      rowsOf(),
      rowsOf('--byte-entropy-threshold', '40'),
      rowsOf('--without-parents'),
    ]);
    assert.ok(borders(higher.rows) < borders(usual.rows));
    const bits = (/** @type {Record<string, any>[]} */ rows, /** @type {string} */ name) =>
      rows.map((row) => row[name]);
    assert.deepEqual(bits(orphans.rows, 'encoder_bits'), bits(usual.rows, 'encoder_bits'));
    assert.notDeepEqual(bits(orphans.rows, 'decoder_bits'), bits(usual.rows, 'decoder_bits'));
  });

  it('stops without a word when its reader does', async () => {
    const result = await cli('trace', [MODEL, '--text-file', textFile], {
      watch: (_, child) => child.stdout?.destroy(),
    });
    assert.deepEqual([result.status, result.stderr], [0, '']);
  });

  it('refuses teacher-forced models, empty texts and wrong use', async () => {
    writeFileSync(at('empty'), '');
    const leaky = await load({ checkpoint: readFileSync(LEAKY) });
    const leaks = await failureOf(() => trace(leaky, text).next());
    assert.ok(leaks instanceof CoreError && leaks.code === 'leaks');
    await refuses('trace', [LEAKY, '--text-file', textFile], leaks);
    await refuses('trace', [MODEL, '--text-file', at('empty')], new RunError('text_empty'));
    await refuses('trace', [MODEL], new UsageError('text_missing'));
    await refuses(
      'trace',
      [MODEL, '--text-file', textFile, '--top', '11'],
      new UsageError('whole', { option: '--top', least: 0, most: 10 }),
    );
    await refuses(
      'trace',
      [MODEL, '--text-file', textFile, '--format', 'xml'],
      new UsageError('choice', { option: '--format', choices: ['json', 'tsv'] }),
    );
    await refuses('trace', [MODEL, '--text-file', folder], new RunError('folder', { file: folder }));
  });
});
