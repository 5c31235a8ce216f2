/** Ties store, worker and actions together, and keeps address and window in step with them. */
import { effect, untracked } from '@preact/signals';
import { readAddress, writeAddress } from './address.js';
import { canBeginEarly, showEarly } from './beginning.js';
import { createEditingActions } from './editing.js';
import { hideParts, readEmbed, withKept } from './embed.js';
import { createEngine } from './engine.js';
import { DEFAULT_LENGTH, MOST_PASSAGE } from './passage.js';
import { createStore } from './store.js';
import { fetchBytes, hasFile, SINGLE_FILE } from './surroundings.js';
import { createTextActions, FIRST_SAMPLE, SAMPLES, sampleFile } from './texts.js';
import { applyTheme, followSystem, initialTheme, rememberTheme } from './theme.js';
import { createViewActions, restoreView, viewOf } from './view.js';
import { createWindows } from './windows.js';

/** Milliseconds that the address waits for the settings to come to rest. */
const SETTLE = 300;
const FIRST_PROMPT = 'The sea ';

/** @param {Uint8Array} bytes @param {string} name */
function download(bytes, name) {
  const url = URL.createObjectURL(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** The page's state with all that can be done to it; one to a page. */
export function createApp() {
  const { settings, view, errors } = readAddress(location.search);
  const embed = readEmbed(location.search);
  errors.push(...embed.errors);
  const store = createStore({
    settings,
    theme: embed.theme ?? initialTheme(),
    figureView: view.figures,
    passage: {
      start: view.at ?? 0,
      length: view.bytes ? Math.max(1, Math.min(MOST_PASSAGE, view.bytes)) : DEFAULT_LENGTH,
      of: view.of ?? 'held-out',
    },
  });
  restoreView(store, view);
  if (view.text && !Object.hasOwn(SAMPLES, view.text))
    errors.push('The address names a sample text that does not exist.');
  store.generationSettings.value = { ...store.generationSettings.value, prompt: FIRST_PROMPT };

  /** @param {string} id */
  const fetchSample = (id) => fetchBytes(sampleFile(id));
  const { client, tracing, generation, runs, models } = createEngine(store, {
    fetchSample,
    fetchExample: () => fetchBytes('samples/example.safetensors'),
    download,
  });
  const { predictionsAt } = createWindows(store, client, tracing.renew);
  const texts = createTextActions(store, {
    handText: models.handText,
    openWeights: models.openWeights,
    fetchSample,
  });

  /** @param {import('./theme.js').Theme} theme */
  function setTheme(theme) {
    // First the style sheet: what draws on canvas reads its colours when the signal changes.
    applyTheme(theme);
    store.theme.value = theme;
  }

  const actions = {
    download,
    ...models,
    ...texts,
    ...generation,
    ...createEditingActions(store),
    /** @param {Iterable<File>} files */
    useFiles: (files) => runs.useFiles(files, texts.useFiles),
    ...createViewActions(store),
    predictionsAt,
    toggleTheme() {
      const theme = store.theme.value === 'dark' ? 'light' : 'dark';
      rememberTheme(theme);
      setTheme(theme);
    },
    async takeUpdate() {
      (await import('./offline.js')).takeUpdate(store);
    },
    dismissNotice() {
      store.notice.value = null;
    },
    /** @param {boolean} yes */
    answerQuestion(yes) {
      const question = store.question.value;
      store.question.value = null;
      if (yes) question?.proceed();
    },
  };

  const tools = { fetchBytes, hasFile };

  async function begin() {
    setTheme(store.theme.value);
    if (embed.theme === null) followSystem(setTheme);
    hideParts(embed.hidden);
    keepAddress(store, embed.kept);
    keepWarning(store);
    // Whatever changes what is drawn asks for a new trace.
    effect(() => {
      store.passage.value;
      store.thresholds.value;
      store.text.value;
      store.beginning.value;
      untracked(tracing.refresh);
    });
    const sample = view.text && Object.hasOwn(SAMPLES, view.text) ? view.text : FIRST_SAMPLE;
    client.warm();
    const opened = models.openExample();
    if (canBeginEarly(store, sample)) await showEarly(store, sample);
    // The text may come before or after the model; whoever is last hands it over.
    await Promise.all([texts.useSample(sample), opened]);
    // Thresholds belong to a model, so they come after it.
    if (view.thresholds?.length === store.borderLevels.value) store.thresholds.value = view.thresholds;
    // Said last: a text that is taken clears what was said before.
    if (errors.length > 0) store.notice.value = { kind: 'problem', message: errors.join(' '), reason: 'address' };
    // Without it training works all the same, and says that nothing is kept.
    runs.load().catch(() => {});
    keepPage(store);
  }

  return {
    store,
    actions,
    begin,
    /** The runs that are kept; their code comes after the first drawing. */
    loadRuns: runs.load,
    runs: runs.actions,
    /** What the explanation's figures know; its code comes when it is used. */
    figures: async () => (await import('./figures.js')).createFigures(store, client),
    /** What the settings cost; likewise. */
    estimating: async () => (await import('./estimating.js')).createEstimating(store, client),
    /**
     * Compressing files.
     * @template T
     * @param {(parts: {weights: () => Promise<Uint8Array>, download: typeof download}) => T} create
     * @returns {T}
     */
    packing: (create) => create({ weights: async () => (await client.export(false)).bytes, download }),
    /** What is measured over the shown text; likewise. */
    measuring: async () => (await import('./measuring.js')).createMeasuring(store, client, tools),
  };
}

/** @typedef {ReturnType<typeof createApp>} App */

/** Settings and view in the address. @param {import('./store.js').Store} store @param {string} kept  to stay in it */
function keepAddress(store, kept) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  effect(() => {
    const query = withKept(
      writeAddress(store.settings.value, { ...viewOf(store), figures: store.figureView.value }),
      kept,
    );
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (query === location.search) return;
      try {
        history.replaceState(null, '', `${location.pathname}${query}${location.hash}`);
      } catch {
        // Some browsers let a page on disk keep its address.
      }
    }, SETTLE);
  });
}

/** Makes the browser keep the built page for when there is no network. @param {import('./store.js').Store} store */
async function keepPage(store) {
  if (SINGLE_FILE || !import.meta.env.PROD) return;
  // A browser that keeps nothing shows the page all the same.
  await import('./offline.js').then(({ keepOffline }) => keepOffline(store)).catch(() => {});
}

/** Asks before the window closes on training that the browser does not keep. @param {import('./store.js').Store} store */
function keepWarning(store) {
  /** @param {BeforeUnloadEvent} event */
  const warn = (event) => event.preventDefault();
  effect(() => {
    const begun = store.unsaved.value > 0 || store.state.value === 'training';
    if (begun && !store.runs.safe.value) window.addEventListener('beforeunload', warn);
    else window.removeEventListener('beforeunload', warn);
  });
}
