/** Names in sentences: whatever a file or a run is called, the words around its name keep their order. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { defaults } from '../../wasm/engine/settings.js';
import { quoted } from '../../wasm/files/checkpoint/error.js';
import { fileNameOf, isolated } from '../../wasm/files/formats/names.js';
import { Intake } from '../../wasm/files/texts/intake.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { createPresets, parsePresets } from '../../web/state/presets.js';
import { createRunActions } from '../../web/state/runs/actions.js';
import { createRunsGate, INDEX } from '../../web/state/runs/gate.js';
import { askForText, createOpening, identityOf } from '../../web/state/runs/reopening.js';
import { TakenError } from '../../web/state/runs/shelf.js';
import { createStore } from '../../web/state/store.js';
import { createTextActions } from '../../web/state/texts.js';
import { createWeightActions } from '../../web/state/weights.js';
import { run } from './support/runs.js';
import { utf8 } from './traces.js';

const NAME = 'דוח (1)';
const ONE = `\u2068${NAME}\u2069`;

const newStore = () => createStore({ settings: defaults(), theme: 'light' });
/** @param {import('../../web/state/store.js').Store} store */
const noticeOf = (store) => store.notice.value?.message ?? '';
/** What a test does not need. @type {any} */
const none = {};

/** A file that can't be read. @param {string} name @param {Uint8Array[]} head */
function unreadable(name, head = []) {
  const file = new File(/** @type {BlobPart[]} */ (head), name);
  file.arrayBuffer = () => Promise.reject(new Error('gone'));
  return file;
}

/** All that the page says of runs, with a storage that has lost what it kept. */
function withRuns() {
  const store = newStore();
  const one = run({ name: NAME, text: { name: NAME, bytes: 9, digest: 'sha256:00' }, saved: none });
  store.runs.list.value = [one];
  const shelf = { text: async () => null, weights: async () => null };
  const parts = {
    fetchSample: none,
    startRun: none,
    unlessUnsaved: (/** @type {string} */ _, /** @type {any} */ go) => go(),
  };
  const tools = /** @type {any} */ ({
    shelf,
    parts,
    keeper: {},
    announce() {},
    take: async () => ({ run: one, release() {} }),
  });
  const opening = createOpening(store, tools);
  return { store, one, opening, actions: createRunActions(store, { ...tools, opening }) };
}

/** Sentences that name something, by their subject. @type {Record<string, () => Promise<string>|string>} */
const SENTENCES = {
  async 'weights that can’t be read'() {
    const store = newStore();
    const parts = { open: none, handText: none, download: none };
    const attempt = async (/** @type {() => Promise<void>} */ work) => work().then(() => true);
    /** @type {Promise<unknown>} */
    let opened = Promise.resolve();
    const unlessUnsaved = (/** @type {string} */ _, /** @type {() => any} */ go) => {
      opened = go();
    };
    createWeightActions(store, none, { ...parts, attempt, unlessUnsaved }).openWeights(unreadable(NAME));
    await opened;
    return noticeOf(store);
  },
  async 'weights among other files'() {
    const store = newStore();
    const files = [new File([], 'a.txt'), new File([], `${NAME}.pt`)];
    await createTextActions(store, { handText: none, fetchSample: none, openWeights() {} }).useFiles(files);
    return noticeOf(store).replace('.pt', '');
  },
  async 'a session that can’t be read'() {
    const store = newStore();
    const head = [new Uint8Array(30), utf8(INDEX)];
    const gate = createRunsGate(store, async () => none);
    await gate.useFiles([unreadable(`${NAME}.zip`, head)], () => assert.fail('it is one'));
    return noticeOf(store).replace('.zip', '');
  },
  async 'an empty file'() {
    const intake = new Intake();
    const refused = await intake.inspect([{ name: NAME, file: new Uint8Array() }]).catch((error) => error.message);
    return String(refused);
  },
  async 'a broken file'() {
    const intake = new Intake();
    const file = Uint8Array.of(0x1f, 0x8b, 8, 0, 0);
    const refused = await intake.inspect([{ name: NAME, file }]).catch((error) => error.message);
    return String(refused);
  },
  async 'a picture among texts'() {
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]);
    const found = await new Intake().inspect([
      { name: NAME, file: png },
      { name: 'a.txt', file: utf8('text') },
    ]);
    return found.left[0].why;
  },
  'a tensor'() {
    return quoted(NAME).replaceAll('"', '');
  },
  'a preset with a wrong value'() {
    const presets = { [NAME]: { hidden_size: -1 } };
    return parsePresets(JSON.stringify({ format: 'adaptive-compressor presets', presets })).errors[0];
  },
  'a run without its text'() {
    return askForText(run({ name: 'a', text: { name: NAME, bytes: 9, digest: '' } }));
  },
  'a run that another tab took'() {
    return new TakenError(NAME).message;
  },
  async 'a run whose weights are gone'() {
    const { store, one, opening } = withRuns();
    store.text.value = { name: NAME, bytes: new Uint8Array(9) };
    // The open text is the run's.
    one.text.digest = await identityOf(store.text.value);
    await opening.openAgain(one.id, false);
    return noticeOf(store);
  },
  async 'a run that is offered'() {
    const { store, one, opening } = withRuns();
    opening.makeOffer([one]);
    return store.announcement.value;
  },
  async 'a run whose settings are taken'() {
    const { store, one, actions } = withRuns();
    await actions.duplicate(one.id);
    return noticeOf(store);
  },
  async 'weights that are not kept'() {
    const { store, one, actions } = withRuns();
    await actions.exportRun(one.id, 'weights');
    return noticeOf(store);
  },
};

describe('a name in a sentence', () => {
  for (const [about, say] of Object.entries(SENTENCES)) {
    it(`is isolated: ${about}`, async () => {
      const sentence = await say();
      assert.ok(sentence.includes(ONE), JSON.stringify(sentence));
      assert.doesNotMatch(sentence.replaceAll(ONE, ''), /\p{Script=Hebrew}/u);
    });
  }

  it('is left as it is where everything runs from left to right', () => {
    for (const name of ['moby-dick.txt', 'Ünï–cödé “x”', '日本語.txt', 'डेटा', '']) assert.equal(isolated(name), name);
    for (const name of ['דוח', 'report تقرير.txt', '𐤀', 'a\u200f.txt'])
      assert.equal(isolated(name), `\u2068${name}\u2069`);
  });

  it('keeps its direction marks to itself', () => {
    assert.equal(isolated('a\u202egpj.exe\u2069\u2066'), 'agpj.exe');
    assert.equal(isolated('ד\u2069\n\u2029\u202bx'), '\u2068דx\u2069');
  });

  it('is isolated neither in file names nor in what is kept', () => {
    assert.equal(fileNameOf(NAME), 'דוח__1_');
    const kept = new Map();
    const presets = createPresets(newStore(), { getItem: () => null, setItem: (key, value) => kept.set(key, value) });
    assert.ok(presets.save(NAME));
    assert.deepEqual(Object.keys(JSON.parse(kept.get('presets'))), [NAME]);
  });

  it('is never put into a sentence bare', () => {
    const bare = /“\$?\{(?!isolated\()[^}]*\}”|\$\{(?:\w+\.)*name\}(?::| [a-z’]+ [a-z])/g;
    const folders = ['web/state', 'web/components/data', 'web/components/runs', 'web/explorer', 'wasm/files/texts'];
    const found = folders.flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        // In address.js, the names are those of settings.
        .filter((file) => /\.jsx?$/.test(file) && file !== 'address.js')
        .flatMap((file) =>
          [...readFileSync(path.join(ROOT, folder, file), 'utf8').matchAll(bare)].map(
            ([place]) => `${folder}/${file}: ${place}`,
          ),
        ),
    );
    assert.deepEqual(found, []);
  });
});
