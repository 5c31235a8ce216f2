/** Which passage is drawn: a place in the held-out text, or the reader's own words. */
import { clusters, excerpt } from '../format/bytes.js';
import { byteSize, count, integer } from '../format/numbers.js';
import { MOST_PASSAGE, PASSAGE_LENGTHS } from '../state/passage.js';
import { passageOf, passageOrigin } from '../state/tracing.js';
import { useApp } from './context.js';
import { Choices } from './fields.jsx';

const FIRST_OWN = 'Call me Ishmael. Some years ago, never mind how long precisely, I went to sea.';

function Place() {
  const { store, actions } = useApp();
  const { start, length, of } = store.passage.value;
  const size = store.text.value?.bytes.length ?? 0;
  const room = Math.max(0, size - passageOrigin(store) - length);
  const passage = passageOf(store);
  const held = of === 'held-out' && (store.dataset.value?.heldOutBytes ?? 0) > 0;
  return (
    <div class="passage-place">
      <div>
        <label class="label" for="passage-start">
          {held ? 'Held-out text' : 'Text'} from byte {integer(passage?.start ?? 0)}
        </label>
        <input
          id="passage-start"
          class="slider"
          type="range"
          min={0}
          max={room}
          value={Math.min(start, room)}
          disabled={room === 0}
          aria-valuetext={passage ? excerpt(passage.bytes.subarray(0, 40)) : ''}
          data-testid="passage-start"
          onInput={(e) => actions.movePassage(e.currentTarget.valueAsNumber)}
        />
      </div>
      <button
        type="button"
        class="button small"
        disabled={room === 0}
        data-testid="another-passage"
        onClick={actions.anotherPassage}
      >
        Another passage
      </button>
    </div>
  );
}

/** Lengths that differ on the present text, and the whole of it. @param {import('../state/store.js').Store} store */
function lengthsOf(store) {
  const { length } = store.passage.value;
  const most = Math.min(MOST_PASSAGE, (store.text.value?.bytes.length ?? MOST_PASSAGE) - passageOrigin(store));
  const lengths = PASSAGE_LENGTHS.filter((n) => n < most);
  const all = [...new Set([...lengths, most, Math.min(length, most)])].filter((n) => n > 0).sort((a, b) => a - b);
  return { lengths: all, chosen: Math.min(length, most), most };
}

function Length() {
  const { store, actions } = useApp();
  const { lengths, chosen, most } = lengthsOf(store);
  return (
    <label class="label select">
      Length
      <select
        class="input"
        value={String(chosen)}
        data-testid="passage-length"
        onChange={(e) => actions.resizePassage(Number(e.currentTarget.value))}
      >
        {lengths.map((n) => (
          <option key={n} value={String(n)}>
            {n === most && n < MOST_PASSAGE ? `all ${byteSize(n)}` : n > 4096 ? byteSize(n) : `${integer(n)} bytes`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Bytes that the box can't hold, since they are not text. @param {{written: Uint8Array}} props */
function Broken({ written }) {
  const broken = clusters(written).filter(({ kind }) => kind === 'invalid').length;
  if (broken === 0) return null;
  return (
    <p class="fine" data-testid="broken-bytes">
      {count(broken, 'byte')} of it {broken === 1 ? 'is' : 'are'} not valid UTF-8: the drawing has them as they are, and
      typing here replaces them.
    </p>
  );
}

export function PassagePicker() {
  const { store, actions } = useApp();
  const { own, written, of } = store.passage.value;
  return (
    <div class="passage">
      <Choices
        name="passage"
        legend="Passage"
        value={own === null ? of : 'own'}
        options={[
          { value: 'held-out', label: 'Held-out text' },
          { value: 'text', label: 'Whole text' },
          { value: 'own', label: 'Your own words' },
        ]}
        onChange={(value) => {
          if (value === 'own') actions.ownPassage(own ?? FIRST_OWN);
          else actions.choosePassageOf(value === 'text' ? 'text' : 'held-out');
        }}
      />
      {own === null ? (
        <>
          <Place />
          <Length />
        </>
      ) : (
        <div class="passage-own">
          <label class="visually-hidden" for="own-words">
            Your own words
          </label>
          <textarea
            id="own-words"
            dir="auto"
            class="input"
            value={own}
            maxLength={MOST_PASSAGE}
            data-testid="own-words"
            onInput={(e) => actions.ownPassage(e.currentTarget.value)}
          />
          {written && <Broken written={written} />}
        </div>
      )}
    </div>
  );
}
