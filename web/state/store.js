/** All that the page knows, as signals. Actions change it; components read it. */

import { computed, signal } from '@preact/signals';
import { hasOneHead } from '../../wasm/engine/kinds.js';
import { clusters } from '../format/bytes.js';
import { findAll } from '../traces/search.js';
import { tokenEnds } from '../traces/spans.js';
import { pageOf } from '../traces/text_page.js';
import { figures } from '../traces/trace.js';
import { emptyCurves } from './curves.js';
import { FIRST_FIGURES } from './figure_address.js';
import { DEFAULT_LENGTH } from './passage.js';
import { createRunSignals } from './runs/signals.js';

/** @typedef {import('../../wasm/engine/settings.js').Settings} Settings */
/** @typedef {import('../../wasm/engine/protocol.js').Progress} Progress */
/** @typedef {import('../../wasm/engine/protocol.js').Validation} Validation */
/** @typedef {import('../../wasm/engine/protocol.js').Dataset} Dataset */
/** @typedef {import('../../wasm/engine/protocol.js').Opened} Opened */
/** @typedef {import('../traces/spans.js').Place} Place */

/** @typedef {import('./text.js').Text} Text */
/** @typedef {import('../../wasm/engine/protocol.js').StopReason} StopReason */
/** Where a model's weights are from. @typedef {'example'|'fresh'|'file'} Origin */
/** The open model. @typedef {Omit<Opened, 'type'|'run'|'program'|'notes'|'trading'> & {origin: Origin, name: string,
 *   route: import('../../wasm/engine/rerouting.js').Route}} Model */
/**
 * Something the reader should know. `reason`: a code for what it is about, which stays when the message is reworded;
 * `fields`: what it mentions.
 * @typedef {{kind: 'problem'|'note', message: string, reason: string, fields?: Record<string, unknown>}} Notice
 */
/** A question before something is thrown away. @typedef {{message: string, action: string, proceed: () => void}} Question */
/**
 * The passage that is drawn: of the text's held-out end, of the whole text, or the reader's own. `written`: the bytes of
 * `own` where these are what the model wrote, or a stretch of a file, and may not be valid UTF-8.
 * @typedef {{start: number, length: number, own: string|null, written: Uint8Array|null, of: 'held-out'|'text'}} Passage
 */
/** What of the passage can be read as lines: all of a short one, else some pages. @typedef {{from: number, to: number, clusters: import('../format/bytes.js').Cluster[]}} Lines */
/** @typedef {{prompt: string, temperature: number, top_k: number, max_new_bytes: number, stop_at_eos: boolean, seed: number}} GenerationSettings */
/**
 * What was written. Arrays are longer than `count` and grow.
 * @typedef {{id: number, prompt: string, bytes: Uint8Array, borders: Uint8Array, count: number, running: boolean,
 *   reason: string|null, bytesPerSecond: number}} Generation
 */
/**
 * What the explanation's figures show, as far as the address says: the chosen part of the model, bytes that the loop has
 * read, thresholds for bytes and for the levels above, or null for the trained ones.
 * @typedef {{part: string|null, read: number|null, rule: number[]|null}} FigureView
 */

/** Pixels that the first view is made for until the strip says how wide it is. */
const USUAL_WIDTH = 900;

/**
 * @param {{settings: Settings, theme: 'light'|'dark', passage?: Partial<Passage>, figureView?: FigureView}} initial
 */
export function createStore({ settings, theme, passage = {}, figureView = FIRST_FIGURES }) {
  const store = {
    theme: signal(theme),
    notice: signal(/** @type {Notice|null} */ (null)),
    question: signal(/** @type {Question|null} */ (null)),
    /** One sentence for screen readers. */
    announcement: signal(''),

    /** For the next start. */
    settings: signal(settings),
    /** What was typed and is not valid, by setting. */
    invalid: signal(/** @type {Record<string, {raw: string, error: string}>} */ ({})),
    /** Whether the next start goes on from the weights that are open. */
    continueWeights: signal(false),

    text: signal(/** @type {Text|null} */ (null)),
    /** Chosen while training went on; the next start takes it. */
    nextText: signal(/** @type {Text|null} */ (null)),
    /** The beginning of the first text's held-out part, until the text itself is there. */
    beginning: signal(/** @type {Uint8Array|null} */ (null)),
    loadingText: signal(/** @type {string|null} */ (null)),
    /** How far that is: bytes read, and of how many, where that is known. */
    loaded: signal(/** @type {{bytes: number, total: number}|null} */ (null)),
    /** Bytes that came when WikiText-103 was fetched last, and for how many of its documents. */
    fetched: signal(/** @type {{documents: number, heldOutDocuments: number, bytes: number}|null} */ (null)),
    /** Files that wait for a choice of the reader: which field, which encoding. */
    intake: signal(/** @type {import('./intake.js').Waiting|null} */ (null)),
    dataset: signal(/** @type {Dataset|null} */ (null)),

    model: signal(/** @type {Model|null} */ (null)),
    /** Whether a model is being opened or a text handed over. */
    busy: signal(false),
    state: signal(/** @type {'idle'|'training'|'paused'|'finished'} */ ('idle')),
    /** Whether training was asked for and has not begun yet. */
    starting: signal(false),
    /** Whether `stop` was asked for and its last evaluation is still to come. */
    stopping: signal(false),
    /** What the reader asked of training last, unless it paused since. @type {'train'|'stop'|null} */
    intent: null,
    step: signal(0),
    /** The latest step that the worker reported, even if no frame has shown it yet. */
    reached: 0,
    /** Steps that the weights had when this run began. */
    firstStep: 0,
    /** The step whose weights were downloaded last. */
    savedStep: signal(0),
    runs: createRunSignals(),
    progress: signal(/** @type {Progress|null} */ (null)),
    validation: signal(/** @type {Validation|null} */ (null)),
    curves: emptyCurves(),
    curvesVersion: signal(0),
    /** Why the run ended. */
    ended: signal(/** @type {StopReason|null} */ (null)),
    /** The settings that training was last given. */
    ranWith: signal(/** @type {Settings|null} */ (null)),
    /** What the model wrote on the way, by step. */
    samples: signal(/** @type {readonly import('./samples.js').Sample[]} */ ([])),

    passage: signal(
      /** @type {Passage} */ ({
        start: 0,
        length: DEFAULT_LENGTH,
        own: null,
        written: null,
        of: 'held-out',
        ...passage,
      }),
    ),
    /** Bytes of the passage that the strip shows; null for its beginning. */
    view: signal(/** @type {import('../traces/axis.js').Window|null} */ (null)),
    /** Pixels that the strip has for bytes: how many its beginning shows. */
    stripWidth: signal(USUAL_WIDTH),
    /** Where jumps started from, the last one last. */
    former: signal(/** @type {import('../traces/axis.js').Window[]} */ ([])),
    /** Levels whose strips are folded away. */
    folded: signal(/** @type {number[]} */ ([])),
    /** What is searched for, and which hit the reader went to. */
    find: signal(''),
    hit: signal(-1),
    /** Chosen thresholds, or null for the trained ones. */
    thresholds: signal(/** @type {number[]|null} */ (null)),
    trace: signal(/** @type {import('../traces/trace.js').Trace|null} */ (null)),
    /** What the shown text costs with the trained thresholds, where that is known. */
    trained: signal(/** @type {{text: Uint8Array, decoderBpb: number}|null} */ (null)),
    /** Thresholds to which training has steered, where it does. */
    steered: signal(/** @type {number[]|null} */ (null)),
    /** What the shown text costs, as far as it was traced last. */
    cost: signal(/** @type {{encoderBpb: number, decoderBpb: number}|null} */ (null)),
    /** Names of parts that the reader opened, as Fold.jsx has them. */
    opened: /** @type {Set<string>} */ (new Set()),
    /** Counts answers to `predictionsAt` that came later (see windows.js). */
    windowsVersion: signal(0),
    /** Why there is no trace. */
    traceProblem: signal(/** @type {string|null} */ (null)),
    hovered: signal(/** @type {Place|null} */ (null)),
    selected: signal(/** @type {Place|null} */ (null)),
    /** The lane of the hierarchy that the explanation speaks of, until the reader points at something. */
    lane: signal(/** @type {{kind: 'spans'|'sum'|'entropy'|'text', level: number}|null} */ (null)),
    figureView: signal(/** @type {FigureView} */ (figureView)),

    /** A newer version of the page that waits to take over. */
    update: signal(/** @type {ServiceWorker|null} */ (null)),

    generationSettings: signal(
      /** @type {GenerationSettings} */ ({
        prompt: '',
        temperature: settings.temperature,
        top_k: settings.top_k,
        max_new_bytes: settings.max_new_bytes,
        // Windows end with the symbol, so that stopping at it would make most texts very short.
        stop_at_eos: false,
        seed: settings.seed,
      }),
    ),
    generation: signal(/** @type {Generation|null} */ (null)),
  };
  /** What is drawn: the trace, and where its tokens end. */
  const reading = computed(() => {
    const trace = store.trace.value;
    return trace && { trace, ends: tokenEnds(trace) };
  });
  const shownText = computed(() => store.trace.value?.text ?? null);
  const place = computed(() => {
    const view = store.view.value;
    const text = shownText.value;
    if (!text) return null;
    const { from, to } = pageOf(text, view ? view.from + view.span / 2 : 0);
    return `${from} ${to}`;
  });
  const lines = computed(() => {
    const [text, at] = [shownText.value, place.value];
    if (!text || at === null) return null;
    const [from, to] = at.split(' ').map(Number);
    return /** @type {Lines} */ ({ from, to, clusters: clusters(text, from, to) });
  });
  return {
    ...store,
    reading,
    lines,
    hits: computed(() => findAll(shownText.value ?? new Uint8Array(), store.find.value)),
    /** Whether the open model predicts each byte once. */
    oneHead: computed(() => {
      const model = store.model.value;
      return model !== null && hasOneHead(model.settings);
    }),
    /** Levels of the open model that put borders. */
    borderLevels: computed(() => {
      return store.model.value?.levels.length ?? 0;
    }),
    /** Whether the open model's borders look at the byte that is to be predicted. */
    leaks: computed(() => {
      return store.model.value?.levels.some(({ leaks }) => leaks) ?? false;
    }),
    /** Trained steps that neither a download nor the browser holds. */
    unsaved: computed(() => Math.max(0, store.step.value - Math.max(store.savedStep.value, store.runs.keptStep.value))),
    /** Tokens as drawn; bits as far as they were traced last, while new borders are still being traced. */
    figures: computed(() => {
      const trace = store.trace.value;
      if (!trace || trace.count === 0) return null;
      const now = figures(trace);
      return trace.done ? now : { ...now, ...store.cost.value };
    }),
    /** What is pointed at, as far as the present trace has it. */
    pointed: computed(() => {
      const trace = store.trace.value;
      const place = store.hovered.value ?? store.selected.value;
      if (!trace || !place) return null;
      const most = place.level === 0 ? trace.count : (trace.levels[place.level]?.count ?? 0);
      return place.index < most ? place : null;
    }),
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
