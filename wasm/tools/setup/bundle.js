/** Bundles one script of the site whole: everything that it imports, now or later, and its styles, in memory. */
import path from 'node:path';
import { build, mergeConfig } from 'vite';
import config from '../../../vite.config.js';
import { ROOT } from './run.js';

/**
 * @param {string} entry  a script, from the project's folder
 * @param {'es'|'iife'} format  `iife` is a script that is no module
 * @param {Record<string, string>} [instead]  modules, by the end of their path, and what is taken instead of each; with `./` in
 *   front, a script beside this one
 * @param {Record<string, string>} [define]  expressions, and the code that takes the place of each
 * @returns {Promise<{code: string, css: string}>}
 * @throws {Error} where more than one script would come of it
 */
export async function bundle(entry, format, instead = {}, define = {}) {
  const own = mergeConfig(config, {
    configFile: false,
    publicDir: false,
    define,
    logLevel: 'warn',
    build: {
      write: false,
      emptyOutDir: false,
      cssCodeSplit: false,
      modulePreload: false,
      assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    },
  });
  own.plugins = [
    {
      name: 'instead',
      /** @type {'pre'} */
      enforce: 'pre',
      /** @param {string} source @param {string|undefined} importer @param {{custom?: any}} options */
      async resolveId(source, importer, options) {
        const found = await this.resolve(source, importer, { ...options, skipSelf: true });
        const name = Object.keys(instead).find((end) => found?.id.endsWith(`/${end}`));
        if (!name) return undefined;
        const other = instead[name];
        return other.startsWith('./') ? { id: other, external: true } : path.join(ROOT, other);
      },
    },
  ];
  own.build.rolldownOptions = {
    input: path.join(ROOT, entry),
    // Its exports are for others.
    preserveEntrySignatures: 'strict',
    // What is no module has no address of its own, and needs none.
    checks: { emptyImportMeta: false, bundlerTimings: false },
    output: { format, codeSplitting: false, assetFileNames: '[name][extname]' },
  };
  const { output } = /** @type {import('vite').Rolldown.RolldownOutput} */ (await build(own));
  const [chunk, ...others] = output.filter(({ type }) => type === 'chunk');
  if (chunk?.type !== 'chunk' || others.length > 0) throw new Error(`${entry} did not become one script.`);
  const css = output.flatMap((file) => (file.type === 'asset' && file.fileName.endsWith('.css') ? [file.source] : []));
  return { code: chunk.code, css: css.join('\n') };
}
