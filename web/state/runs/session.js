/**
 * The whole session as one file, saved and opened again: a zip archive with `session.json` (the runs), and for each run its
 * points and its weights; texts where the reader wants them in it. Nothing in such a file is trusted.
 */
import { FormatError } from '../../../wasm/files/formats/error.js';
import { inflate } from '../../../wasm/files/formats/inflate.js';
import { isolated } from '../../../wasm/files/formats/names.js';
import { readDirectory, readZipEntry } from '../../../wasm/files/formats/zip.js';
import { count } from '../../format/numbers.js';
import { zipFiles } from '../../storage/archive.js';
import { wholeOf } from '../text.js';
import { INDEX } from './gate.js';
import { readPoints } from './points.js';
import { isFull, savingProblem } from './problems.js';
import { freeName, newId, readRun } from './record.js';
import { identityOf } from './reopening.js';

/** @typedef {import('./record.js').Run} Run */
/** @typedef {import('../../../wasm/files/formats/zip.js').ZipEntry} ZipEntry */

const FORMAT = 'adaptive-compressor session';
const LIMITS = { maxEntries: 5000, maxBytes: 2 ** 31 };
/** Largest part that is JSON. */
const MOST_JSON = 64 << 20;

/** @param {string} digest  as part of a file's name */
const textName = (digest) => `texts/${digest.replace(/[^\w-]/g, '-')}.txt`;

/** @param {unknown} value */
const json = (value) => new TextEncoder().encode(JSON.stringify(value));

/**
 * @param {Map<string, ZipEntry>} entries
 * @param {string} name
 * @returns {Uint8Array|null}
 */
function bytesOf(entries, name) {
  const entry = entries.get(name);
  return entry ? readZipEntry(entry, inflate) : null;
}

/** @param {Map<string, ZipEntry>} entries @param {string} name @returns {any} null where there is nothing of the kind */
function jsonOf(entries, name) {
  const entry = entries.get(name);
  if (!entry) return null;
  if (entry.size > MOST_JSON) throw new FormatError('A part of this session is larger than it can be.', 'large_part');
  try {
    return JSON.parse(new TextDecoder().decode(readZipEntry(entry, inflate)));
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError('This session is damaged: a part of it is not JSON.', 'part_json');
  }
}

/**
 * @param {import('../store.js').Store} store
 * @param {import('./actions.js').Tools & {find: (id: string) => Run|undefined,
 *   pointsOf: (id: string) => Promise<import('./points.js').Points>}} tools
 */
export function createSessionActions(store, { shelf, keeper, parts, show, announce, pointsOf }) {
  const { runs } = store;

  /** @param {Run} run @returns {Promise<Uint8Array|null>} its text, where it is there and not a sample */
  async function textOf(run) {
    const open = store.text.value;
    if (run.text.id) return null;
    if (open && (await identityOf(open)) === run.text.digest) return wholeOf(open);
    const kept = await shelf.text(run.text.digest);
    return kept && wholeOf(kept);
  }

  /** @param {readonly Run[]} list @param {boolean} texts */
  async function* files(list, texts) {
    const plain = list.map((run) => ({ ...run, owner: '', before: null, saved: null }));
    yield { name: INDEX, bytes: json({ format: FORMAT, version: 1, runs: plain }), squeeze: true };
    const written = new Set();
    for (const run of list) {
      yield { name: `runs/${run.id}/points.json`, bytes: json(await pointsOf(run.id)), squeeze: true };
      const weights = await shelf.weights(run);
      if (weights) yield { name: `runs/${run.id}/weights.safetensors`, bytes: weights.bytes, squeeze: false };
      if (weights)
        yield {
          name: `runs/${run.id}/weights.json`,
          bytes: json({ step: weights.saved.step, elapsedMs: weights.saved.elapsedMs }),
          squeeze: true,
        };
      const text = texts && !written.has(run.text.digest) ? await textOf(run) : null;
      if (!text) continue;
      written.add(run.text.digest);
      yield { name: textName(run.text.digest), bytes: text, squeeze: true };
    }
  }

  /** @param {Map<string, ZipEntry>} entries @param {Run} raw @returns {Promise<Run>} as it is kept */
  async function takeIn(entries, raw) {
    const folder = `runs/${raw.id}`;
    const points = readPoints(jsonOf(entries, `${folder}/points.json`));
    const bytes = bytesOf(entries, `${folder}/weights.safetensors`);
    const about = jsonOf(entries, `${folder}/weights.json`);
    const own = { saved: null, before: null, deleted: false, aside: true };
    const state = raw.state === 'training' ? /** @type {const} */ ('paused') : raw.state;
    const run = { ...raw, ...own, state, id: newId(), name: freeName(raw.name, runs.list.value) };
    const kept = await shelf.add(run, points);
    if (!bytes || !Number.isSafeInteger(about?.step) || about.step < 0) return kept;
    const elapsedMs = Number.isFinite(about.elapsedMs) ? Math.max(0, about.elapsedMs) : 0;
    return shelf.change(run.id, {}, { weights: { bytes: bytes.slice(), step: about.step, elapsedMs }, last: true });
  }

  /** @param {Map<string, ZipEntry>} entries @param {Run} run */
  async function takeText(entries, { text: { digest, name } }) {
    const bytes = bytesOf(entries, textName(digest));
    if (!bytes || (await shelf.hasText(digest))) return;
    if ((await identityOf({ name, bytes })) === digest) await shelf.keepText(digest, { name, bytes: bytes.slice() });
  }

  return {
    /** Downloads all runs as one file. @param {boolean} texts  with own texts in it */
    async exportSession(texts) {
      await keeper.save();
      const blob = await zipFiles(files(runs.list.value, texts));
      const day = new Date().toISOString().slice(0, 10);
      parts.download(new Uint8Array(await blob.arrayBuffer()), `adaptive-compressor-${day}.zip`);
    },

    /**
     * Takes a session's runs in, beside those that are there.
     * @param {string} name  of the file
     * @param {Uint8Array} bytes
     */
    async importSession(name, bytes) {
      let added = 0;
      try {
        const entries = readDirectory(bytes, LIMITS);
        const index = jsonOf(entries, INDEX);
        if (index?.format !== FORMAT || !Array.isArray(index.runs))
          throw new FormatError('This zip archive is not a session of this page.', 'not_a_session');
        /** @type {Map<string, string>} */
        const renamed = new Map();
        for (const raw of index.runs) {
          const run = readRun(raw);
          if (!run) continue;
          const kept = await takeIn(entries, run);
          renamed.set(run.id, kept.id);
          show(kept);
          added++;
          await takeText(entries, run);
        }
        for (const run of runs.list.value) {
          const other = run.counterpart && renamed.get(run.counterpart);
          if (other && [...renamed.values()].includes(run.id)) show(await shelf.change(run.id, { counterpart: other }));
        }
        announce();
        store.notice.value = {
          kind: 'note',
          message: `${count(added, 'run')} came with ${isolated(name)}: they are in the list of runs.`,
          reason: 'session_taken',
          fields: { name, added },
        };
      } catch (error) {
        const sofar = added > 0 ? ` ${count(added, 'run')} could be taken in.` : ' Nothing was changed.';
        if (isFull(error)) runs.problem.value = savingProblem(error, 'the rest of this session is');
        else if (error instanceof FormatError)
          store.notice.value = {
            kind: 'problem',
            message: `${isolated(name)}: ${error.message}${sofar}`,
            reason: error.reason,
            fields: { ...error.fields, name, added },
          };
        else throw error;
      }
    },
  };
}
