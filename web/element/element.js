/**
 * `<border-hierarchy>`: a text as a model carves it, in anybody's page.
 *
 *   <script type="module" src="border-hierarchy.js"></script>
 *   <border-hierarchy theme="light" height="300">Any text.</border-hierarchy>
 *
 * Attributes are in attributes.js; each is a property too, and so are `weights`, `run`, `trace` and `selected`. Events: `ready` (drawn for
 * the first time), `trace` (read; its `detail` has bytes, tokens a level, bits a byte), `select` (`detail`: level, index,
 * bytes `from` to `to`, text; or null), `error` (`detail.message`).
 */
import { effect } from '@preact/signals';
import { defaults } from '../../wasm/engine/settings.js';
import { decoded } from '../format/bytes.js';
import { sentence } from '../hierarchy/describe.js';
import { createView } from '../hierarchy/reading_view.js';
import { createStore } from '../state/store.js';
import hierarchyStyles from '../styles/hierarchy.css?inline';
import tokenStyles from '../styles/tokens.css?inline';
import { firstByte, lastByte } from '../traces/spans.js';
import { figures } from '../traces/trace.js';
import { bytesToRead, foldedBy, readAttributes } from './attributes.js';
import { figuresLine } from './captions.js';
import elementStyles from './element.css?inline';
import { follow, readRun } from './following.js';
import { joinReader, readShared } from './shared_reader.js';
import { ElementError, textFor, textInside, weightsFor } from './sources.js';
import { followTheme, themeAround } from './theme.js';

// What run.js takes from this script.
/** @internal */
export { PRESETS } from '../../wasm/engine/presets.js';
export { defaults } from '../../wasm/engine/settings.js';
/** @internal */
export { createClient } from '../state/client.js';
/** @internal */
export { spawnWorker } from '../state/surroundings.js';
/** @internal */
export { fetchBytes } from './sources.js';

/** @typedef {import('../traces/spans.js').Place} Place */
/** @typedef {import('../traces/trace.js').Trace} Trace */
/** @typedef {import('../../wasm/library/training_run.js').TrainingRun} TrainingRun */

const NAME = 'border-hierarchy';
const ATTRIBUTES = /** @type {const} */ ([
  'checkpoint',
  'text',
  'src',
  'levels',
  'shows',
  'thresholds',
  'theme',
  'height',
  'interactive',
]);
/** What a property may be set to; read, it is the attribute's text. @typedef {string|number|boolean|readonly number[]|null} Attribute */
/** Attributes whose change takes another reading. */
const READ_AGAIN = new Set(['checkpoint', 'text', 'src', 'thresholds']);
/** How far outside the window an element begins to read. */
const MARGIN = '400px';

/** All elements share them. @type {CSSStyleSheet|undefined} */
let styles;

/** Gives an element its styles. @param {ShadowRoot} shadow */
function addStyles(shadow) {
  // Names of colours and sizes stay inside.
  const rules = () => tokenStyles.replaceAll(':root', '.root') + hierarchyStyles + elementStyles;
  if (!('adoptedStyleSheets' in shadow)) {
    /** @type {Element} */ (shadow).append(make('style', {}, [new Text(rules())]));
    return;
  }
  if (!styles) {
    styles = new CSSStyleSheet();
    styles.replaceSync(rules());
  }
  shadow.adoptedStyleSheets = [styles];
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, string>} [attributes]
 * @param {Node[]} [children]
 */
function make(name, attributes = {}, children = []) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** With its attributes as properties, which are made below. */
const Base = /** @type {new () => HTMLElement & Record<typeof ATTRIBUTES[number], Attribute>} */ (HTMLElement);

export class BorderHierarchy extends Base {
  static observedAttributes = ATTRIBUTES;

  #store = createStore({ settings: defaults(), theme: 'light' });
  #canvas = make('canvas', { 'data-version': '0' });
  #spacer = make('div', {}, [this.#canvas]);
  #scroller = make('div', { class: 'sheet recorder scroller', part: 'drawing' }, [this.#spacer]);
  #drawing = make('div', { class: 'drawing', hidden: '' }, [this.#scroller]);
  #figures = make('p', { class: 'figures', part: 'figures', hidden: '' });
  #says = make('p', { class: 'says', part: 'says', hidden: '' });
  #problem = make('p', { class: 'problem', part: 'problem', role: 'alert', hidden: '' });
  #plain = make('div', { class: 'plain' }, [make('slot')]);
  #root = make('div', { class: 'root' }, [this.#plain, this.#drawing, this.#figures, this.#says, this.#problem]);
  #options = readAttributes(() => null);
  /** @type {Uint8Array|ArrayBuffer|Blob|null} */
  #weights = null;
  /** @type {TrainingRun|null} */
  #run = null;
  /** @type {ReturnType<typeof follow>|null} */
  #following = null;
  /** The whole trace, of which fewer levels may be drawn. @type {Trace|null} */
  #trace = null;
  /** Counts readings; only the latest matters. */
  #reading = 0;
  #near = false;
  #ready = false;
  #changed = false;
  /** What ends when the element leaves the page. @type {(() => void)[]} */
  #endings = [];

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: 'open' });
    addStyles(shadow);
    shadow.append(this.#root);
  }

  connectedCallback() {
    const sight = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        sight.disconnect();
        this.#near = true;
        if (!this.#run) this.#readSoon();
      },
      { rootMargin: MARGIN },
    );
    this.#endings.push(
      () => sight.disconnect(),
      joinReader(),
      followTheme(() => this.#restyle()),
    );
    this.#options = readAttributes((name) => this.getAttribute(name));
    this.#restyle();
    sight.observe(this);
    this.#follow();
    // Of a run that is over, shows what was drawn last.
    if (this.#run) this.#show();
  }

  disconnectedCallback() {
    this.#reading++;
    this.#near = false;
    this.#following?.end();
    this.#following = null;
    for (const end of this.#endings.splice(0)) end();
    this.#plain.hidden = false;
    this.#drawing.hidden = true;
    this.#restyle();
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!this.isConnected) return;
    this.#options = readAttributes((attribute) => this.getAttribute(attribute));
    this.#restyle();
    if (READ_AGAIN.has(name)) this.#readSoon();
    else if (name === 'levels' || name === 'shows') this.#show();
  }

  /** What was read last, with all levels; null before. @returns {Trace|null} */
  get trace() {
    return this.#trace;
  }

  /** What is chosen: a byte (level 0) or a token. @returns {Place|null} */
  get selected() {
    return this.#store.selected.value;
  }

  set selected(place) {
    this.#store.selected.value = place;
  }

  /** Weights that are handed over as a file's bytes; they come before the address. @returns {Uint8Array|ArrayBuffer|Blob|null} */
  get weights() {
    return this.#weights;
  }

  set weights(file) {
    this.#weights = file ?? null;
    this.#readSoon();
  }

  /** A training run that it follows, instead of reading with weights that stay the same. @returns {TrainingRun|null} */
  get run() {
    return this.#run;
  }

  set run(run) {
    if (run === this.#run) return;
    this.#run = run ?? null;
    this.#reading++;
    this.#follow();
    this.#readSoon();
  }

  /** Whether it draws nothing before it has a run. */
  get #waits() {
    return !this.#run && this.hasAttribute('run');
  }

  /** Follows the run, where there is one, and no other. */
  #follow() {
    this.#following?.end();
    const run = this.isConnected ? this.#run : null;
    this.#following = run && follow(run, this, () => this.#read());
    this.#tell();
  }

  /** Several attributes may change at once. */
  #readSoon() {
    if (this.#following) {
      this.#following.again();
      return;
    }
    if (this.#changed || !this.#near || this.#waits) return;
    this.#changed = true;
    queueMicrotask(() => {
      this.#changed = false;
      if (this.isConnected) this.#read();
    });
  }

  async #read() {
    const { checkpoint, thresholds, problems } = this.#options;
    const mine = ++this.#reading;
    const wanted = () => mine === this.#reading;
    if (problems.length > 0) return this.#fail(problems.join(' '), 'attributes');
    const run = this.#run;
    if (run?.problem) {
      this.#tell();
      return this.#fail(run.problem, 'run');
    }
    try {
      const weights = weightsFor(this, checkpoint, this.#weights);
      const text = this.#same(bytesToRead(await textFor(this, this.#options)));
      if (!wanted()) return;
      if (text.length === 0) return this.#fail('There is no text to read: put some into the element.', 'empty_text');
      const trace = run
        ? await readRun(run, text, thresholds, wanted)
        : await readShared({ weights, text, thresholds, wanted });
      if (!trace || !wanted()) return;
      this.#trace = trace;
      this.#problem.hidden = true;
      this.#show();
      this.#emit('trace', figures(trace));
      requestAnimationFrame(() => {
        if (!this.#ready && wanted()) this.#emit('ready');
        this.#ready = true;
      });
    } catch (error) {
      if (!wanted()) return;
      if (error instanceof ElementError) return this.#fail(error.message, error.reason);
      this.#fail('The text could not be read: reload the page.', 'unknown');
      throw error;
    }
  }

  /** @param {Uint8Array} text @returns {Uint8Array} the one that is drawn, where it is equal: it need not appear anew */
  #same(text) {
    const drawn = this.#trace?.text;
    return drawn && drawn.length === text.length && drawn.every((byte, i) => byte === text[i]) ? drawn : text;
  }

  /** How far the run is, and what the text costs, where either is to be said. */
  #tell() {
    const words = figuresLine(this.#run, this.#trace && figures(this.#trace), this.#options.shows?.length === 0);
    // Spoken once it is over: until then it changes all the time.
    this.#figures.role = this.#run?.state === 'ended' ? 'status' : null;
    this.#figures.textContent = words;
    this.#figures.hidden = words === '';
  }

  /** Draws the trace with as many levels as the attributes say. */
  #show() {
    const trace = this.#trace;
    this.#tell();
    if (!trace) return;
    const levels = trace.levels.slice(0, this.#options.levels ?? trace.levels.length);
    if (this.#store.trace.value?.text !== trace.text) this.#store.selected.value = null;
    this.#store.folded.value = foldedBy(this.#options.shows, levels.length);
    this.#store.trace.value = { ...trace, levels };
    if (!this.#drawing.hidden) return;
    this.#plain.hidden = true;
    this.#drawing.hidden = false;
    this.#restyle();
    const parts = { scroller: this.#scroller, spacer: this.#spacer, canvas: this.#canvas };
    const all = { reveal: () => {}, shownWindow: () => ({ from: 0, span: trace.text.length }) };
    this.#endings.push(createView(parts, this.#store, all), this.#speak());
  }

  /** Keeps what is said of the chosen place up to date. @returns {() => void} ends it */
  #speak() {
    /** @type {Place|null} */
    let before = null;
    const stopWords = effect(() => {
      const { reading, pointed } = this.#store;
      const [passage, place] = [reading.value, pointed.value];
      const words = passage && place ? sentence(passage, place) : 'Point at a letter or a span, or use the arrow keys.';
      this.#says.textContent = words;
      if (this.#scroller.role !== 'slider') return;
      this.#scroller.ariaValueText = words;
      this.#scroller.ariaValueMax = String(Math.max(0, (passage?.trace.count ?? 1) - 1));
      this.#scroller.ariaValueNow = String(passage && place ? firstByte(passage.ends, place) : 0);
    });
    const stopEvents = effect(() => {
      const place = this.#store.selected.value;
      if (place === before) return;
      before = place;
      this.#emit('select', place && this.#detail(place));
    });
    return () => {
      stopWords();
      stopEvents();
    };
  }

  /** @param {Place} place */
  #detail(place) {
    const passage = this.#store.reading.peek();
    if (!passage) return null;
    const [from, to] = [firstByte(passage.ends, place), lastByte(passage.ends, place) + 1];
    return { ...place, from, to, text: decoded(passage.trace.text.subarray(from, to)) };
  }

  /** Theme, height, and whether it can be pointed at: what needs no reading. */
  #restyle() {
    const { theme, height, interactive } = this.#options;
    const shown = theme ?? themeAround(this);
    this.#root.dataset.theme = shown;
    this.#store.theme.value = shown;
    this.#scroller.style.setProperty('--most', height === null ? 'none' : `${height}px`);
    this.#drawing.classList.toggle('still', !interactive);
    this.#says.hidden = !interactive || this.#drawing.hidden;
    const label = 'Hierarchy of a text.';
    this.#scroller.role = interactive ? 'slider' : 'img';
    this.#scroller.ariaLabel = interactive
      ? `${label} Left and right walk along it, up and down between levels.`
      : `${label} The text: ${(this.#options.text ?? textInside(this)).trim().slice(0, 400)}`;
    this.#scroller.ariaValueMin = interactive ? '0' : null;
    if (!interactive) this.#scroller.ariaValueMax = this.#scroller.ariaValueNow = this.#scroller.ariaValueText = null;
    if (interactive) this.#scroller.tabIndex = 0;
    else this.#scroller.removeAttribute('tabindex');
  }

  /** @param {string} message @param {string} reason */
  #fail(message, reason) {
    this.#problem.textContent = message;
    this.#problem.dataset.reason = reason;
    this.#problem.hidden = false;
    this.#emit('error', { message, reason });
  }

  /** @param {string} type @param {unknown} [detail] */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// Attributes as properties.
for (const name of ATTRIBUTES) {
  Object.defineProperty(BorderHierarchy.prototype, name, {
    configurable: true,
    enumerable: true,
    /** @this {BorderHierarchy} */
    get() {
      return this.getAttribute(name);
    },
    /** @this {BorderHierarchy} @param {unknown} value */
    set(value) {
      if (value === null || value === undefined) this.removeAttribute(name);
      else this.setAttribute(name, Array.isArray(value) ? value.join(', ') : String(value));
    },
  });
}

if (!customElements.get(NAME)) customElements.define(NAME, BorderHierarchy);
