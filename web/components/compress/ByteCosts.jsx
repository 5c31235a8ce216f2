/** Which bytes were expensive: a stretch of the file, with the cost of each character. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { backToCharacter, clusters } from '../../format/bytes.js';
import { fixed, integer } from '../../format/numbers.js';
import { stretchCost } from './packing_sentences.js';

/** Bytes of a stretch. */
export const STRETCH = 320;
/** Bits that are drawn in the deepest colour; sixteenths of a bit, in which costs come. */
const [DEEPEST, UNIT] = [10, 16];

/** @param {{text: string, kind: string, bits: number}} props */
function Sign({ text, kind, bits }) {
  return (
    <span class="byte-cost" style={{ '--dear': String(Math.min(1, bits / DEEPEST)) }} title={`${fixed(bits, 1)} bits`}>
      {text}
      {kind === 'newline' && <br />}
    </span>
  );
}

/**
 * @param {object} props
 * @param {Blob} props.original
 * @param {Uint8Array} props.spent  what each byte cost, in sixteenths of a bit
 * @param {import('@preact/signals').Signal<number>} props.from  where the stretch begins
 */
export function ByteCosts({ original, spent, from }) {
  const bytes = useSignal(/** @type {Uint8Array} */ (new Uint8Array()));
  const begin = from.value;
  useEffect(() => {
    let late = false;
    // A few bytes before, so that no character is cut.
    const start = Math.max(0, begin - 3);
    original
      .slice(start, begin + STRETCH)
      .arrayBuffer()
      .then(
        (buffer) => {
          const all = new Uint8Array(buffer);
          if (!late) bytes.value = all.subarray(backToCharacter(all, begin - start));
        },
        () => {},
      );
    return () => {
      late = true;
    };
  }, [original, begin]);
  if (spent.length === 0) return null;
  const last = Math.max(0, spent.length - STRETCH);
  const first = Math.min(begin + STRETCH, spent.length) - bytes.value.length;
  const bitsOf = (/** @type {number} */ at, /** @type {number} */ length) =>
    spent.subarray(first + at, first + at + length).reduce((sum, cost) => sum + cost, 0) / UNIT;
  return (
    <div class="byte-costs" data-testid="byte-costs">
      {last > 0 && (
        <input
          class="slider"
          type="range"
          min={0}
          max={last}
          step={Math.max(1, Math.floor(last / 480))}
          value={begin}
          aria-label="Stretch of the file that is shown"
          aria-valuetext={`from byte ${integer(begin)}`}
          data-testid="byte-costs-place"
          onInput={(e) => {
            from.value = e.currentTarget.valueAsNumber;
          }}
        />
      )}
      <p class="fine">{stretchCost({ bits: bitsOf(0, bytes.value.length), bytes: bytes.value.length, first })}</p>
      <p class="byte-text" dir="auto">
        {clusters(bytes.value).map(({ from: at, length, text, kind }) => (
          <Sign key={first + at} text={kind === 'space' ? ' ' : text} kind={kind} bits={bitsOf(at, length)} />
        ))}
      </p>
    </div>
  );
}
