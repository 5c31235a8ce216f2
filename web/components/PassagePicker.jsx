/** Which passage is drawn: a place in the held-out text, or the reader's own words. */
import { excerpt } from '../format/bytes.js';
import { integer } from '../format/numbers.js';
import { PASSAGE_LENGTHS } from '../state/passage.js';
import { heldOutStart, passageOf } from '../state/tracing.js';
import { useApp } from './context.js';
import { Choices } from './fields.jsx';

const FIRST_OWN = 'Call me Ishmael. Some years ago, never mind how long precisely, I went to sea.';

function Place() {
  const { store, actions } = useApp();
  const { start, length } = store.passage.value;
  const size = store.text.value?.bytes.length ?? 0;
  const from = heldOutStart(store);
  const room = Math.max(0, size - from - length);
  const passage = passageOf(store);
  const held = (store.dataset.value?.heldOutBytes ?? 0) > 0;
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

export function PassagePicker() {
  const { store, actions } = useApp();
  const { own, length } = store.passage.value;
  const lengths = [...new Set([...PASSAGE_LENGTHS, length])].sort((a, b) => a - b);
  return (
    <div class="passage">
      <Choices
        name="passage"
        legend="Passage"
        value={own === null ? 'text' : 'own'}
        options={[
          { value: 'text', label: 'From the text' },
          { value: 'own', label: 'Your own words' },
        ]}
        onChange={(value) => actions.ownPassage(value === 'own' ? (own ?? FIRST_OWN) : null)}
      />
      {own === null ? (
        <>
          <Place />
          <label class="label select">
            Length
            <select
              class="input"
              value={String(length)}
              onChange={(e) => actions.resizePassage(Number(e.currentTarget.value))}
            >
              {lengths.map((n) => (
                <option key={n} value={String(n)}>
                  {integer(n)} bytes
                </option>
              ))}
            </select>
          </label>
        </>
      ) : (
        <div class="passage-own">
          <label class="visually-hidden" for="own-words">
            Your own words
          </label>
          <textarea
            id="own-words"
            class="input"
            value={own}
            maxLength={8192}
            data-testid="own-words"
            onInput={(e) => actions.ownPassage(e.currentTarget.value)}
          />
        </div>
      )}
    </div>
  );
}
