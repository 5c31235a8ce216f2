/** The direction of imports and includes, and unused code, by .config/dependency-cruiser.js and .config/knip.json. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import rules from '../.config/dependency-cruiser.js';
import { filesUnder } from '../wasm/tools/build.js';
import { ROOT, run } from '../wasm/tools/setup/run.js';

const CONFIG = path.join(ROOT, '.config/dependency-cruiser.js');
const program = (/** @type {string} */ name) => path.join(ROOT, 'node_modules/.bin', name);

/** @param {string} cwd @param {string} type  of output @param {string[]} places */
const cruise = (cwd, type, places) =>
  run(program('depcruise'), ['--config', CONFIG, '--output-type', type, ...places], { cwd });

/** Files whose imports break rules. @type {readonly [file: string, text: string][]} */
const BROKEN = [
  ['package.json', '{ "type": "module", "devDependencies": { "vite": "*" } }'],
  ['web/state/drawn.js', "import '../charts/plot.js';"],
  ['web/charts/plot.js', "import './plot_again.js';"],
  ['web/charts/plot_again.js', "import './plot.js';"],
  ['web/traces/stateful.js', "import '../state/drawn.js';"],
  ['web/panel.js', "import '../wasm/engine/core.js'; import 'node:fs'; import 'vite';"],
  ['web/worker_entry.js', ''],
  ['wasm/engine/core.js', "import './protocol.js'; import '../cli/train.js'; import '../../web/panel.js';"],
  ['wasm/engine/protocol.js', "import './missing.js';"],
  ['wasm/engine/module.js', "import '../tools/build.js';"],
  ['wasm/cli/train.js', "import '../../tests/some.test.js';"],
  ['wasm/tools/build.js', ''],
  ['tests/some.test.js', "import 'fast-check';"],
];

describe('imports', () => {
  it('run one way', async () => {
    const { code, output } = await cruise(ROOT, 'err-long', ['web', 'wasm', 'tests', 'vite.config.js']);
    assert.equal(code, 0, output);
  });

  it('that break a rule are found, for every rule', async () => {
    const folder = path.join(ROOT, 'build/broken-imports');
    rmSync(folder, { recursive: true, force: true });
    for (const [file, text] of BROKEN) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
    const { output } = await cruise(folder, 'json', ['web', 'wasm', 'tests']);
    /** @type {{rule: {name: string}}[]} */
    const violations = JSON.parse(output).summary.violations;
    const found = new Set(violations.map(({ rule }) => rule.name));
    const all = [...(rules.forbidden ?? []), ...(rules.required ?? [])].map(({ name }) => name);
    assert.deepEqual(
      all.filter((name) => !found.has(String(name))),
      [],
    );
    rmSync(folder, { recursive: true });
  });
});

describe('includes', () => {
  it('of the core form no circle', () => {
    const files = [...filesUnder('c', /\.[ch]$/), ...filesUnder('wasm', /\.[ch]$/)];
    /** @param {string} file */
    const includes = (file) =>
      [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/^[ \t]*#[ \t]*include[ \t]+"([^"]+)"/gm)].map(
        ([, name]) => path.join(path.dirname(file), name),
      );
    /** @type {Set<string>} */
    const done = new Set();
    /** The circle in which a path of includes ends, if any. @param {string[]} way @returns {string} */
    const circle = (way) => {
      const file = way[way.length - 1];
      if (way.indexOf(file) < way.length - 1) return way.join(' → ');
      if (done.has(file)) return '';
      const found = includes(file).reduce((known, name) => known || circle([...way, name]), '');
      done.add(file);
      return found;
    };
    assert.deepEqual(files.map((file) => circle([file])).filter(Boolean), []);
    assert.ok(done.size > 60);
  });
});

describe('nothing is left over', () => {
  it('each file is imported, each export is used, each package that is required is used', async () => {
    const { code, output } = await run(program('knip'), ['--config', '.config/knip.json', '--no-progress']);
    assert.equal(code, 0, output);
  });
});
