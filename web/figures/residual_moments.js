/** What happens in the residual wiring when a byte is read, in words. */
import { integer, significant } from '../format/numbers.js';
import { measureOf } from '../traces/trace.js';

/** @typedef {import('./moments.js').Phase} Phase */
/** @typedef {import('./moments.js').Token} Token */
/** @typedef {import('../traces/trace.js').Trace} Trace */

/** What a rule says about a position. @param {Trace} trace @param {Token} token */
function borderText(trace, { level, index, border, sum, threshold }) {
  if (index === 0) return 'Yes, as for every first position.';
  const measure = measureOf(trace, level);
  if (measure === '') return `${border ? 'Yes' : 'No'}, says the rule ${trace.manner.rules[level]}.`;
  const [reached, limit] = [significant(sum), significant(threshold)];
  return border
    ? `Yes: a ${measure} of ${reached} reaches ${limit}.`
    : `No: a ${measure} of ${reached} is below ${limit}.`;
}

/**
 * @param {Trace} trace
 * @param {Token[]} tokens  one for each level that got one
 * @param {string} byte  as it is called
 * @param {string} expectation  what the model predicts, as a sentence
 * @returns {Phase[]}
 */
export function residualPhases(trace, tokens, byte, expectation) {
  const top = trace.levels.length - 1;
  /** @type {Phase[]} */
  const phases = [
    { id: 'encode', level: 0, title: 'Encoder', text: `Encoder 0 reads ${byte}; its state begins the stream.` },
  ];
  for (const token of tokens) {
    const { level, index } = token;
    if (level > 0) {
      const text = `The state goes up and becomes token ${integer(index + 1)} of level ${level}, which makes a time step at once.`;
      phases.push({ id: 'emit', level, title: `Emit to level ${level}`, text });
    }
    if (level < top) phases.push({ id: 'border', level, title: 'Border?', text: borderText(trace, token) });
  }
  const last = tokens[tokens.length - 1];
  if (last && last.level < top) {
    const text = `Nothing goes up from level ${last.level}. What is above keeps everything as it was.`;
    phases.push({ id: 'emit', level: last.level + 1, title: 'Emit upward', text });
  }
  const parent =
    top === 0
      ? 'The layers add to the stream.'
      : `The parent, which level 1 gave at the latest border, ${tokens.length > 1 ? 'this one, ' : ''}is added to the stream; then the layers add to it.`;
  phases.push({ id: 'decode', level: 0, title: 'Predict', text: `${parent} ${expectation}` });
  return phases;
}
