/** The contributors' documents are true: the drawing of the architecture, and the files and commands that they name. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { DRAWING, draw, drawArchitecture } from '../wasm/tools/architecture.js';
import { ROOT } from '../wasm/tools/setup/run.js';

/** @param {Record<string, string[]>} from @returns {Map<string, Set<string>>} */
const graphOf = (from) => new Map(Object.entries(from).map(([name, to]) => [name, new Set(to)]));

describe('documents for contributors', () => {
  it('name only files and commands that exist', () => {
    const text = readFileSync(path.join(ROOT, '.github/CONTRIBUTING.md'), 'utf8');
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const files = [...text.matchAll(/`(?:node )?((?:c|wasm|web|tests|\.ci|\.config)\/[\w./-]+)`/g)].map(
      ([, file]) => file,
    );
    assert.ok(files.length > 12);
    const there = (/** @type {string} */ file) => /NAME/.test(file) || existsSync(path.join(ROOT, file));
    assert.deepEqual(
      files.filter((file) => !there(file)),
      [],
    );
    const commands = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
    assert.ok(commands.length > 8);
    assert.deepEqual(
      commands.filter((name) => !scripts[name]),
      [],
    );
  });
});

describe('drawing of the architecture', () => {
  it('is up to date', async () => {
    const now = await drawArchitecture();
    assert.ok(readFileSync(path.join(ROOT, DRAWING), 'utf8') === now, 'npm run drawing draws what the imports are now');
  });

  it('puts folders above those that they use, circles in one box, and starts of workers on dashed arrows', () => {
    const svg = draw(
      graphOf({ page: ['state', 'bytes'], state: ['bytes'], a: ['b'], b: ['a', 'bytes'] }),
      graphOf({ state: ['a'] }),
    );
    const heights = new Map([...svg.matchAll(/y="([\d.]+)">(\w+)</g)].map(([, y, name]) => [name, Number(y)]));
    assert.deepEqual([...heights.keys()].sort(), ['a', 'b', 'bytes', 'page', 'state']);
    const order = ['page', 'state', 'a', 'b', 'bytes'].map((name) => heights.get(name) ?? 0);
    assert.deepEqual(
      order,
      [...order].sort((x, y) => x - y),
    );
    assert.equal(svg.match(/<rect/g)?.length, 4);
    assert.equal(svg.match(/marker-end/g)?.length, 3, 'an arrow that follows from others is left out');
    assert.equal(svg.match(/dasharray/g)?.length, 1);
  });
});
