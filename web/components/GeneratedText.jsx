/** Written text as it arrives. Nodes are only ever appended, so that long texts stay quick. */
import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { runsOf } from '../format/stream.js';
import { levelVariable } from '../hierarchy/palette.js';
import { useApp } from './context.js';

/** @param {import('../format/stream.js').Run} run @returns {Node} */
function nodeOf(run) {
  if (run.kind === 'text') return document.createTextNode(run.text);
  const element = document.createElement('span');
  if (run.kind === 'border') {
    element.className = 'tick';
    element.style.setProperty('--levels', String(run.levels));
    element.style.setProperty('--colour', levelVariable(run.levels));
  } else {
    // The sign is seen; what is copied is the text.
    element.className = run.kind;
    element.dataset.sign = run.sign;
    element.textContent = run.text;
  }
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {import('../state/store.js').Store} store
 * @returns {() => void} ends it
 */
function follow(element, store) {
  let id = 0;
  let next = 0;
  let frame = 0;
  const caret = document.createElement('span');
  caret.className = 'caret';

  /** @param {import('../state/store.js').Generation} generation */
  function begin(generation) {
    id = generation.id;
    next = 0;
    const prompt = document.createElement('span');
    prompt.className = 'prompt';
    prompt.textContent = generation.prompt;
    element.replaceChildren(prompt);
  }

  function show() {
    frame = 0;
    const generation = store.generation.peek();
    if (!generation) return;
    if (generation.id !== id) begin(generation);
    const sheet = /** @type {HTMLElement} */ (element.parentElement);
    const atEnd = sheet.scrollHeight - sheet.scrollTop - sheet.clientHeight < 40;
    caret.remove();
    const bytes = generation.bytes.subarray(0, generation.count);
    const { runs, next: after } = runsOf(bytes, generation.borders, next, !generation.running);
    next = after;
    const nodes = document.createDocumentFragment();
    for (const run of runs) nodes.append(nodeOf(run));
    element.append(nodes);
    if (generation.running) element.append(caret);
    if (atEnd) sheet.scrollTop = sheet.scrollHeight;
  }

  const stop = effect(() => {
    store.generation.value;
    if (document.hidden) show();
    else if (frame === 0) frame = requestAnimationFrame(show);
  });
  return () => {
    stop();
    cancelAnimationFrame(frame);
  };
}

export function GeneratedText() {
  const { store } = useApp();
  const element = useRef(/** @type {HTMLDivElement|null} */ (null));
  useEffect(() => (element.current ? follow(element.current, store) : undefined), [store]);
  const empty = store.generation.value === null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="sheet output-sheet" tabIndex={0} aria-label="Written text">
      {empty && <p class="output fine">What the model writes appears here.</p>}
      <div ref={element} class="output" hidden={empty} data-testid="generated-output" />
    </section>
  );
}
