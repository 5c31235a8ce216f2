/**
 * The one place that tests wording: every reason that an error gives has one sentence, plain and whole. All other tests go
 * by the reason and by what the sentence names.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LINES, NOTES, PARTS, RUN, USAGE, WARNINGS } from '../../wasm/cli/sentences.js';
import { meanOf } from '../../wasm/engine/means.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { sentence } from '../../web/hierarchy/describe.js';
import { calibrationVerdict, seedsVerdict } from '../../web/statistics/verdicts.js';
import { tokenEnds } from '../../web/traces/spans.js';
import { traceOf, utf8 } from '../web/traces.js';

/** Classes of errors that take a sentence and a reason. */
const KINDS = ['CheckpointError', 'FormatError', 'UnreachableError', 'ElementError', 'TextError'];
/** Some sentences end in another one, or in what they are about. */
const PLAIN = /^[A-Z“"$][^\n]{8,398}[.$]$/u;

/**
 * Where the expression that begins at a place ends: before a comma or bracket outside strings and brackets.
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

/** The arguments of a call. @param {string} code @param {number} from  after the opening bracket @returns {string[]} */
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

/** A literal's text, with $ for each insertion; null for anything else. @param {string} argument */
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

/** All places where the program makes an error of KINDS. @returns {{file: string, kind: string, sentence: string|null, reason: string|null}[]} */
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
  /** A value for everything that a sentence may name. */
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
    ...{ positions: 2, worst: 1, difference: 0.1, verdict: 'causal', name: 'trian', commands: ['train', 'infer'] },
    ...{ workers: 2, all: 2, aloneSpeed: 1, allSpeed: 2, from: 2, to: 1, seconds: 3, address: 'http://localhost/' },
    ...{
      by: 'npx',
      before: '',
      operands: ['FILE'],
      line: 'It is so.',
      sentence: 'It is so.',
      documents: 3,
      run: 'run',
    },
    ...{ type: 'flat', parameters: 5, mebibytes: 6, steps: 7, heldOut: 8, losses: { total: 2 }, encoderBpb: 1 },
    ...{ decoderBpb: 1, maxSteps: 9, left: '0:30', text: '"It is so."', project: 'project', folder: 'folder' },
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

  it('has one line for each of LINES', () => {
    const said = Object.values(LINES).map((line) => /** @type {(fields: object) => string} */ (line)(FIELDS));
    for (const text of said) {
      assert.match(text, /^[^\n]{8,400}$/u);
      assert.ok(!/undefined|NaN|\[object/.test(text), text);
    }
    assert.equal(new Set(said).size, said.length);
  });

  it('has lines that other programs read', () => {
    const figures = { losses: { total: 4.5 }, encoderBpb: 2.885, decoderBpb: 2.75, left: '1:35' };
    const event = { ...figures, step: 100, maxSteps: 200, stepsPerSecond: 12.34 };
    assert.equal(LINES.progress(event), 'step 100/200: loss 4.5000, encoder 2.8850 bpb, decoder 2.7500 bpb, 1:35 left');
    assert.equal(
      PARTS.training(event).join('  '),
      '100/200  loss 4.500  bpb 2.885 encoder 2.750 decoder  1:35 left  12.3 steps/s',
    );
    const sizes = { share: 0.25, coded: '63 kB', plain: '250 kB', bits: 2, rate: 25, left: '0:30' };
    assert.equal(PARTS.packing(sizes).join('  '), '25 %  63 kB for 250 kB  2.000 bits a byte  25 kB/s  0:30 left');
    const usage = { by: 'npm run -s', name: 'infer', before: ' --', operands: ['CHECKPOINT'] };
    assert.equal(LINES.usage(usage), 'Usage: npm run -s infer -- CHECKPOINT [options]');
    const wandb = LINES.wandb({ project: 'chunks', folder: 'runs/chunks/mine' });
    assert.match(wandb, / wandb sync --project chunks runs\/chunks\/mine$/);
  });

  it('names why and where it saved', () => {
    assert.equal(NOTES.saved({ file: 'a', step: 3 }), 'Saved a at step 3.');
    assert.equal(NOTES.saved({ file: 'a', step: 3, why: 'stopped by hand' }), 'Saved a at step 3: stopped by hand.');
  });
});

describe('the page', () => {
  it('has one plain sentence for each verdict of seeds', () => {
    /** @type {[number[], string][]} */
    const cases = [
      [[], 'No seed of it and of flat is there yet, so nothing can be said.'],
      [
        [-0.014],
        'Ahead of flat by 0.014 bits a byte, with one seed: another seed may turn it round, so no gain can be told.',
      ],
      [
        [0.014],
        'Behind flat by 0.014 bits a byte, with one seed: another seed may turn it round, so no loss can be told.',
      ],
      [[-0.02, 0.01, -0.01], 'Ahead of flat by 0.0067 ± 0.0088 bits a byte, with three seeds: that may be chance.'],
      [
        [0.01, 0.02, 0.03],
        'Behind flat by 0.020 ± 0.006 bits a byte, with three seeds: it looks to be behind it, but so few seeds can’t settle it.',
      ],
      [
        [-0.02, -0.021, -0.022],
        'Ahead of flat by 0.021 ± 0.001 bits a byte, with three seeds: more than chance would do.',
      ],
      [[0, 0], 'Level with flat, with two seeds: that may be chance.'],
    ];
    for (const [values, expected] of cases) assert.equal(seedsVerdict(meanOf(values), 'flat'), expected);
  });

  it('has one phrase for each verdict of a calibration', () => {
    const verdict = (/** @type {number} */ bits) => calibrationVerdict({ entropy: 2, bits });
    assert.equal(verdict(2.01), 'pays what it expects');
    assert.equal(verdict(2.5), 'pays 0.50 bits more than it expects');
    assert.equal(verdict(1.5), 'pays 0.50 bits less than it expects');
  });

  it('has one phrase for each place of the hierarchy', () => {
    const trace = traceOf(utf8('héllo wörld'), [3, 2]);
    const passage = { trace, ends: tokenEnds(trace) };
    const bits = trace.decoderBits[5].toFixed(1);
    assert.equal(sentence(passage, { level: 0, index: 0 }), 'h, byte 1, given, border after it');
    assert.equal(sentence(passage, { level: 0, index: 6 }), `space, byte 7, ${bits} bits, border after it`);
    assert.equal(sentence(passage, { level: 0, index: 7 }), `w, byte 8, ${trace.decoderBits[6].toFixed(1)} bits`);
    assert.match(sentence(passage, { level: 1, index: 2 }), /^level 1 token 3: lo , 3 bytes/);
  });
});
