/** Files that can be read in more than one way: which field, which encoding, or whether bytes that are not text will do. */
import { DELIMITERS } from '../../../wasm/files/formats/csv.js';
import { ENCODINGS, isOdd } from '../../../wasm/files/formats/encodings.js';
import { byteSize } from '../../format/numbers.js';
import { leftOut } from '../../state/intake.js';
import '../../styles/data.css';
import { useApp } from '../context.js';
import { Button } from '../fields.jsx';
import { Excerpt } from './Excerpt.jsx';
import { encodingName, unusual } from './text_sentences.js';

/** The value that stands for a CSV file as it is; no field's name begins like this. */
const WHOLE = 'whole';

/** @param {{waiting: import('../../state/intake.js').Waiting}} props */
function Field({ waiting: { found, choice } }) {
  const { actions } = useApp();
  return (
    <div>
      <label class="label" for="intake-field">
        Which field is the text?
      </label>
      <select
        id="intake-field"
        class="input"
        data-testid="intake-field"
        value={choice.field === null ? WHOLE : `field ${choice.field}`}
        onChange={({ currentTarget: { value } }) =>
          actions.chooseReading({ field: value === WHOLE ? null : value.slice('field '.length) })
        }
      >
        {found.fields.map((field) => (
          <option key={field} value={`field ${field}`}>
            {field === '' ? '(without a name)' : field}
          </option>
        ))}
        {found.whole && <option value={WHOLE}>The file as it is</option>}
      </select>
    </div>
  );
}

/** @param {{waiting: import('../../state/intake.js').Waiting}} props */
function Encoding({ waiting: { found, choice } }) {
  const { actions } = useApp();
  const others = [...new Set(found.files.filter(isOdd).map(({ encoding }) => encoding))];
  const detected = others.length === 1 ? encodingName(others[0]) : 'each as it seems to be';
  return (
    <div>
      <label class="label" for="intake-encoding">
        Convert to UTF-8 from
      </label>
      <select
        id="intake-encoding"
        class="input"
        data-testid="intake-encoding"
        value={choice.encoding}
        onChange={(e) => actions.chooseReading({ encoding: e.currentTarget.value })}
      >
        <option value="detected">{detected}</option>
        {ENCODINGS.filter(({ label }) => others.length !== 1 || label !== others[0]).map(({ label, name }) => (
          <option key={label} value={label}>
            {name}
          </option>
        ))}
        <option value="bytes">nothing: keep the bytes</option>
      </select>
    </div>
  );
}

/** @param {{waiting: import('../../state/intake.js').Waiting}} props */
function Delimiter({ waiting: { found } }) {
  const { actions } = useApp();
  return (
    <div>
      <label class="label" for="intake-delimiter">
        Between its cells are
      </label>
      <select
        id="intake-delimiter"
        class="input"
        data-testid="intake-delimiter"
        value={found.delimiter ?? 'each'}
        onChange={(e) => actions.chooseDelimiter(e.currentTarget.value)}
      >
        {found.delimiter === null && <option value="each">in each what seems to be</option>}
        {DELIMITERS.map(({ label, name }) => (
          <option key={label} value={label}>
            {name.toLowerCase()}
          </option>
        ))}
      </select>
    </div>
  );
}

export default function Intake() {
  const { store, actions } = useApp();
  const waiting = store.intake.value;
  if (!waiting) return null;
  const { name, found, preview } = waiting;
  const binary = found.files.some(({ encoding }) => encoding === 'binary');
  const odd = found.files.some(isOdd);
  const busy = store.loadingText.value !== null;
  const left = leftOut(found);
  const bytes = found.files.reduce((sum, file) => sum + file.bytes, 0);
  return (
    <section class="intake" aria-label="How to read it" data-testid="intake">
      <p class="text-name">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span class="label">{byteSize(bytes)}</span>
      </p>
      <p>{unusual(found).join(' ')}</p>
      {(found.fields.length > 0 || (odd && !binary)) && (
        <div class="intake-choices">
          {found.fields.length > 0 && <Field waiting={waiting} />}
          {found.files.some(({ kind }) => kind === 'csv') && <Delimiter waiting={waiting} />}
          {odd && !binary && <Encoding waiting={waiting} />}
        </div>
      )}
      {!binary && (
        <Excerpt title="It then begins" text={preview === '' ? '(nothing)' : (preview ?? '')} testId="intake-preview" />
      )}
      {left && <p class="fine">{left}</p>}
      <div class="buttons">
        <Button class="button small primary" data-testid="intake-use" off={busy} onClick={actions.acceptReading}>
          {binary ? 'Use its bytes' : 'Use this text'}
        </Button>
        <button type="button" class="button small quiet" data-testid="intake-cancel" onClick={actions.cancelReading}>
          Keep the present text
        </button>
      </div>
    </section>
  );
}
