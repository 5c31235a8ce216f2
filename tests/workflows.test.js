/** GitHub workflows: their syntax, and whether every command and file that they name exists. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { validateWorkflow } from '@action-validator/core';
import { parse } from 'yaml';
import { PAGES } from '../wasm/tools/setup/github_pages.js';
import { ROOT } from '../wasm/tools/setup/run.js';

const FOLDER = '.github/workflows';
const read = (/** @type {string} */ file) => readFileSync(path.join(ROOT, file), 'utf8');
const { scripts } = JSON.parse(read('package.json'));

/** Commands that workflows may use besides scripts of package.json: all exist on the machines that they name. */
const COMMANDS = [
  /^npm ci --ignore-scripts$/,
  /^sudo apt-get update$/,
  /^sudo apt-get install -y --no-install-recommends [\w-]+$/,
];
const ACTIONS = /^actions\/(?:checkout|setup-node|upload-pages-artifact|deploy-pages)@v\d+$/;

/** What is wrong with a command. @param {string} command @returns {string[]} */
function complaints(command) {
  return command.split(/&&|\n/).flatMap((part) => {
    const words = part.trim();
    if (words === '' || COMMANDS.some((known) => known.test(words))) return [];
    const [, script] = /^npm (?:run )?([\w:]+)$/.exec(words) ?? [];
    if (script === undefined) return [`${words}: unknown`];
    if (!scripts[script]) return [`${words}: package.json has no script ${script}`];
    const [, file] = /^node (\S+)/.exec(scripts[script]) ?? [];
    return file && existsSync(path.join(ROOT, file)) ? [] : [`${words}: there is no file ${file}`];
  });
}

describe('workflows', () => {
  const files = readdirSync(path.join(ROOT, FOLDER)).map((name) => `${FOLDER}/${name}`);

  it('are one for the tests and one for Pages', () =>
    assert.deepEqual(files.sort(), [`${FOLDER}/pages.yml`, `${FOLDER}/tests.yml`]));

  for (const file of files) {
    it(`${path.basename(file)} is a valid workflow, and all its commands exist`, () => {
      assert.deepEqual(validateWorkflow(read(file)).errors, []);
      /** @type {{uses?: string, run?: string}[]} */
      const steps = Object.values(parse(read(file)).jobs).flatMap((job) => job.steps);
      assert.ok(steps.length > 1);
      for (const { uses, run } of steps) {
        if (uses) assert.match(uses, ACTIONS);
        assert.deepEqual(complaints(run ?? ''), []);
      }
    });
  }

  it('the tests run on each push, with everything that runs before a change lands', () => {
    const { on, jobs } = parse(read(`${FOLDER}/tests.yml`));
    assert.deepEqual(Object.keys(on), ['push', 'pull_request']);
    assert.equal(on.push, null, 'of any branch');
    const here = read('.ci/run').match(/\bnpm [\w: ]*\w/g);
    assert.deepEqual(
      jobs.tests.steps.flatMap((/** @type {{run?: string}} */ { run }) => run ?? []),
      here,
    );
  });

  it('the folder published to Pages is the one that is built', () => {
    const { jobs } = parse(read(`${FOLDER}/pages.yml`));
    const upload = jobs.build.steps.find((/** @type {{uses?: string}} */ step) => step.uses?.includes('upload-pages'));
    assert.equal(upload.with.path, PAGES);
  });

  it('mistakes are found: in the syntax, in commands, in scripts', () => {
    const broken = read(`${FOLDER}/tests.yml`).replace('runs-on:', 'run-on:');
    assert.notDeepEqual(validateWorkflow(broken).errors, []);
    assert.deepEqual(complaints('npm run no:such && npm tset'), [
      'npm run no:such: package.json has no script no:such',
      'npm tset: package.json has no script tset',
    ]);
    assert.deepEqual(complaints('make'), ['make: unknown']);
  });
});
