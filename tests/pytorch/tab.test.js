/** From the tab to PyTorch and back: trained in the page, downloaded, gone on with in PyTorch, and opened in the page again. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { catchSaved, drawn, save, WIDE } from '../browser/explorer.js';
import {
  catchDownloads,
  downloaded,
  exampleOpens,
  press,
  reaches,
  textOpens,
  until,
  upload,
} from '../browser/pages.js';
import { inBrowsers } from '../in_browsers.js';
import { module } from '../wasm/support/models.js';
import { assertNear, at, cli, python } from './support.js';

/** @typedef {import('puppeteer-core').Page} Page */

const SETTINGS = 'preset=minute&hidden_size=24&ngram_rows=200&level_blocks=1&max_steps=60&eval_every=30&workers=1';
const TEXT = Array.from(
  { length: 3000 },
  (_, i) => ['The sea ', 'was calm, ', 'and the ship ', 'lay still. '][(i * i) % 4],
);

const [LIMIT_MS, PAUSE_MS] = [30_000, 500];

/**
 * The drawing as the page saves it, once it fits.
 * @param {Page} page
 * @param {(now: string, last: string) => boolean} fits
 */
async function drawing(page, fits) {
  await drawn(page);
  await catchSaved(page);
  for (let last = '', end = Date.now() + LIMIT_MS; Date.now() < end; ) {
    await save(page, 'export-svg');
    const now = await page.evaluate(() => /** @type {Blob} */ (/** @type {any} */ (globalThis).savedBlob).text());
    if (fits(now, last)) return now;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error('The drawing never became what it should be.');
}

/** Borders of the bytes, in PyTorch, of the beginning of the text. */
const BORDERS = `
import json, sys, torch
from adaptive_compressor import load_model
model, settings, _ = load_model(sys.argv[1])
model.eval()
text = torch.frombuffer(bytearray(open(sys.argv[2], "rb").read(2000)), dtype=torch.uint8).long()[None]
print(json.dumps([mask[0].nonzero().flatten().tolist() for mask in model(text).borders]))
`;

inBrowsers(['chromium'], 'training that PyTorch goes on with', (open) => {
  it('comes back to the page, and draws the same borders', () =>
    open({ ...WIDE, path: `?${SETTINGS}` }, async ({ page }) => {
      writeFileSync(at('sea.txt'), TEXT.join(''));
      await exampleOpens(page);
      await upload(page, 'file-input', at('sea.txt'));
      await textOpens(page, 'sea');
      await press(page, 'start');
      await reaches(page, 'finished');
      await catchDownloads(page);
      const { bytes } = await downloaded(page, () => press(page, 'download-resumable'));
      writeFileSync(at('tab.safetensors'), bytes);

      const through = `from adaptive_compressor import *; write_checkpoint(r"${at('through.safetensors')}", read_checkpoint(r"${at('tab.safetensors')}"))`;
      await python('-c', through);
      const goOn = ['--text-file', at('sea.txt'), '--resume', at('tab.safetensors'), '--max-steps', '80', '--output'];
      await python('-m', 'adaptive_compressor.train', ...goOn, at('grown.safetensors'));
      await cli('train', ...goOn, at('core.safetensors'), '--workers', '1');
      const read = (/** @type {string} */ name) => readCheckpoint(module, new Uint8Array(readFileSync(at(name))));
      const [grown, core] = [read('grown.safetensors'), read('core.safetensors')];
      assert.equal(grown.resume?.state.step, 80);
      for (const [name, { data }] of core.tensors) assertNear(grown.tensors.get(name)?.data ?? [], data, name);

      /** Opens weights, and returns how they are drawn. @param {string} name @param {(now: string, last: string) => boolean} fits */
      const shown = async (name, fits) => {
        await upload(page, 'weights-input', at(`${name}.safetensors`));
        await until(page, 'model', (text) => text.includes(name));
        return drawing(page, fits);
      };
      // Each differs from the one before it, so that none is taken for the next.
      const after = await shown('grown', (now, last) => now === last);
      const before = await shown('tab', (now, last) => now === last && now !== after);
      await shown('grown', (now) => now === after);
      await shown('through', (now) => now === before);

      const { stdout } = await python('-c', BORDERS, at('grown.safetensors'), at('sea.txt'));
      const { stdout: traced } = await cli(
        'trace',
        at('grown.safetensors'),
        '--text-file',
        at('sea.txt'),
        '--top',
        '0',
      );
      /** @type {{level: number, position: number, border: boolean}[]} */
      const rows = JSON.parse(traced).rows;
      for (const [level, borders] of JSON.parse(stdout).entries()) {
        assert.ok(borders.length > 50);
        const own = rows.filter((row) => row.level === level && row.border && row.position <= borders.at(-1));
        assert.deepEqual(
          own.map(({ position }) => position),
          borders,
        );
      }
    }));
});
