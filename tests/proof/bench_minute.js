/** What a preset makes of a text by the clock, in a tab: its weights read the whole last tenth, streamed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { splitText } from '../../wasm/engine/corpus.js';
import { settled, stateOf } from '../../wasm/engine/opening.js';
import { Probe } from '../../wasm/engine/probe.js';
import { defaults } from '../../wasm/engine/settings.js';
import { readStreamed } from '../../wasm/engine/streamed.js';
import { readPlain } from '../../wasm/files/checkpoint/plain.js';
import { catchDownloads, downloaded, press, textOf, textOpens, until, upload } from '../browser/pages.js';
import { rounded } from './bench_node.js';

/** Trainings by the clock: their presets and minutes, and what their rows are about. */
export const BY_THE_CLOCK = Object.freeze({
  minute: { preset: 'quick_start', minutes: 1, what: 'bits a byte after 60 s' },
  ten_minutes: { preset: 'ten_minutes', minutes: 10, what: 'bits a byte after ten minutes' },
});

/** Milliseconds that evaluations, samples and what is written at the end may take beside the training. */
const BESIDE = 120_000;

/** Milliseconds that all of it may take. @param {number} minutes */
export const patienceOf = (minutes) => 60_000 * minutes + 2 * BESIDE;

/**
 * A row of the bench.
 * @param {import('puppeteer-core').Page} page  with the settings of the preset, for these minutes
 * @param {WebAssembly.Module} module
 * @param {string} file  the text
 * @param {{minutes: number, what: string}} part
 * @returns {Promise<import('./bench_tab_report.js').Row>} `bpb`: bits a byte of the last tenth; `off`: without parents
 */
export async function trainOn(page, module, file, { minutes, what }) {
  await upload(page, 'file-input', file);
  await textOpens(page, path.basename(file));
  await press(page, 'start');
  await until(page, 'state', (text) => text === 'Finished', 60_000 * minutes + BESIDE);
  await catchDownloads(page);
  const { bytes } = await downloaded(page, () => press(page, 'download'));
  const { checkpoint, settings } = settled(readPlain(module, new Uint8Array(bytes)), defaults());
  const { heldOut } = splitText(new Uint8Array(readFileSync(file)), settings.val_fraction);
  const probe = new Probe(module, settings);
  probe.copyFrom(stateOf(checkpoint, probe.model).state.parameters);
  const { decoderBpb } = await readStreamed(probe, heldOut);
  probe.configure([], false);
  const { decoderBpb: off } = await readStreamed(probe, heldOut);
  return {
    what,
    text: path.basename(file),
    bpb: rounded(decoderBpb, 3),
    off: rounded(off, 3),
    steps: await textOf(page, 'step'),
  };
}
