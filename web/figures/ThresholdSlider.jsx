/** A threshold of the border rule's figure, for keys and for whoever wants numbers. */
import { levelStyle } from '../components/context.js';
import { significant } from '../format/numbers.js';
import { useFigures } from './context.js';
import { thresholdValue } from './figure_sentences.js';

/** Places of the slider, and how many times the trained value its end is. */
const [PLACES, REACH] = [300, 3];

/** @param {{level: number, unit: string}} props  `level`: 0 for bytes, 1 for all levels above */
export function ThresholdSlider({ level, unit }) {
  const figures = useFigures();
  const trained = figures.trained.value[level];
  const value = figures.thresholds.value[level];
  const end = REACH * (trained > 0 ? trained : 1);
  const above = figures.trained.value.length > 2 ? 'Levels above' : 'Level 1';
  const id = `how-threshold-${level}`;
  return (
    <div class="how-slider" style={levelStyle(level)}>
      <label class="label" for={id}>
        <b>{level === 0 ? 'Bytes' : above}</b>: border at {thresholdValue(value, unit)}
        {value !== trained && ` (trained: ${significant(trained)})`}
      </label>
      <input
        id={id}
        class="slider"
        style={levelStyle(level)}
        type="range"
        min={0}
        max={PLACES}
        value={Math.round((Math.min(value, end) / end) * PLACES)}
        aria-valuetext={thresholdValue(value, unit)}
        data-testid={id}
        onInput={(e) =>
          figures.setThreshold(level, Number(((e.currentTarget.valueAsNumber / PLACES) * end).toPrecision(3)))
        }
      />
    </div>
  );
}
