/**
 * What a model is made of, from the table of its tensors as the core gives it: parts, each with its tensors. Nothing of
 * shapes or counts is repeated here.
 */

/** @typedef {{name: string, shape: number[]}} Tensor */

/**
 * A part of a model. `level` is −1 where it belongs to none. Rules and losses have no tensors.
 * @typedef {'text'|'embedding'|'encoder'|'encoderHead'|'border'|'predictor'|'uncertainty'|'projection'|'decoder'|
 *   'decoderHead'|'encoderLoss'|'decoderLoss'|'metaLoss'|'uncertaintyLoss'|'entropyFloor'|'total'|'block'|'head'|'headLoss'|
 *   'pad'|'score'|'scoreLoss'|'layers'} PartKind
 * @typedef {{id: string, kind: PartKind, level: number, tensors: Tensor[]}} Part
 * @typedef {{type: 'adaptive'|'baseline', wiring: 'mirror'|'residual', levels: number, parts: Part[]}} Anatomy  a flat
 *   model is the baseline of the residual wiring; `levels`: blocks, for the baseline of the other
 */

/** Where a tensor belongs, by its name in checkpoints: `above` is added to the number in the name, `level` stands for it where there is none. @type {readonly {name: RegExp, kind: PartKind, above?: number, level?: number}[]} */
const PLACES = [
  { name: /^byte_embedding\./, kind: 'embedding' },
  { name: /^ngram_embeddings\./, kind: 'embedding' },
  { name: /^span_embeddings\./, kind: 'projection', level: 0 },
  { name: /^token_embeddings\./, kind: 'encoder', level: 1 },
  { name: /^ngram_recall\./, kind: 'embedding' },
  { name: /^span_recall\./, kind: 'projection', level: 0 },
  { name: /^encoder_blocks\.(\d+)\./, kind: 'encoder' },
  { name: /^meta_predictors\.(\d+)\./, kind: 'predictor', above: 1 },
  { name: /^meta_eos_embeddings\.(\d+)$/, kind: 'predictor', above: 1 },
  { name: /^meta_uncertainty_heads\.(\d+)\./, kind: 'uncertainty', above: 1 },
  { name: /^decoder_blocks\.(\d+)\.parent_projection\./, kind: 'projection' },
  { name: /^decoder_blocks\.(\d+)\.gru\./, kind: 'decoder' },
  { name: /^byte_encoder_head\./, kind: 'encoderHead' },
  { name: /^byte_decoder_head\./, kind: 'decoderHead' },
  { name: /^blocks\.(\d+)\./, kind: 'block' },
  { name: /^levels\.(\d+)\.encoder\./, kind: 'encoder' },
  { name: /^levels\.(\d+)\.blocks\./, kind: 'layers' },
  { name: /^levels\.(\d+)\.uncertainty_head\./, kind: 'score' },
  { name: /^levels\.(\d+)\.parent_projection\./, kind: 'projection' },
  { name: /^byte_head\./, kind: 'head' },
  { name: /^parameter_match_pad$/, kind: 'pad' },
];

/** @param {PartKind} kind @param {number} level @param {boolean} baseline */
function idOf(kind, level, baseline) {
  const name = kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `${baseline ? 'baseline-' : ''}${name}${level >= 0 ? `-${level}` : ''}`;
}

/** @param {Tensor} tensor @returns {number} */
export function sizeOf({ shape }) {
  return shape.reduce((product, n) => product * n, 1);
}

/** Parameters of a part. @param {Pick<Part, 'tensors'>} part @returns {number} */
export function parametersOf({ tensors }) {
  return tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0);
}

/**
 * The parts of a model. Tensors that are in no known place make it fail: every one has to be shown.
 * @param {Tensor[]} tensors
 * @returns {Anatomy}
 * @throws {Error} where a tensor has no place in the figure
 */
export function anatomyOf(tensors) {
  const residual = tensors.some(({ name }) => name.startsWith('levels.'));
  const levelled = tensors.some(({ name }) => /^(encoder_blocks|levels)\.1\./.test(name));
  const baseline = tensors.some(({ name }) => name === 'parameter_match_pad') || (residual && !levelled);
  /** @type {Map<string, Part>} */
  const parts = new Map();
  /** @param {PartKind} kind @param {number} [level] */
  const part = (kind, level = -1) => {
    const id = idOf(kind, level, baseline);
    const found = parts.get(id) ?? { id, kind, level, tensors: [] };
    parts.set(id, found);
    return found;
  };
  part('text');
  let levels = 0;
  for (const tensor of tensors) {
    const place = PLACES.find(({ name }) => name.test(tensor.name));
    if (!place) throw new Error(`The figure has no place for the tensor ${tensor.name}.`);
    const number = place.name.exec(tensor.name)?.[1];
    const level = number === undefined ? (place.level ?? -1) : Number(number) + (place.above ?? 0);
    part(place.kind, level).tensors.push(tensor);
    if (place.kind === 'encoder' || place.kind === 'block') levels = Math.max(levels, level + 1);
  }
  if (baseline || residual) part('headLoss');
  if (residual && !baseline) addScores(part, levels, parts.has(idOf('encoderHead', -1, baseline)));
  if (!residual && !baseline) addRules(part, levels);
  const type = baseline ? 'baseline' : 'adaptive';
  return { type, wiring: residual ? 'residual' : 'mirror', levels, parts: [...parts.values()] };
}

/** @param {(kind: PartKind, level?: number) => Part} part @param {number} levels */
function addRules(part, levels) {
  for (let l = 0; l < levels - 1; l++) {
    part('border', l);
    part('metaLoss', l + 1);
    part('uncertaintyLoss', l + 1);
  }
  for (const kind of /** @type {const} */ (['encoderLoss', 'decoderLoss', 'entropyFloor', 'total'])) part(kind);
}

/** Of the residual wiring. @param {(kind: PartKind, level?: number) => Part} part @param {number} levels @param {boolean} byEncoder  whether a head of the encoder scores the bytes */
function addScores(part, levels, byEncoder) {
  for (let l = 0; l < levels - 1; l++) {
    part('border', l);
    if (l === 0 && byEncoder) part('encoderLoss');
    else part('scoreLoss', l);
  }
  part('total');
}

/** Whether an encoder has a byte head. @param {Anatomy} anatomy @returns {boolean} */
export const encoderPredicts = ({ parts }) => parts.some(({ kind }) => kind === 'encoderHead');

/** Finds parts of a model. @param {Anatomy} anatomy @returns {(kind: Part['kind'], level?: number) => Part} */
export function finder({ parts }) {
  /** @param {Part['kind']} kind @param {number} [level] @returns {Part} */
  return (kind, level = -1) => {
    const part = parts.find((p) => p.kind === kind && p.level === level);
    if (!part) throw new Error(`This model has no ${kind} at level ${level}.`);
    return part;
  };
}

/**
 * What goes in and what comes out of a part: "64 → 257", from the shape of its weight.
 * @param {Part} part
 * @returns {string}
 */
export function shapeLine({ kind, tensors }) {
  const weight = tensors.find(({ shape }) => shape.length === 2);
  if (kind === 'pad') return `[${tensors[0]?.shape.join(', ') ?? ''}]`;
  if (!weight) return '';
  const [out, inputs] = weight.shape;
  if (kind === 'embedding') return `${out} × ${inputs}`;
  // The rows of a GRU's weights are three gates.
  if (RECURRENT.has(kind)) return `${inputs} → ${out / 3}`;
  return `${inputs} → ${out}`;
}

/** GRU layers of a part, 0 where it has none. @param {Part} part @returns {number} */
export function layersOf({ tensors }) {
  return tensors.filter(({ name }) => /\.weight_ih_l\d+$/.test(name)).length;
}

/** Parts that are GRU layers. @type {ReadonlySet<PartKind>} */
const RECURRENT = new Set(['encoder', 'decoder', 'block', 'layers']);

const TITLES = /** @type {Readonly<Record<PartKind, string>>} */ ({
  text: 'bytes',
  embedding: 'embedding',
  encoder: 'encoder',
  encoderHead: 'byte head',
  border: 'border?',
  predictor: 'next token',
  uncertainty: 'its error',
  projection: 'parent',
  decoder: 'decoder',
  decoderHead: 'byte head',
  encoderLoss: 'loss',
  decoderLoss: 'loss',
  metaLoss: 'loss',
  uncertaintyLoss: 'loss',
  entropyFloor: 'floor',
  total: 'loss',
  block: 'block',
  head: 'byte head',
  headLoss: 'loss',
  pad: 'pad',
  score: 'uncertainty',
  scoreLoss: 'loss',
  layers: 'layers',
});

/** The name of a part in the drawing. @param {Part} part @returns {string} */
export function titleOf({ kind, level }) {
  return RECURRENT.has(kind) ? `${TITLES[kind]} ${level}` : TITLES[kind];
}
