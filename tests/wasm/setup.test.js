/** What setup installs by itself, what only on request, and what it says; with programs that only record that they were called. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT, run } from '../../wasm/tools/setup/run.js';
import { installLines, neededSentence } from '../../wasm/tools/setup/tools.js';

const TOOLS = pathToFileURL(path.join(ROOT, 'wasm/tools/setup/tools.js')).href;
/** @type {string} */
let folder;

/** @param {string} name @param {string} script */
function program(name, script) {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'setup-'));
});
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  for (const name of ['emcc', 'calls']) rmSync(path.join(folder, name), { force: true });
  // It installs a compiler, and records how it was called.
  const install = `case "$*" in *install*) printf '#!/bin/sh\\n' > ${folder}/emcc; /bin/chmod +x ${folder}/emcc;; esac`;
  program('apt-get', `echo "apt-get $*" >> ${folder}/calls\n${install}`);
  program('sudo', `echo "sudo" >> ${folder}/calls\n"$@"`);
});

/** @param {object} options  of ensureTools @param {...string} words  after the command */
function ensure(options, ...words) {
  const script = `import { ensureTools } from ${JSON.stringify(TOOLS)};
    await ensureTools(['emcc'], ${JSON.stringify(options)}).catch((error) => { console.error(error.message); process.exitCode = 1; });`;
  return run(process.execPath, ['--input-type=module', '--eval', script, '--', ...words], {
    env: { PATH: folder, EMCC: '' },
  });
}

const calls = () => (existsSync(path.join(folder, 'calls')) ? readFileSync(path.join(folder, 'calls'), 'utf8') : '');

describe('system packages', () => {
  it('are installed by themselves as root on Debian, and named before', async () => {
    const { code, output } = await ensure({ machine: { root: true, debian: true } });
    assert.equal(code, 0, output);
    assert.equal(output, `${installLines(['emcc'])}\n`);
    assert.ok(output.includes('(emscripten)'));
    assert.match(calls(), /^apt-get .*update\napt-get .*install --no-install-recommends emscripten\n$/);
  });

  it('are not installed for any other user unless asked for: one sentence says what to do', async () => {
    for (const machine of [
      { root: false, debian: true },
      { root: true, debian: false },
    ]) {
      const { code, output } = await ensure({ machine });
      assert.equal(code, 1);
      assert.equal(output, `${neededSentence('emcc')}\n`);
      assert.equal(calls(), '');
    }
  });

  it('are installed through sudo on request', async () => {
    const { code, output } = await ensure({ install: true, machine: { root: false, debian: true } });
    assert.equal(code, 0, output);
    assert.ok(output.startsWith(installLines(['emcc'])), output);
    assert.match(calls(), /^sudo\napt-get update\nsudo\napt-get .*install .*emscripten\n$/);
  });

  it('are requested by a word after the command', async () => {
    const { code, output } = await ensure({ machine: { root: false, debian: true } }, '--install');
    assert.equal(code, 0, output);
    assert.match(calls(), /^sudo\napt-get update\nsudo\napt-get .*install .*emscripten\n$/);
  });

  it('are left alone where nothing is missing', async () => {
    program('emcc', '');
    const { code, output } = await ensure({ install: true, machine: { root: true, debian: true } });
    assert.deepEqual([code, output, calls()], [0, '', '']);
  });
});
