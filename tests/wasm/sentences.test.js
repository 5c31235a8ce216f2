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
import { defaults } from '../../wasm/engine/settings.js';
import { ROOT } from '../../wasm/tools/setup/run.js';
import { howFar, modelSaved, parentsSaved, stretchCost } from '../../web/components/compress/packing_sentences.js';
import { downloadLabel, noText, notAllUtf8, otherEncoding } from '../../web/components/data/text_sentences.js';
import { heldOut, toTrainOn } from '../../web/components/page_sentences.js';
import {
  BETTER,
  besideOther,
  canGoOn,
  comparisonCanGoOn,
  comparisonProgress,
  keptUpTo,
  notFresh,
  ofTraining,
  PROMISES,
  settingsName,
} from '../../web/components/runs/run_sentences.js';
import { bordersAtWords, costFell } from '../../web/components/tour/tour_sentences.js';
import { sentence } from '../../web/hierarchy/describe.js';
import { NOT_TRAINED, stoppedAt } from '../../web/state/runs/series.js';
import { paidByBoth } from '../../web/statistics/duet.js';
import {
  calibrationVerdict,
  comparisonVerdict,
  levelVerdict,
  paid,
  seedsVerdict,
} from '../../web/statistics/verdicts.js';
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

  it('names the better of two models, and by how much', () => {
    const [gain, harm, chance] = [
      { mean: 0.05, error: 0.01 },
      { mean: -0.05, error: 0.01 },
      { mean: 0.01, error: 0.01 },
    ];
    const said = [gain, harm, chance].map((difference) => comparisonVerdict(difference, 'The example', 'The other'));
    assert.deepEqual(said, [
      'The example pays 0.050 ± 0.020 bits a byte less than the other.',
      'The other pays 0.050 ± 0.020 bits a byte less than the example.',
      'The example pays 0.010 ± 0.020 bits a byte less than the other, which may be chance.',
    ]);
    assert.deepEqual(paid(harm), '0.050 ± 0.020 bits a byte less');
    assert.equal(levelVerdict(gain, 2), 'Without what comes down from level 2 it pays 0.050 ± 0.020 bits a byte more.');
    assert.equal(BETTER.this(0.0204), 'This one is better by 0.020.');
    assert.equal(BETTER.other(0.0204), 'This one is worse by 0.020.');
    const [mine, its] = [
      { decoderBpb: 2, step: 4 },
      { decoderBpb: 3, step: 1500 },
    ];
    const strong = (/** @type {string} */ text) => text;
    const pair = { name: 'flat', mine, its, strong };
    assert.equal(
      besideOther({ ...pair, parameters: 1200 }).join(''),
      'Beside “flat”, with the same 1,200 parameters, the same text and seed: 2.000 bits per byte at step 4 against 3.000 at step 1,500.',
    );
    assert.match(besideOther({ ...pair, parameters: null }).join(''), /^Beside “flat”, of another size, the same text/);
    assert.equal(notFresh('a', 'b'), '“a” did not begin from fresh weights, but from “b”.');
  });

  it('says what is kept, what can go on, and why a training has no result', () => {
    const [name, text] = ['run', 'own.txt'];
    assert.equal(
      keptUpTo({ name, step: 1200, at: '12:00' }).join(''),
      'Kept in this browser as run: step 1,200, at 12:00.',
    );
    assert.match(
      canGoOn({ name, text, step: 20, steps: 400, at: 'today' }).join(''),
      /^run was trained on own\.txt up to step 20 of 400, kept on today\./,
    );
    const linked = (/** @type {string} */ words) => words;
    assert.match(
      comparisonCanGoOn({ settings: 2, done: 1, trainings: 4, linked }).join(''),
      /^The comparison of 2 settings waits: 1 of 4 trainings are done\./,
    );
    const progress = { elsewhere: false, over: 1, trainings: 4, job: { name, seed: 3 }, left: 61_000 };
    const far = (/** @type {'training'|'paused'|'cut'} */ phase) => comparisonProgress({ ...progress, phase }).join('');
    assert.equal(far('training'), '1 of 4 done, training run, seed 3. About 1 min 1 s left.');
    assert.equal(far('paused'), '1 of 4 done, paused in run, seed 3. About 1 min 1 s left.');
    assert.equal(far('cut'), 'It waits: 1 of 4 done, next run, seed 3. About 1 min 1 s left.');
    assert.equal(ofTraining('run', 2, stoppedAt(1200)), '“run”, seed 2: Stopped by hand at step 1,200.');
    assert.equal(NOT_TRAINED, 'Not trained: the comparison was stopped.');
    assert.match(PROMISES.given, /promised to keep/);
    assert.match(PROMISES.lacking, /has not promised to/);
    const settings = defaults({ num_levels: 2, hidden_size: 8 });
    assert.equal(settingsName(settings), 'Hierarchy of 2 levels, 8 wide');
    assert.equal(settingsName({ ...settings, model_type: 'flat' }), 'Flat model, 8 wide');
  });

  it('says what bytes and borders cost and save', () => {
    assert.match(
      stretchCost({ bits: 640.4, bytes: 320, first: 1800 }),
      /^640 bits for the 320 bytes from byte 1,800 on\./,
    );
    assert.equal(modelSaved(1200), 'Beside counts, the model’s predictions save 1.2 kB.');
    assert.match(parentsSaved(-12), /: the parents cost 12 bytes more than they save\.$/);
    assert.match(parentsSaved(0.5), /: the parents save nothing\.$/);
    const far = { share: 0.25, paused: true, begun: true, bits: 2, speed: 1000, left: 3000 };
    assert.equal(howFar(far), '25 %, paused, 2.000 bits a byte, 1 kB a second, 3 s left');
    assert.equal(paidByBoth({ sign: 'a', byte: 3, first: 1, second: 2 }), 'a, byte 3: 1.00 against 2.00 bits');
    assert.equal(
      costFell({ first: 8, now: 3, gzip: 4 }),
      'A byte of that part cost 8.00 bits at first, and costs 3.00 now; gzip needs 4.00.',
    );
    assert.match(
      bordersAtWords({ borders: 0.5, bytes: 0.2 }),
      /^Now 50 % of its borders stand .*; of all bytes it is 20 %\.$/,
    );
    assert.equal(toTrainOn(90e6) + heldOut(10e6), '90 MB to train on10 MB held out');
    assert.equal(downloadLabel(1.6e6, false), 'Download about 1.6 MB');
    assert.equal(downloadLabel(1.6e6, true), 'Download 1.6 MB');
    assert.equal(notAllUtf8(2, 1500), 'In 2 places, first at byte 1,500, this is not UTF-8.');
    assert.match(noText('a PNG picture'), /^It is a PNG picture, not a text\./);
    assert.equal(otherEncoding('a.txt', 'utf-16le'), 'a.txt is not UTF-8: it seems to be UTF-16, little endian.');
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
