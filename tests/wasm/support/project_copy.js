/** A copy of the project, to see what a change in it takes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, run } from '../../../wasm/tools/setup/run.js';

/**
 * Nothing is copied before `make`.
 * @param {string} name  of its folder
 */
export function projectCopy(name) {
  const folder = path.join(ROOT, 'build', `${name}.${process.pid}`);
  const at = (/** @type {string} */ file) => path.join(folder, file);
  return {
    /** The place of a file of the copy. */
    at,
    /** @param {readonly string[]} folders */
    make(folders) {
      for (const each of folders) cpSync(path.join(ROOT, each), at(each), { recursive: true });
      cpSync(path.join(ROOT, 'package.json'), at('package.json'));
      symlinkSync(path.join(ROOT, 'node_modules'), at('node_modules'));
    },
    /** @param {string} file @param {string} from  stands there once @param {string} to */
    edit(file, from, to) {
      const text = readFileSync(at(file), 'utf8');
      assert.equal(text.split(from).length, 2, `${file} has one place for it`);
      writeFileSync(
        at(file),
        text.replace(from, () => to),
      );
    },
    /** Builds its core. @returns {Promise<WebAssembly.Module>} */
    async build() {
      mkdirSync(at('build'), { recursive: true });
      const { code, output } = await run(process.execPath, ['wasm/tools/build.js'], { cwd: folder, seconds: 280 });
      assert.equal(code, 0, output);
      return WebAssembly.compile(readFileSync(at('build/core.wasm')));
    },
    /** @template {string} T @param {T} file @returns {Promise<any>} what a file of the copy exports */
    load: (file) => import(at(file)),
    /** Runs Node in the copy. @param {...string} args */
    node: (...args) => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
