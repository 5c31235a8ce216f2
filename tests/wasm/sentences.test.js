/**
 * The one place that looks at wording: every reason that an error gives has one sentence, plain and whole. All other tests go
 * by the reason and by what the sentence speaks of.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { NOTES, RUN, USAGE, WARNINGS } from '../../wasm/cli/sentences.js';
import { ROOT } from '../../wasm/tools/setup/run.js';

/** Errors that are made with a sentence and a reason. */
const KINDS = ['CheckpointError', 'FormatError', 'UnreachableError', 'ElementError', 'TextError'];
/** Some end in another sentence, or in what they are about. */
const PLAIN = /^[A-Z“"$][^\n]{8,398}[.$]$/u;

/**
 * Where the JavaScript that begins at a place ends: before a comma or bracket that is outside of strings and brackets.
 * @param {string} code
 * @param {number} from
 * @returns {number}
 */
function endOf(code, from) {
  let depth = 0;
  for (let i = from; i < code.length; i++) {
    const sign = code[i];
    if (sign === "'" || sign === '"' || sign === '`') {
      for (i++; code[i] !== sign; i++) {
        if (code[i] === '\\') i++;
        else if (sign === '`' && code.startsWith('${', i)) i = endOf(code, i + 2);
      }
    } else if ('([{'.includes(sign)) depth++;
    else if (depth === 0 && ',)]}'.includes(sign)) return i;
    else if (')]}'.includes(sign)) depth--;
  }
  return code.length;
}

/** The arguments of a call. @param {string} code @param {number} from  behind the bracket that opens @returns {string[]} */
function argumentsAt(code, from) {
  /** @type {string[]} */
  const found = [];
  for (let at = from; ; at++) {
    const end = endOf(code, at);
    const argument = code.slice(at, end).trim();
    if (argument) found.push(argument);
    if (code[end] !== ',') return found;
    at = end;
  }
}

/** A literal's text, with $ for what is put into it; null for what is no literal. @param {string} argument */
function textOf(argument) {
  const quote = argument[0];
  if (!["'", '"', '`'].includes(quote) || argument.at(-1) !== quote) return null;
  let text = '';
  for (let i = 1; i < argument.length - 1; i++) {
    if (quote === '`' && argument.startsWith('${', i)) {
      text += '$';
      i = endOf(argument, i + 2);
    } else text += argument[i];
  }
  return text;
}

/** All errors of KINDS that the program makes. @returns {{file: string, kind: string, sentence: string|null, reason: string|null}[]} */
function made() {
  return ['wasm', 'web'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true })
      .map(String)
      .filter((file) => /\.jsx?$/.test(file))
      .flatMap((file) => {
        const code = readFileSync(path.join(ROOT, folder, file), 'utf8');
        return [...code.matchAll(new RegExp(`new (${KINDS.join('|')})\\(`, 'g'))].map((match) => {
          const [sentence, reason = ''] = argumentsAt(code, match.index + match[0].length);
          return { file: `${folder}/${file}`, kind: match[1], sentence: textOf(sentence), reason: textOf(reason) };
        });
      }),
  );
}

describe('a reason', () => {
  const all = made();
  const spoken = all.filter(({ sentence, reason }) => sentence !== null && reason !== null);

  it('is given by every error', () => {
    assert.ok(spoken.length > 120, `${spoken.length} are made with a sentence`);
    for (const { file, reason, sentence } of spoken)
      assert.match(String(reason), /^[a-z]+(_[a-z0-9]+)*$/, `${file}: ${sentence}`);
  });

  it('has one plain sentence', () => {
    for (const { file, sentence } of spoken) assert.match(String(sentence), PLAIN, file);
    for (const kind of KINDS) {
      /** @type {Map<string|null, string|null>} */
      const sentences = new Map();
      for (const { sentence, reason, file } of spoken.filter((each) => each.kind === kind)) {
        assert.equal(sentences.get(reason) ?? sentence, sentence, `${file}: ${kind} ${reason}`);
        sentences.set(reason, sentence);
      }
    }
  });
});

describe('the command line', () => {
  /** Something for everything that a sentence may speak of. */
  const FIELDS = {
    ...{
      file: 'a.txt',
      option: '--option',
      error: new Error('It is so.'),
      operand: 'FILE',
      word: 'word',
      one: '--one',
    },
    ...{ other: '--other', learn: 'flat', ending: '.end', input: '--input', own: 1, value: 2, choices: ['a', 'b'] },
    ...{ message: 'It is so.', code: 'CODE', bytes: 1, window: 2, step: 1, most: 2, least: 0, host: 'host' },
    ...{ device: 'device', kind: 'kind', count: 2, cells: 'commas', field: 'text', faults: 2, encoding: 'utf-16' },
    ...{ positions: 2, worst: 1, difference: 0.1, verdict: 'causal' },
  };

  for (const [name, sentences] of Object.entries({ USAGE, RUN, WARNINGS, NOTES }))
    it(`has one plain sentence for each of ${name}`, () => {
      const said = Object.entries(sentences).map(([reason, sentence]) => {
        const error = ['setting', 'preset'].includes(reason) ? 'It is so.' : FIELDS.error;
        const text = /** @type {(fields: object) => string} */ (sentence)({ ...FIELDS, error });
        assert.match(reason, /^[a-z]+(_[a-z]+)*$/);
        assert.match(text, /^[^\n]{8,400}\.$/u, reason);
        assert.ok(!/undefined|NaN|\[object/.test(text), text);
        return text;
      });
      const repeated = name === 'RUN' || name === 'USAGE' ? 1 : 0;
      assert.ok(new Set(said).size >= said.length - repeated, 'no two say the same');
    });
});
