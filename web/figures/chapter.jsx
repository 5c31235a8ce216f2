/** What the explanation's text is made of: chapters, and terms that link to where they can be seen. */
import { SYMBOLS } from '../../wasm/engine/kinds.js';
import { useApp } from '../components/context.js';
import { fixed } from '../format/numbers.js';
import { useFigures } from './context.js';
import { showLane } from './show.js';

/** @typedef {import('preact').ComponentChildren} Children */

/** @param {{id: string, title: string, children: Children, equation?: Children}} props */
export function Chapter({ id, title, children, equation }) {
  return (
    <div class="how-chapter" id={id}>
      <h3>{title}</h3>
      <div class="how-text">{children}</div>
      {equation && <div class="how-equation">{equation}</div>}
    </div>
  );
}

/** A term that a figure of the explanation shows. @param {{href: string, part?: string, children: Children}} props */
export function Term({ href, part, children }) {
  const figures = useFigures();
  return (
    <a class="term" href={href} onClick={() => part && figures.choosePart(part)}>
      {children}
    </a>
  );
}

/** A term that the hierarchy shows. @param {{name: string, show: (app: import('../state/app.js').App) => void, children: Children}} props */
export function Seen({ name, show, children }) {
  const app = useApp();
  return (
    <button type="button" class="link term" data-term={name} onClick={() => show(app)}>
      {children}
    </button>
  );
}

/** What a byte head says, and how sure. @param {{lead: string, part: string}} props  `lead`: where it reads from */
export function ByteHead({ lead, part }) {
  return (
    <p>
      {lead}{' '}
      <Term href="#how-model" part={part}>
        byte head
      </Term>{' '}
      says how likely each byte is to come next. How spread out the answer is has a name,{' '}
      <Seen name="entropy" show={(app) => showLane(app, 'entropy', 0)}>
        entropy
      </Seen>
      : 0 nats when the model is certain, {fixed(Math.log(SYMBOLS), 1)} when it has no idea.
    </p>
  );
}
