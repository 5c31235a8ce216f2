/** The model's equations, by name. */
import { LOSS_NAMES } from '../anatomy/activity.js';
import { both, Formula, lines, of, over, round, row, space, sub, sum, sup } from './math.jsx';

const x0 = sup('x', '0');
const h0 = sup('h', '0');
const et = sub('e', 't');
const pt = sub('p', 't');
const qt = sub('q', 't');
const [hl, xl, yl] = [sup('h', 'l'), sup('x', 'l'), sup('y', 'l')];
const [hj, mj, sj, uj] = [sub('h', 'j'), sub('m', 'j'), sub('s', 'j'), sub('u', 'j')];
const parent = row(sub('P', 'l'), both('y', 'parent', row('l', '+', '1')));
const encoded = row('=', of(sub('encoder', 'l'), xl));
const prediction = row('=', of('softmax', 'W', both('h', 't', '0'), '+', 'b'));
const guess = row('=', 'W', hj, '+', 'b');
const error = row('=', over('1', 'H'), sup(row('‖', mj, '−', sub('x', 'j', '+', '1'), '‖'), '2'));
const expected = row('=', of('softplus', 'w', '·', hj, '+', 'c'), '≈', sj);
const decoded = row('=', of(sub('decoder', 'l'), xl, '+', parent));
const again = row('=', of('softmax', 'V', both('y', 't', '0'), '+', 'c'));
const next = sub('byte', 't', '+', '1');
const symbol = sub('p', 't', 'k');

/** A cross-entropy. @param {import('./math.jsx').Element} probability */
const nats = (probability) => row('mean', space, round('−', 'ln', space, of(probability, next)));

/** What tables add to the stream: a row of each that a hash of the last few things chooses. @param {string} number @param {string} things */
const lookedUp = (number, things) =>
  row(
    sub('s', 't'),
    '←',
    sub('s', 't'),
    '+',
    'Σ',
    sub('table', number),
    of('hash', 'last', space, number, space, things),
  );

/** What recall adds to it: a row of each table that the last byte after the same things, and its repeats, choose. @param {string} number @param {string} things */
const recalled = (number, things) => {
  const known = [sub('b', number), ',', sub('r', number)];
  return lines(
    [row(...known), row('=', of('memory', 'last', space, number, space, things))],
    [sub('s', 't'), row('←', sub('s', 't'), '+', 'Σ', of(sub('recall', number), ...known))],
  );
};

/** @type {Readonly<Record<string, {words: string, body: import('./math.jsx').Element}>>} */
const EQUATIONS = {
  reading: {
    words: 'x 0 is the embedding of the bytes; h 0 is encoder 0 of x 0; p t is the softmax of W h 0 t plus b',
    body: lines(
      [x0, row('=', of('embedding', 'bytes'))],
      [h0, row('=', of(sub('encoder', '0'), x0))],
      [pt, prediction],
    ),
  },
  embedding: {
    words: 'x 0 t is the row of the table E for byte t',
    body: row(both('x', 't', '0'), '=', sub('E', sub('byte', 't'))),
  },
  encoder: { words: 'h l is encoder l of x l', body: row(hl, encoded) },
  gru: {
    words:
      'r is sigma of W x plus U h; z likewise; n is tanh of W x plus r times U h; the new h is 1 minus z times n plus z times h',
    body: lines(
      ['r', row('=', of('σ', sub('W', 'r'), 'x', '+', sub('U', 'r'), 'h'))],
      ['z', row('=', of('σ', sub('W', 'z'), 'x', '+', sub('U', 'z'), 'h'))],
      ['n', row('=', of('tanh', sub('W', 'n'), 'x', '+', 'r', '⊙', sub('U', 'n'), 'h'))],
      [row('h', '′'), row('=', round('1', '−', 'z'), '⊙', 'n', '+', 'z', '⊙', 'h')],
    ),
  },
  encoderHead: { words: 'p t is the softmax of W h 0 t plus b', body: row(pt, prediction) },
  entropy: {
    words: 'e t is minus the sum over symbols k of p t k times the logarithm of p t k',
    body: row(et, '=', '−', sum('k'), symbol, space, 'ln', space, symbol),
  },
  border: {
    words: 'add e t to s; there is a border at t where s is at least theta, and s is then 0',
    body: lines(['s', row('←', 's', '+', et)], ['border at t', row('⇔', 's', '≥', 'θ', ' and then ', 's', '←', '0')]),
  },
  upward: {
    words: 'x l is h of the level below at its borders; h l is encoder l of x l',
    body: lines([xl, row('=', sup('h', 'l', '−', '1'), ' at borders')], [hl, encoded]),
  },
  meta: {
    words:
      'm j is W h j plus b; s j is the mean square of m j minus x j plus 1; u j is the softplus of w dot h j plus c, close to s j',
    body: lines([mj, guess], [sj, error], [uj, expected]),
  },
  predictor: {
    words: 'm j is W h j plus b; s j is the mean square of m j minus x j plus 1',
    body: lines([mj, guess], [sj, error]),
  },
  uncertainty: {
    words: 'u j is the softplus of w dot h j plus c, close to s j',
    body: row(uj, expected),
  },
  downward: {
    words:
      'y at the top is h; y l is decoder l of x l plus P l times y of the parent above; q t is the softmax of V y 0 t plus c',
    body: lines([sup('y', 'top'), row('=', sup('h', 'top'))], [yl, decoded], [qt, again]),
  },
  projection: { words: 'P l times y of the parent above, plus a bias', body: row(parent, '+', sub('b', 'l')) },
  decoder: { words: 'y l is decoder l of x l plus P l times y of the parent above', body: row(yl, decoded) },
  decoderHead: { words: 'q t is the softmax of V y 0 t plus c', body: row(qt, again) },
  encoderLoss: { words: 'the mean of minus the logarithm of p t at byte t plus 1', body: nats(pt) },
  decoderLoss: { words: 'the mean of minus the logarithm of q t at byte t plus 1', body: nats(qt) },
  metaLoss: { words: 'the mean of s j', body: row('mean', space, sj) },
  uncertaintyLoss: {
    words: 'the mean of the square of u j minus s j',
    body: row('mean', space, sup(round(uj, '−', sj), '2')),
  },
  entropyFloor: {
    words: 'the mean of the square of the larger of floor minus e t and 0',
    body: row('mean', space, 'max', sup(round('floor', '−', et, ',', '0'), '2')),
  },
  stream: {
    words: 'e is the encoder of x; s is e plus x where they are equally wide, else e',
    body: lines(['e', row('=', of(sub('encoder', 'l'), 'x'))], ['s', row('=', 'e', '+', 'x')]),
  },
  ngrams: {
    words: 's t gets, of each n from 2 on, the row of table n that a hash of the last n bytes chooses',
    body: lookedUp('n', 'bytes'),
  },
  spans: {
    words:
      's t gets, for each k from 1 on, the row of table k that a hash of the last k spans chooses, the unfinished one included',
    body: lookedUp('k', 'spans'),
  },
  ngramRecall: {
    words:
      'b n is the byte that followed the last n bytes the last time, r n how many times in a row it did; s t gets, for each n from 2 on, the row of the recall table n that b n and r n choose',
    body: recalled('n', 'bytes'),
  },
  spanRecall: {
    words:
      'b k is the byte that followed the last k spans the last time, the unfinished one included, r k how many times in a row it did; s t gets, for each k from 1 on, the row of the recall table k that b k and r k choose',
    body: recalled('k', 'spans'),
  },
  tokens: {
    words: 'x j gets the row of a table that a hash of the bytes of token j chooses',
    body: row(
      sub('x', 'j'),
      '←',
      sub('x', 'j'),
      '+',
      of('table', of('hash', 'bytes', space, 'of', space, 'token', space, 'j')),
    ),
  },
  score: {
    words: 'u t is the softplus of w dot s t plus b, close to the entropy of the prediction',
    body: row(sub('u', 't'), '=', of('softplus', 'w', '·', sub('s', 't'), '+', 'b'), '≈', et),
  },
  scoreHead: {
    words: 'p t is the softmax of W s t plus b',
    body: row(pt, '=', of('softmax', 'W', sub('s', 't'), '+', 'b')),
  },
  scoreLoss: {
    words: 'the mean of the square of u t minus e t',
    body: row('mean', space, sup(round(sub('u', 't'), '−', et), '2')),
  },
  residualParent: {
    words: 's becomes s plus Q l times y of the parent above',
    body: row('s', '←', 's', '+', sub('Q', 'l'), both('y', 'parent', row('l', '+', '1'))),
  },
  streamHead: {
    words: 'q t is the softmax of V s t plus c',
    body: row(qt, '=', of('softmax', 'V', sub('s', 't'), '+', 'c')),
  },
  residual: {
    words: 'x becomes x plus block k of x',
    body: row('x', '←', 'x', '+', of(sub('block', 'k'), 'x')),
  },
};

/** @param {{name: string}} props  one of the names above */
export function Equation({ name }) {
  const { words, body } = EQUATIONS[name];
  return <Formula words={words}>{body}</Formula>;
}

/** Terms on a line. */
const TERMS = 2;

/**
 * The loss with the weights that are set.
 * @param {{weights: {name: keyof typeof LOSS_NAMES, weight: number}[]}} props  names as in the protocol's losses
 */
export function LossEquation({ weights }) {
  const terms = weights.map(({ name, weight }) => ({ name: LOSS_NAMES[name], weight }));
  const words = `the loss is ${terms.map(({ name, weight }) => (weight === 1 ? name : `${weight} times ${name}`)).join(' plus ')}`;
  /** @param {typeof terms} some @param {string} sign  before the first */
  const side = (some, sign) =>
    row(
      ...some.flatMap(({ name, weight }, at) => [
        at > 0 ? '+' : sign,
        ...(weight === 1 ? [] : [String(weight), '·']),
        sub('L', name),
      ]),
    );
  /** @type {[string, import('./math.jsx').Element][]} */
  const rows = [];
  for (let at = 0; at < terms.length; at += TERMS)
    rows.push([at === 0 ? 'loss' : ' ', side(terms.slice(at, at + TERMS), at === 0 ? '=' : '+')]);
  return <Formula words={words}>{lines(...rows)}</Formula>;
}
