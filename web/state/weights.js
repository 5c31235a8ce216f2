/** Actions on weights as files: open, download. */
import { isolated } from '../../wasm/files/formats/names.js';
import { integer } from '../format/numbers.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {import('./client.js').Client} Client */
/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */

const CHECKPOINT_NAME = /\.(safetensors|pt|pth)$/i;

/** @param {string} name @returns {boolean} whether a file's name is that of weights */
export function isCheckpoint(name) {
  return CHECKPOINT_NAME.test(name);
}

/**
 * @param {Store} store
 * @param {Client} client
 * @param {object} parts
 * @param {(settings: Settings, what: {origin: import('./store.js').Origin, name: string, checkpoint?: Uint8Array}) => Promise<string[]>} parts.open
 * @param {() => Promise<void>} parts.handText
 * @param {(work: () => Promise<void>) => Promise<boolean>} parts.attempt
 * @param {(action: string, proceed: () => void) => void} parts.unlessUnsaved
 * @param {(bytes: Uint8Array, name: string) => void} parts.download
 */
export function createWeightActions(store, client, { open, handText, attempt, unlessUnsaved, download }) {
  return {
    /**
     * Opens weights from a file.
     * @param {{name: string, arrayBuffer: () => Promise<ArrayBuffer>}} file
     */
    openWeights(file) {
      unlessUnsaved('Open these weights', () =>
        attempt(async () => {
          store.notice.value = null;
          let checkpoint;
          try {
            checkpoint = new Uint8Array(await file.arrayBuffer());
          } catch {
            store.notice.value = {
              kind: 'problem',
              message: `${isolated(file.name)} could not be read: choose it again.`,
              reason: 'unreadable',
            };
            return;
          }
          const notes = await open(store.settings.value, { origin: 'file', name: file.name, checkpoint });
          store.continueWeights.value = true;
          if (notes.length > 0)
            store.notice.value = {
              kind: 'note',
              message: `${isolated(file.name)}: ${notes.join(' ')}`,
              reason: 'taken_for_granted',
            };
          await handText();
        }),
      );
    },
    /** Saves the model as a file. @param {boolean} resumable  with what training needs to go on */
    async downloadWeights(resumable) {
      await attempt(async () => {
        const step = store.step.value;
        const { bytes, name } = await client.export(resumable);
        download(bytes, name);
        store.savedStep.value = Math.max(store.savedStep.value, step);
        store.announcement.value = `Weights of step ${integer(step)} downloaded.`;
      });
    },
  };
}
