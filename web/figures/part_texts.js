/** What there is to say about a part of a model, as plain values. */

import { parametersOf } from '../anatomy/parts.js';
import { fixed, integer, significant } from '../format/numbers.js';

/** @typedef {import('../anatomy/parts.js').Part} Part */
/** @typedef {import('../anatomy/parts.js').Anatomy} Anatomy */
/** @typedef {import('../anatomy/activity.js').Activity} Activity */

/**
 * Where a part can be seen at work: a token of a level in the hierarchy, or another place of the page.
 * @typedef {{label: string, level: number}|{label: string, href: string}} See
 * @typedef {{title: string, text: string, equations: string[], see: See[]}} Description
 */

/** @param {number} level @returns {See} */
const token = (level) => ({
  label: level === 0 ? 'See a byte in the hierarchy' : `See a token of level ${level} in the hierarchy`,
  level,
});
/** @type {See} */
const RULE = { label: 'Move its threshold', href: '#how-border' };
/** @type {See} */
const LOOP = { label: 'Watch it at work', href: '#how-loop' };
/** @type {See} */
const TRAIN = { label: 'See its curve', href: '#train' };

/** Of the residual wiring, where it differs. @type {Readonly<Partial<Record<Part['kind'], (level: number, top: number) => Description>>>} */
const RESIDUAL = {
  embedding: () => ({
    title: 'Embedding',
    text: 'A learned vector for each of the 257 symbols. Where there are tables of n-grams beside it, a hash of the last bytes chooses a row of each; the rows are added to the stream behind the encoder.',
    equations: ['embedding', 'ngrams'],
    see: [token(0)],
  }),
  encoder: (level) => ({
    title: `Encoder of level ${level}`,
    text:
      level === 0
        ? 'One GRU layer that reads the bytes in order. Its state and the byte’s own vector begin the stream.'
        : `One GRU layer that reads the states which level ${level - 1} handed up at its borders.${level === 1 ? ' Where there is a table of tokens, a hash of a token’s bytes chooses a row, which is added to its state.' : ''}`,
    equations: level === 1 ? ['tokens', 'stream', 'gru'] : ['stream', 'gru'],
    see: [token(level), LOOP],
  }),
  border: (level) => ({
    title: `Borders of level ${level}`,
    text: 'The rule looks at how unsure the model is, or at the bytes themselves, and says yes or no: at a border the encoder’s state goes up. No gradient passes through the choice.',
    equations: [],
    see: [RULE, token(level)],
  }),
  projection: (level) => ({
    title: `Parent of level ${level}`,
    text: `Adds what level ${level + 1} gave at the latest border, the border’s own position included, to the stream. It starts small and learns slowly, so that it does no harm before it knows something.${level === 0 ? ' Where there are tables of spans, a hash of the bytes since the last border chooses a row of each, which is added, too.' : ''}`,
    equations: level === 0 ? ['residualParent', 'spans'] : ['residualParent'],
    see: [token(level), LOOP],
  }),
  encoderHead: () => ({
    title: 'The encoder’s byte head',
    text: 'Says from the beginning of the stream how likely each symbol is to come next. The entropy of that is the byte’s score, and what it costs teaches the encoder.',
    equations: ['scoreHead', 'entropy'],
    see: [token(0), RULE],
  }),
  head: () => ({
    title: 'The byte head',
    text: 'Predicts the next byte from the stream, after everything that adds to it. This is what generation draws from.',
    equations: ['streamHead'],
    see: [token(0), { label: 'Let it write', href: '#write' }],
  }),
  headLoss: () => ({
    title: 'The loss',
    text: 'Cross-entropy of the next byte, in nats; divided by ln 2 it is bits per byte.',
    equations: ['decoderLoss'],
    see: [TRAIN],
  }),
};

/** @type {Readonly<Record<Part['kind'], (level: number, top: number) => Description>>} */
const DESCRIPTIONS = {
  text: () => ({
    title: 'Bytes',
    text: 'The text as its bytes, 0 to 255. The symbol 256 stands for its end.',
    equations: [],
    see: [token(0)],
  }),
  embedding: () => ({
    title: 'Embedding',
    text: 'A learned vector for each of the 257 symbols. It is all that the model knows of a byte by itself.',
    equations: ['embedding'],
    see: [token(0)],
  }),
  encoder: (level) => ({
    title: `Encoder of level ${level}`,
    text:
      level === 0
        ? 'Two GRU layers that read the bytes in order. Their state is all that is known of the text so far.'
        : `Two GRU layers that read the states which level ${level - 1} handed up at its borders.`,
    equations: ['encoder', 'gru'],
    see: [token(level), LOOP],
  }),
  encoderHead: () => ({
    title: 'The encoder’s byte head',
    text: 'Says from the encoder’s state how likely each symbol is to come next. The entropy of that is the byte’s score.',
    equations: ['encoderHead', 'entropy'],
    see: [token(0)],
  }),
  border: (level) => ({
    title: `Borders of level ${level}`,
    text:
      level === 0
        ? 'Adds up the entropies of the bytes. Where the sum reaches the threshold there is a border: the state there goes up, and the sum starts from 0.'
        : `Adds up the errors that level ${level} expects, by the same rule. It has no parameters, and no gradient passes through the choice.`,
    equations: ['border'],
    see: [RULE, token(level)],
  }),
  predictor: (level) => ({
    title: `What level ${level} predicts`,
    text: 'Guesses the state that the level will be given next; at the end of a text, a learned vector that stands for it.',
    equations: ['predictor'],
    see: [token(level)],
  }),
  uncertainty: (level) => ({
    title: `How wrong level ${level} expects to be`,
    text: 'Estimates the squared error of that guess before the next state is there. It is the token’s score, as entropy is a byte’s.',
    equations: ['uncertainty'],
    see: [token(level), RULE],
  }),
  projection: (level) => ({
    title: `Parent of level ${level}`,
    text: `Turns the decoded state of the latest token of level ${level + 1} into something to add to each input of level ${level}. A border itself, and all before the second token above, get a zero vector instead.`,
    equations: ['projection'],
    see: [token(level), LOOP],
  }),
  decoder: (level) => ({
    title: `Decoder of level ${level}`,
    text: `Reads what encoder ${level} read, each input with its projected parent added. ${level === 0 ? 'Its state predicts the byte for the second time.' : `Its states are the parents of level ${level - 1}.`}`,
    equations: ['decoder', 'gru'],
    see: [token(level), LOOP],
  }),
  decoderHead: (_level, top) => ({
    title: 'The decoder’s byte head',
    text:
      top === 0
        ? 'Predicts the next byte a second time. With one level it reads the encoder’s state.'
        : 'Predicts the next byte again, now with what the levels above know. This is what generation draws from.',
    equations: ['decoderHead'],
    see: [token(0), { label: 'Let it write', href: '#write' }],
  }),
  encoderLoss: () => ({
    title: 'The encoder’s loss',
    text: 'Cross-entropy of the next byte, in nats; divided by ln 2 it is bits per byte.',
    equations: ['encoderLoss'],
    see: [TRAIN],
  }),
  decoderLoss: () => ({
    title: 'The decoder’s loss',
    text: 'Cross-entropy of the next byte from the decoder, in nats.',
    equations: ['decoderLoss'],
    see: [TRAIN],
  }),
  metaLoss: (level) => ({
    title: `Meta loss of level ${level}`,
    text: 'How far the guess was from the state that came. Gradients flow into the target too.',
    equations: ['metaLoss'],
    see: [TRAIN],
  }),
  uncertaintyLoss: (level) => ({
    title: `Uncertainty loss of level ${level}`,
    text: 'How far the expected error was from the real one, which is held constant.',
    equations: ['uncertaintyLoss'],
    see: [TRAIN],
  }),
  entropyFloor: () => ({
    title: 'Entropy floor',
    text: 'Optional: penalises entropies below a floor, so that borders do not die out while the model learns.',
    equations: ['entropyFloor'],
    see: [{ label: 'Set the floor', href: '#train' }],
  }),
  total: () => ({
    title: 'The loss that training minimises',
    text: 'The weighted sum of all losses; those of the upper levels are averaged over levels first.',
    equations: [],
    see: [TRAIN],
  }),
  block: (level) => ({
    title: `Block ${level} of the baseline`,
    text: 'The same two GRU layers as an encoder’s, with a way round them. Every block moves at every byte.',
    equations: ['residual', 'gru'],
    see: [{ label: 'Train a baseline', href: '#train' }],
  }),
  head: () => ({
    title: 'The baseline’s byte head',
    text: 'Predicts the next byte. There is only this one.',
    equations: ['decoderHead'],
    see: [{ label: 'Train a baseline', href: '#train' }],
  }),
  headLoss: () => ({
    title: 'The baseline’s loss',
    text: 'Cross-entropy of the next byte; it stands for both the encoder’s and the decoder’s where the two models are compared.',
    equations: ['decoderLoss'],
    see: [TRAIN],
  }),
  score: (level) => ({
    title: level === 0 ? 'How unsure the model will be' : `How unsure the model is in a token of level ${level}`,
    text: 'One number from the beginning of the stream. It learns what the entropy of the final prediction will be, and nothing else learns from it: the borders get their score at no cost.',
    equations: ['score'],
    see: [token(level), RULE],
  }),
  scoreLoss: (level) => ({
    title: `Uncertainty loss of level ${level}`,
    text: 'How far the expected uncertainty was from the entropy of the prediction, which is held constant.',
    equations: ['scoreLoss'],
    see: [TRAIN],
  }),
  layers: (level) => ({
    title: `Layers of level ${level}`,
    text: 'GRU layers that read the stream with its parent, each of which adds to it.',
    equations: ['residual', 'gru'],
    see: [token(level), LOOP],
  }),
  pad: () => ({
    title: 'Pad',
    text: 'Zeros that take part in nothing and are never updated. They make the two parameter counts equal exactly.',
    equations: [],
    see: [],
  }),
};

/** What there is to add about a part that has tables of recall. @type {Readonly<Partial<Record<Part['kind'], {text: string, equation: string}>>>} */
const RECALL = {
  embedding: {
    text: 'Each n-gram also recalls which byte followed it the last time in the text being read, and how many times in a row. The two choose a row of another table, which is added, too.',
    equation: 'ngramRecall',
  },
  projection: {
    text: 'Each span also recalls which byte followed it the last time in the text being read, and how many times in a row. The two choose a row of another table, which is added, too.',
    equation: 'spanRecall',
  },
};

/** @param {Part} part @param {Anatomy} anatomy @returns {Description} */
export function describePart({ kind, level, tensors }, { levels, wiring }) {
  const own = wiring === 'residual' ? RESIDUAL[kind] : undefined;
  const described = (own ?? DESCRIPTIONS[kind])(level, levels - 1);
  const recall = tensors.some(({ name }) => /_recall\./.test(name)) ? RECALL[kind] : undefined;
  if (!recall) return described;
  const { text, equations } = described;
  return { ...described, text: `${text} ${recall.text}`, equations: [...equations, recall.equation] };
}

/**
 * The value of a loss in the activity; NaN where the part is none, or its value is not known.
 * @param {Part} part
 * @param {Activity|null} activity
 * @returns {number} nats, or a squared error
 */
export function lossOf({ kind, level }, activity) {
  if (!activity) return Number.NaN;
  const { losses, perLevel } = activity;
  switch (kind) {
    case 'encoderLoss':
      return losses.byte_encoder;
    case 'decoderLoss':
    case 'headLoss':
      return losses.byte_decoder;
    case 'metaLoss':
      return perLevel?.[level]?.meta ?? Number.NaN;
    case 'scoreLoss':
      return losses.uncertainty;
    case 'uncertaintyLoss':
      return perLevel?.[level]?.uncertainty ?? Number.NaN;
    case 'entropyFloor':
      return losses.entropy_reg;
    case 'total':
      return losses.total;
    default:
      return Number.NaN;
  }
}

/**
 * What went through a part, as names and values.
 * @param {Part} part
 * @param {Activity|null} activity
 * @returns {[string, string][]}
 */
export function factsOf(part, activity) {
  /** @type {[string, string][]} */
  const facts = [];
  const parameters = parametersOf(part);
  if (parameters > 0) facts.push(['parameters', integer(parameters)]);
  if (!activity) return facts;
  const level = Math.max(part.level, 0);
  const moves = [
    'encoder',
    'decoder',
    'projection',
    'border',
    'predictor',
    'uncertainty',
    'embedding',
    'encoderHead',
    'decoderHead',
    'head',
    'block',
    'layers',
    'score',
    'text',
  ];
  const tokens = part.kind === 'block' ? activity.tokens[0] : activity.tokens[level];
  if (moves.includes(part.kind) && Number.isFinite(tokens))
    facts.push([level === 0 || part.kind === 'block' ? 'bytes' : 'tokens', integer(tokens)]);
  if (part.kind === 'border' && Number.isFinite(activity.tokens[level + 1])) {
    facts.push(['borders', integer(activity.tokens[level + 1])]);
    facts.push(['positions a border', fixed(tokens / activity.tokens[level + 1], 1)]);
  }
  const loss = lossOf(part, activity);
  if (Number.isFinite(loss)) facts.push(['value', significant(loss)]);
  else if (part.kind === 'metaLoss') facts.push(['mean over levels', significant(activity.losses.meta)]);
  else if (part.kind === 'uncertaintyLoss') facts.push(['mean over levels', significant(activity.losses.uncertainty)]);
  if (part.kind === 'total' && activity.gradientNorm !== null) {
    facts.push(['gradient norm', significant(activity.gradientNorm)]);
    facts.push(['learning rate', significant(activity.learningRate ?? Number.NaN)]);
  }
  return facts;
}
