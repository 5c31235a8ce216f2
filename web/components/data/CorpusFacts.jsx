/** What the text is made of: characters by script, gzip and order-0 entropy, its beginning, end and held-out part. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { byteSize, integer, percent } from '../../format/numbers.js';
import { blobOf, sizeOf } from '../../state/text.js';
import { countText, TextError } from '../../state/texts_worker.js';
import '../../styles/data.css';
import { useApp } from '../context.js';
import { Excerpt } from './Excerpt.jsx';
import { bitsAByte, notAllUtf8 } from './text_sentences.js';

/** @typedef {{statistics: import('../../../wasm/engine/protocol.js').TextStatistics, gzipBpb: number|null, head: string, tail: string, held: string}} Facts */

/** Bytes of an excerpt, and scripts that are listed. */
const EXCERPT = 240;
const MOST_SCRIPTS = 8;

/** What was counted, by text. @type {WeakMap<import('../../state/text.js').Text, Facts>} */
const known = new WeakMap();

/** Some of a text, without the characters that are cut at its ends. @param {Blob} blob @param {number} from */
async function piece(blob, from) {
  const start = Math.max(0, from);
  const bytes = new Uint8Array(await blob.slice(start, start + EXCERPT).arrayBuffer());
  const text = new TextDecoder().decode(bytes, { stream: true });
  return start > 0 ? text.replace(/^\ufffd{1,3}/, '') : text;
}

/** @param {{scripts: {name: string, count: number}[], characters: number}} props */
function Scripts({ scripts, characters }) {
  const listed = scripts.slice(0, MOST_SCRIPTS);
  const rest = scripts.slice(MOST_SCRIPTS).reduce((sum, { count }) => sum + count, 0);
  const rows = rest > 0 ? [...listed, { name: 'all others', count: rest }] : listed;
  return (
    <table class="table scripts">
      <caption class="label">Characters by script</caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">script</th>
          <th scope="col">characters</th>
          <th scope="col">share</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, count }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="figure">{integer(count)}</td>
            <td class="figure">{percent(count / characters)}</td>
            <td class="script-bar" aria-hidden="true">
              <span style={{ width: `${(100 * count) / characters}%` }} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** @param {{facts: Facts}} props */
function Shown({ facts: { statistics, gzipBpb, head, tail, held } }) {
  const { bytes, characters, lines, invalid, firstInvalid, entropy, scripts } = statistics;
  return (
    <div class="corpus" data-testid="corpus">
      <dl class="corpus-figures">
        <div>
          <dt>bytes</dt>
          <dd>{integer(bytes)}</dd>
        </div>
        <div>
          <dt>characters</dt>
          <dd>{integer(characters)}</dd>
        </div>
        <div>
          <dt>lines</dt>
          <dd>{integer(lines)}</dd>
        </div>
        <div>
          <dt>order-0 entropy</dt>
          <dd data-testid="corpus-entropy">{bitsAByte(entropy)}</dd>
        </div>
        {gzipBpb !== null && (
          <div>
            <dt>gzip needs</dt>
            <dd data-testid="corpus-gzip">{bitsAByte(gzipBpb)}</dd>
          </div>
        )}
      </dl>
      <p class="fine">
        Order-0 entropy is what a byte costs when only its frequency is known. A model is worth something once it needs
        fewer bits than gzip.
        {invalid > 0 && ` ${notAllUtf8(invalid, firstInvalid ?? 0)}`}
      </p>
      {scripts.length > 0 && <Scripts scripts={scripts} characters={characters} />}
      <Excerpt title="It begins" text={head} testId="corpus-head" />
      <Excerpt title="It ends" text={tail} testId="corpus-tail" />
      {held !== '' && <Excerpt title="The held-out part begins" text={held} testId="corpus-held" />}
    </div>
  );
}

export default function CorpusFacts() {
  const { store } = useApp();
  const text = store.text.value;
  const dataset = store.dataset.value;
  const facts = useSignal(/** @type {Facts|null} */ (null));
  const problem = useSignal(/** @type {string|null} */ (null));
  const read = useSignal(0);
  const heldOutBytes = dataset?.heldOutBytes ?? 0;
  useEffect(() => {
    facts.value = (text && known.get(text)) ?? null;
    problem.value = null;
    if (!text || facts.value) return;
    read.value = 0;
    const blob = blobOf(text);
    const counting = countText(blob, (bytes) => {
      read.value = bytes / (2 * blob.size);
    });
    let ended = false;
    const work = async () => {
      const size = sizeOf(text);
      const [counted, head, tail, held] = await Promise.all([
        counting.answer,
        piece(blob, 0),
        piece(blob, size - EXCERPT),
        heldOutBytes > 0 ? piece(blob, size - heldOutBytes) : '',
      ]);
      const all = { ...counted, head, tail, held };
      known.set(text, all);
      if (!ended) facts.value = all;
    };
    work().catch((error) => {
      if (!ended) problem.value = error instanceof TextError ? error.message : 'The text can’t be read any more.';
    });
    return () => {
      ended = true;
      counting.end();
    };
  }, [text, heldOutBytes]);
  if (!text) return <p class="fine">There is no text yet.</p>;
  if (problem.value) return <p class="problem">{problem.value}</p>;
  if (!facts.value) {
    return (
      <p class="fine" role="status">
        Counting {byteSize(sizeOf(text))}… {percent(Math.min(1, read.value))}
      </p>
    );
  }
  return <Shown facts={facts.value} />;
}
