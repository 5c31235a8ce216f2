/**
 * Runs in a database. Weights lie in two slots a run: new ones go where the older ones are, so that complete ones are
 * there at any time, and are checked against a digest when they are read. A run has an owner, the tab that may write it;
 * a tab that lost it to another can't overwrite what that one writes. Storage may go away and come back empty: what a tab
 * has open is then to be added again.
 */
import { isolated } from '../../../wasm/files/formats/names.js';
import { digestOf } from '../../storage/digest.js';
import { textOfBlob } from '../text.js';
import { readPoints } from './points.js';
import { readRun } from './record.js';

/** @typedef {import('../../storage/database.js').Database} Database */
/** @typedef {import('../../storage/database.js').Transaction} Transaction */
/** @typedef {import('./record.js').Run} Run */
/** @typedef {import('./record.js').Saved} Saved */
/** @typedef {import('./points.js').Points} Points */
/** Weights to be kept, and the training that they are from. @typedef {{bytes: Uint8Array, step: number, elapsedMs: number}} Weights */

/** The run belongs to another tab by now, or was deleted there. */
export class TakenError extends Error {
  /** @param {string} name */
  constructor(name) {
    super(`“${isolated(name)}” was taken over by another tab, or deleted there.`);
    this.name = 'TakenError';
  }
}

/** The run was in the storage, which went away since, and came back without it. */
export class GoneError extends Error {
  constructor() {
    super('The run is not kept any more.');
    this.name = 'GoneError';
  }
}

/** @param {string} id @param {Saved} saved */
const slotKey = (id, { slot }) => `${id}/${slot}`;

/**
 * @param {Database} database
 * @param {string} owner  this tab
 */
export function createShelf(database, owner) {
  /** The opening of the database at which each of this tab's runs was last in it. @type {Map<string, number>} */
  const seen = new Map();

  /** @param {Transaction} tx @param {string} id @returns {Promise<Run>} the run, of which this tab is the owner */
  async function own(tx, id) {
    const kept = await tx.get('runs', id);
    if (kept === undefined && seen.has(id) && seen.get(id) !== database.opened) throw new GoneError();
    const run = readRun(kept);
    if (run?.owner !== owner) throw new TakenError(run?.name ?? 'This run');
    return run;
  }

  /**
   * Puts a run of this tab into the storage.
   * @template {Run|null} T
   * @param {import('../../storage/database.js').Table[]} tables  that are changed
   * @param {string} id
   * @param {(tx: Transaction) => Promise<T>} work
   * @returns {Promise<T>} what `work` makes of it
   */
  async function write(tables, id, work) {
    let at = 0;
    const kept = await database.transaction(tables, true, (tx) => {
      at = database.opened;
      return work(tx);
    });
    if (kept) seen.set(id, at);
    return kept;
  }

  /** @param {Transaction} tx @param {string} id */
  async function erase(tx, id) {
    await tx.remove('runs', id);
    await tx.remove('points', id);
    for (const slot of ['a', 'b']) await tx.remove('weights', `${id}/${slot}`);
  }

  return {
    lasting: database.lasting,

    /** @returns {Promise<{runs: Run[], damaged: string[]}>} latest first; keys of what can't be read */
    list() {
      return database.transaction(['runs'], false, async (tx) => {
        /** @type {Run[]} */
        const runs = [];
        const damaged = [];
        for (const key of await tx.keys('runs')) {
          const run = readRun(await tx.get('runs', key));
          if (run && run.id === key) runs.push(run);
          else damaged.push(key);
        }
        return { runs: runs.sort((a, b) => b.created - a.created), damaged };
      });
    },

    /** @param {Run} run  a new one @param {Points} points @returns {Promise<Run>} as it is kept */
    add(run, points) {
      const kept = { ...run, owner };
      return write(['runs', 'points'], run.id, async (tx) => {
        await tx.put('runs', run.id, kept);
        await tx.put('points', run.id, points);
        return kept;
      });
    },

    /** Makes this tab the owner. @param {string} id @returns {Promise<Run|null>} null where there is no such run */
    claim(id) {
      return write(['runs'], id, async (tx) => {
        const run = readRun(await tx.get('runs', id));
        if (!run) return null;
        const kept = { ...run, owner };
        await tx.put('runs', id, kept);
        return kept;
      });
    },

    /**
     * Changes a run, and with it, all or nothing, its points and weights.
     * @param {string} id
     * @param {Partial<Run>|(() => Partial<Run>)} changes  a function is asked as the change is made
     * @param {{points?: Points, weights?: Weights, last?: boolean}} [parts]  `last`: the weights before go as well
     * @returns {Promise<Run>} as it is kept
     * @throws {TakenError} where this tab is not its owner
     * @throws {GoneError} where the storage went away with it: it is to be added again
     */
    async change(id, changes, { points, weights, last = false } = {}) {
      const digest = weights ? await digestOf(weights.bytes) : '';
      return write(['runs', 'points', 'weights'], id, async (tx) => {
        const run = await own(tx, id);
        const wanted = typeof changes === 'function' ? changes() : changes;
        const next = { ...run, ...wanted, id, owner, updated: Date.now() };
        if (weights) {
          const { bytes, step, elapsedMs } = weights;
          /** @type {Saved} */
          const saved = {
            slot: run.saved?.slot === 'a' ? 'b' : 'a',
            step,
            elapsedMs,
            digest,
            bytes: bytes.length,
            at: next.updated,
          };
          await tx.put('weights', slotKey(id, saved), bytes);
          next.before = last ? null : run.saved;
          next.saved = saved;
          if (last && run.saved) await tx.remove('weights', slotKey(id, run.saved));
        }
        if (points) await tx.put('points', id, points);
        await tx.put('runs', id, next);
        return next;
      });
    },

    /** @param {string} id @returns {Promise<Points>} */
    async points(id) {
      return readPoints(await database.transaction(['points'], false, (tx) => tx.get('points', id)));
    },

    /**
     * The latest weights of a run that are intact.
     * @param {Run} run
     * @returns {Promise<{bytes: Uint8Array, saved: Saved}|null>}
     */
    async weights(run) {
      for (const saved of [run.saved, run.before]) {
        if (!saved) continue;
        const bytes = await database
          .transaction(['weights'], false, (tx) => tx.get('weights', slotKey(run.id, saved)))
          .catch(() => null);
        if (!(bytes instanceof Uint8Array) || bytes.length !== saved.bytes) continue;
        if ((await digestOf(bytes)) === saved.digest) return { bytes, saved };
      }
      return null;
    },

    /** Forgets runs for good. @param {string[]} ids */
    remove(ids) {
      return database.transaction(['runs', 'points', 'weights'], true, async (tx) => {
        for (const id of ids) await erase(tx, id);
      });
    },

    /** Whether a text is kept. @param {string} digest */
    async hasText(digest) {
      return (await database.transaction(['texts'], false, (tx) => tx.keys('texts'))).includes(digest);
    },
    /** @param {string} digest @param {import('../text.js').Text} text */
    keepText(digest, { name, bytes, blob }) {
      return database.transaction(['texts'], true, (tx) => tx.put('texts', digest, { name, bytes: blob ?? bytes }));
    },
    /** @param {string} digest @returns {Promise<import('../text.js').Text|null>} */
    async text(digest) {
      /** @type {any} */
      const kept = await database.transaction(['texts'], false, (tx) => tx.get('texts', digest));
      if (kept?.bytes instanceof Blob) return textOfBlob(String(kept.name), kept.bytes);
      return kept?.bytes instanceof Uint8Array ? { name: String(kept.name), bytes: kept.bytes } : null;
    },
    /** Forgets texts: all, or those that no run is trained on. @param {Iterable<string>} [needed]  digests */
    dropTexts(needed = []) {
      const keep = new Set(needed);
      return database.transaction(['texts'], true, async (tx) => {
        for (const digest of await tx.keys('texts')) if (!keep.has(digest)) await tx.remove('texts', digest);
      });
    },
  };
}

/** @typedef {ReturnType<typeof createShelf>} Shelf */
