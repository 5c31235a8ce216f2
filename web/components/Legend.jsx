/** How to read the drawing; stands where the inspector will be. */
import { RULES } from '../../wasm/engine/lists.js';
import { percent } from '../format/numbers.js';
import { levelName } from '../hierarchy/hierarchy_sentences.js';
import { atWords } from '../traces/words.js';
import { levelStyle, useApp } from './context.js';

const BOX = '0 0 52 26';

function TextSign() {
  return (
    <svg viewBox={BOX} aria-hidden="true">
      <rect x="13" y="3" width="13" height="20" fill="var(--decoder)" opacity="0.4" />
      <rect x="26" y="3" width="13" height="20" fill="var(--decoder)" opacity="0.12" />
      <g font-family="var(--font-mono)" font-size="15" fill="var(--ink)" text-anchor="middle">
        <text x="6.5" y="18">
          s
        </text>
        <text x="19.5" y="18">
          h
        </text>
        <text x="32.5" y="18">
          i
        </text>
        <text x="45.5" y="18">
          p
        </text>
      </g>
    </svg>
  );
}

function EntropySign() {
  return (
    <svg viewBox={BOX} aria-hidden="true" fill="var(--ink)" opacity="0.7">
      {[18, 7, 12, 4].map((height, i) => (
        <rect key={height} x={i * 13 + 2} y={24 - height} width="9" height={height} />
      ))}
    </svg>
  );
}

function SumSign() {
  return (
    <svg viewBox={BOX} aria-hidden="true" fill="none" stroke="var(--level-0)" stroke-width="1.5">
      <path d="M0 3.5H52" stroke-dasharray="3 3" />
      <path d="M0 24L14 17L30 4V24L42 20L52 12" />
    </svg>
  );
}

function SpanSign() {
  return (
    <svg viewBox={BOX} aria-hidden="true">
      <rect
        x="1"
        y="8"
        width="27"
        height="12"
        rx="2"
        fill="var(--level-1)"
        fill-opacity="0.2"
        stroke="var(--level-1)"
      />
      <rect
        x="31"
        y="8"
        width="20"
        height="12"
        rx="2"
        fill="var(--level-1)"
        fill-opacity="0.2"
        stroke="var(--level-1)"
      />
      <path d="M1.5 19.5V15L27.5 11V19.5z" fill="var(--level-1)" opacity="0.6" />
      <path d="M31.5 19.5V11L50.5 8.5V19.5z" fill="var(--level-1)" opacity="0.6" />
    </svg>
  );
}

/** How the lane above the entropies is read. @type {Readonly<Record<string, string>>} */
const RULE_WORDS = {
  accumulated:
    'The entropies added up. Where they reach the dashed threshold there is a border, and the sum starts again.',
  rise: 'How much less sure the model became with that byte. Where the rise reaches the dashed threshold there is a border.',
  level: 'How unsure the model is. Where that reaches the dashed threshold there is a border.',
};

/** @param {string} [rule] */
const ruleWords = (rule = 'accumulated') => RULE_WORDS[rule] ?? RULES[rule];

export function Legend() {
  const { store, actions } = useApp();
  const levels = store.borderLevels.value + 1;
  const folded = store.folded.value.filter((level) => level < levels);
  const bytes = !folded.includes(0);
  const spans = Array.from({ length: levels - 1 }, (_, i) => i + 1).filter((level) => !folded.includes(level));
  const words = store.trace.value && atWords(store.trace.value);
  return (
    <>
      <h3>How to read this</h3>
      <dl class="legend">
        <div>
          <dt>
            <TextSign />
          </dt>
          <dd>
            The text, byte by byte. The redder, the more bits the decoder paid for that byte: the more it came as a
            surprise.
          </dd>
        </div>
        {bytes && (
          <div>
            <dt>
              <EntropySign />
            </dt>
            <dd>Entropy: how unsure the model is, after that byte, about the next.</dd>
          </div>
        )}
        {bytes && levels > 1 && (
          <div style={levelStyle(0)}>
            <dt>
              <SumSign />
            </dt>
            <dd>{ruleWords(store.model.value?.levels[0]?.rule)}</dd>
          </div>
        )}
        {spans.length > 0 && (
          <div style={levelStyle(1)}>
            <dt>
              <SpanSign />
            </dt>
            <dd>
              Between two borders lies a token.{' '}
              {words && (
                <span data-testid="at-words">
                  Here {percent(words.borders)} of the borders stand at the start of a word or the space before it; of
                  all bytes it is {percent(words.bytes)}.{' '}
                </span>
              )}
              {levels > 2 &&
                store.model.value?.levels[1]?.sums &&
                'Tokens add up their own uncertainty, seen rising inside them, to the borders of the level above.'}
            </dd>
          </div>
        )}
      </dl>
      {folded.length > 0 && (
        <p class="fine" data-testid="folded">
          Folded away: {folded.map(levelName).join(', ')}.{' '}
          <button type="button" class="link" onClick={actions.unfold}>
            Show all levels
          </button>
        </p>
      )}
      <p class="fine keys">
        Keys: <kbd>←</kbd> <kbd>→</kbd> along the text, <kbd>↑</kbd> <kbd>↓</kbd> between levels, <kbd>Esc</kbd> to let
        go, <kbd>F</kbd> to fold the level of what is chosen away, <kbd>Shift</kbd> <kbd>F</kbd> to show all. In the
        strip <kbd>+</kbd> <kbd>−</kbd> come closer and step back, <kbd>0</kbd> shows the whole, <kbd>Enter</kbd> fills
        the strip with what is chosen. Drag to move; the wheel zooms with <kbd>Ctrl</kbd>, or once the strip was
        clicked.
      </p>
    </>
  );
}
