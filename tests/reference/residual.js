/**
 * The residual stream's forward pass over a window, one sequence at a time. At a level, from the bytes up,
 *
 *   e = E(x), s = e + x where x is as wide as e, else e;  u = softplus(w·s + b), which the border rule reads,
 *
 * with `encoder_scores` at the bytes instead the entropy of what a head makes of s, which has a cross-entropy of its own;
 * at the bytes s also gets, for each order of n-grams, a row of a table, by a hash of the last n bytes, with `recall` another
 * one by what followed these the last time, and e at the
 * borders is the x of the level above. From the top down, s gets Q·y, where y is the level above's output for the latest
 * border at or before the position, and then each block's D(s); in training, dropout is applied to s and each D(s). The
 * result at the bytes goes to the head. States, rule states and the latest y are carried from window to window; gradients
 * stay within one.
 */

import { namedLinear, nextSymbols } from './adaptive.js';
import { borderPositions } from './borders.js';
import { keepAll } from './dropout.js';
import { singleLayer } from './gru.js';
import { crossEntropy, entropy } from './losses.js';
import { mixed, recall } from './recall.js';
import { gather, stack } from './rows.js';
import { decide, freshRule, ruleOf } from './rules.js';
import { residualLevels } from './tensors.js';

/** @typedef {import('./tape.js').Tape} Tape */
/** @typedef {import('./tape.js').Matrix} Matrix */
/** @typedef {import('./tensors.js').ModelSettings} ModelSettings */
/** @typedef {import('./rules.js').RuleState} RuleState */
/** @typedef {import('./dropout.js').Drops} Drops */
/** @typedef {(name: string) => Matrix} Lookup */

/**
 * What a sequence carries to its next window.
 * @typedef {object} Carried
 * @property {Map<string, Float64Array>} states  [H] of each GRU layer, by the prefix of its names
 * @property {Float64Array[]} given  [L][H] each level's output for its latest token
 * @property {RuleState[]} rules  [L − 1]
 * @property {number[]} recent  the last bytes, the latest first
 * @property {number[]} spans  hashes of the last spans plus 1, the unfinished one first; 0 is none
 * @property {Map<string, import('./recall.js').Recalled>} recalled  by the names of tables
 *
 * @typedef {object} Window
 * @property {ArrayLike<number>} bytes  [T]
 * @property {number} [next]     the symbol that follows; default the end of the text
 * @property {ArrayLike<number>} [marks]  of the bytes; default none
 * @property {Carried} [carried] default the start of a text
 * @property {Drops} [drops]  default none
 * @property {number[]} [off]    levels whose positions have no parent
 * @property {number[]} [thresholds]  of the levels below the top; default the settings'
 *
 * @typedef {object} Level
 * @property {Matrix} stream  [T_l][H_l] before parent and blocks
 * @property {Matrix} scores  [T_l][1]; of levels below the top
 * @property {Uint8Array|null} mask  [T_l], 1 at a border; null at the top
 * @property {Matrix} [logits]  [T][V] whose entropies the scores are
 */

/** Levels that a model has at most, which the places of dropout are numbered by. */
const MOST_LEVELS = 8;

/** One sequence's window on a tape. */
class Reader {
  /** @param {Tape} tape @param {ModelSettings} settings @param {Lookup} parameter @param {Window} window */
  constructor(tape, settings, parameter, window) {
    this.tape = tape;
    this.settings = settings;
    this.parameter = parameter;
    this.window = window;
    this.sizes = residualLevels(settings);
    this.top = this.sizes.length - 1;
    const { carried } = window;
    /** @type {Carried} */
    this.after = {
      states: new Map(carried?.states),
      given: carried?.given.slice() ?? this.sizes.map(({ width }) => new Float64Array(width)),
      rules: carried?.rules.slice() ?? this.sizes.slice(1).map(freshRule),
      recent: carried?.recent.slice() ?? [],
      spans: carried?.spans.slice() ?? [],
      recalled: new Map(carried?.recalled),
    };
    /** Hashes of the latest spans at each byte of the window. @type {number[][]} */
    this.spans = [];
    /** How close the closest decision about a border was. */
    this.margin = Number.POSITIVE_INFINITY;
  }

  /** Runs a layer on from its carried state, and carries the new one. @param {string} prefix @param {Matrix} x @param {number} width */
  run(prefix, x, width) {
    if (x.rows === 0) return this.tape.leaf(0, width);
    const h = this.tape.leaf(1, width, this.after.states.get(prefix));
    const states = singleLayer(this.tape, this.parameter, prefix, x, h);
    this.after.states.set(prefix, states.data.slice(-width));
    return states;
  }

  /** @param {number} level @param {Float64Array} scores @param {number[]} places  the byte that each position has seen last */
  borders(level, scores, places) {
    const { rule, threshold: usual } = ruleOf(this.settings, level);
    const threshold = this.window.thresholds?.[level] ?? usual;
    return Uint8Array.from(scores, (score, i) => {
      const { bytes, marks } = this.window;
      const seen = { symbol: bytes[places[i]], mark: marks?.[places[i]] ?? 0 };
      const at = { score, ...seen, level, threshold, seed: this.settings.seed };
      const { border, state, margin } = decide(rule, this.after.rules[level], at);
      this.after.rules[level] = state;
      this.margin = Math.min(this.margin, margin);
      return Number(border);
    });
  }

  /** The stream of bytes with the n-grams' embeddings. @param {Matrix} stream  [T][H] */
  ngrams(stream) {
    const { tape, parameter, settings, window } = this;
    const [before, bytes] = [[...this.after.recent].reverse(), Array.from(window.bytes)];
    const text = [...before, ...bytes];
    for (let order = 2; order <= settings.ngram_order; order++) {
      const hashes = bytes.map((_, t) => ngramHash(text.slice(0, before.length + t + 1), order));
      const rows = hashes.map((h) => Number(h % BigInt(settings.ngram_rows)));
      stream = tape.add(stream, gather(tape, parameter(`ngram_embeddings.${order}.weight`), rows));
      stream = this.recall(stream, `ngram_recall.${order}.weight`, hashes);
    }
    this.after.recent = text.reverse().slice(0, Math.max(0, settings.ngram_order - 1));
    return stream;
  }

  /**
   * Hashes of the latest spans at each byte plus 1, the unfinished one first; goes on with what the sequence carries.
   * @param {Uint8Array} mask
   */
  latestSpans(mask) {
    const { settings, window } = this;
    let [unfinished = 0, ...finished] = this.after.spans;
    const latest = Array.from(window.bytes, (byte, t) => {
      const span = Number(mixed(BigInt(Math.max(0, unfinished - 1)), byte + 1) % 2n ** 24n) + 1;
      const spans = [span, ...finished];
      unfinished = mask[t] ? 0 : span;
      if (mask[t]) finished = spans;
      return spans;
    });
    const kept = Math.max(settings.span_order, Number(settings.token_embeddings));
    this.after.spans = [unfinished, ...finished].slice(0, kept);
    return latest;
  }

  /** The stream with what contexts with these hashes recall. @param {Matrix} stream  [T][H] @param {string} name  of the table @param {bigint[]} hashes  [T] */
  recall(stream, name, hashes) {
    if (!this.settings.recall) return stream;
    const { rows, after } = recall(this.after.recalled.get(name), this.window.bytes, hashes);
    this.after.recalled.set(name, after);
    return this.tape.add(stream, gather(this.tape, this.parameter(name), rows));
  }

  /** Rows of a table that spans choose. @param {number[][]} spans  as above @param {number} order  how many of each @param {string} name  of the table */
  spanRows(spans, order, name) {
    const { tape, parameter, settings } = this;
    const rows = spanHashes(spans, order).map((h) => Number(h % BigInt(settings.ngram_rows)));
    return gather(tape, parameter(name), rows);
  }

  /** The way up. @returns {Level[]} */
  encode() {
    const { tape, parameter, window } = this;
    let x = gather(tape, parameter('byte_embedding.weight'), window.bytes);
    let places = Array.from(window.bytes, (_, t) => t);
    return this.sizes.map(({ width }, l) => {
      const states = this.run(`levels.${l}.encoder`, x, width);
      let stream = x.cols === width ? tape.add(states, x) : states;
      if (l === 0) stream = this.ngrams(stream);
      if (l === this.top) return { stream, scores: tape.leaf(0, 1), mask: null };
      const { scores, logits } = this.scores(l, stream);
      const mask = this.borders(l, scores.data, places);
      const positions = borderPositions(mask);
      x = gather(tape, states, positions);
      if (l === 0) this.spans = this.latestSpans(mask);
      if (l === 0 && this.settings.token_embeddings) {
        const ended = positions.map((t) => this.spans[t]);
        x = tape.add(x, this.spanRows(ended, 1, 'token_embeddings.1.weight'));
      }
      places = positions.map((t) => places[t]);
      return { stream, scores, mask, logits };
    });
  }

  /** What the rule of a level below the top reads. @param {number} l @param {Matrix} stream @returns {{scores: Matrix, logits?: Matrix}} */
  scores(l, stream) {
    const { tape, parameter } = this;
    if (stream.rows === 0) return { scores: tape.leaf(0, 1) };
    if (l === 0 && this.settings.encoder_scores) {
      const logits = namedLinear(tape, parameter, 'byte_encoder_head', stream);
      return { scores: tape.constant(entropy(tape, logits)), logits };
    }
    // The uncertainty head learns from the stream, but the stream learns nothing from that head.
    const u = namedLinear(tape, parameter, `levels.${l}.uncertainty_head`, tape.constant(stream));
    return { scores: tape.softplus(u) };
  }

  /** The way down. @param {Level[]} levels @returns {Matrix} [T][H] what goes to the head */
  decode(levels) {
    const { tape } = this;
    let above = tape.leaf(0, 0);
    for (let l = this.top; l >= 0; l--) {
      const { width, blocks } = this.sizes[l];
      const { mask } = levels[l];
      let stream = this.kept(l, 0, levels[l].stream);
      const off = !mask || stream.rows === 0 || this.window.off?.includes(l);
      if (!off) stream = tape.add(stream, this.parents(l, above, mask));
      for (let k = 1; l === 0 && mask && k <= this.settings.span_order; k++) {
        const own = this.spanRows(this.spans, k, `span_embeddings.${k}.weight`);
        // What spans recall goes on where it is not used, too.
        const all = this.recall(tape.add(stream, own), `span_recall.${k}.weight`, spanHashes(this.spans, k));
        if (!off) stream = all;
      }
      if (mask && above.rows > 0) this.after.given[l + 1] = above.data.slice(-above.cols);
      for (let k = 0; k < blocks; k++) {
        stream = tape.add(stream, this.kept(l, 1 + k, this.run(`levels.${l}.blocks.${k}`, stream, width)));
      }
      above = stream;
    }
    return above;
  }

  /** What a part adds to the stream of a level: 0 is s, 1 + k the block k. @param {number} l @param {number} part @param {Matrix} x */
  kept(l, part, x) {
    return x.rows > 0 ? (this.window.drops ?? keepAll)(part * MOST_LEVELS + l)(this.tape, x, 0) : x;
  }

  /** Q·y of each position. @param {number} l @param {Matrix} above  [T_{l+1}][H_{l+1}] @param {Uint8Array} mask */
  parents(l, above, mask) {
    const { tape } = this;
    const weight = this.parameter(`levels.${l}.parent_projection.weight`);
    const carried = tape.leaf(1, weight.cols, this.after.given[l + 1]);
    const all = above.rows > 0 ? stack(tape, [above, carried]) : carried;
    const chosen = gather(
      tape,
      all,
      spans(mask).map((token) => (token < 0 ? all.rows - 1 : token)),
    );
    return tape.linear(chosen, weight, tape.leaf(1, weight.rows));
  }
}

/**
 * The hash of the last bytes of a text.
 * @param {number[]} text
 * @param {number} order  how many
 */
function ngramHash(text, order) {
  let h = 0n;
  for (let k = 1; k <= order; k++) {
    const byte = text.at(-k);
    h = mixed(h, byte === undefined ? 0 : byte + 1);
  }
  return h;
}

/** Hashes of so many spans at each byte. @param {number[][]} spans  hashes plus 1, the unfinished one first @param {number} order */
const spanHashes = (spans, order) =>
  spans.map(([span, ...before]) => {
    let h = BigInt(span - 1);
    for (let k = 0; k < order - 1; k++) h = mixed(h, before[k] ?? 0);
    return h;
  });

/** Which token of this window each position belongs to, −1 before the first. @param {Uint8Array} mask @returns {number[]} */
function spans(mask) {
  let token = -1;
  return Array.from(mask, (border) => {
    token += border;
    return token;
  });
}

/**
 * The targets of each level's uncertainty: the final head's entropy; above the bytes, its mean over the bytes of a span.
 * @param {Level[]} levels
 * @param {Float64Array} entropies  [T]
 * @returns {Float64Array[]} of the levels below the top, [T_l]
 */
function goals(levels, entropies) {
  let owner = Array.from(entropies.keys());
  return levels.slice(0, -1).map(({ mask, stream }) => {
    const [sums, counts] = [new Float64Array(stream.rows), new Float64Array(stream.rows)];
    owner.forEach((token, t) => {
      if (token < 0) return;
      sums[token] += entropies[t];
      counts[token]++;
    });
    const upward = spans(/** @type {Uint8Array} */ (mask));
    owner = owner.map((token) => (token < 0 ? -1 : upward[token]));
    return sums.map((sum, i) => sum / counts[i]);
  });
}

/**
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {Lookup} parameter
 * @param {Window} window
 */
function sequenceForward(tape, settings, parameter, window) {
  const reader = new Reader(tape, settings, parameter, window);
  const levels = reader.encode();
  const logits = namedLinear(tape, parameter, 'byte_head', reader.decode(levels));
  const targets = nextSymbols(window.bytes);
  if (window.next !== undefined) targets[targets.length - 1] = window.next;
  const wanted = goals(levels, entropy(tape, logits).data);
  const distances = wanted.flatMap((goal, l) =>
    levels[l].logits ? [] : [tape.square(tape.subtract(levels[l].scores, tape.leaf(goal.length, 1, goal)))],
  );
  const losses = crossEntropy(tape, logits, targets);
  const own = levels[0].logits;
  const encoder = own && { logits: own, losses: crossEntropy(tape, own, targets) };
  return { levels, logits, losses, encoder, distances, carried: reader.after, margin: reader.margin };
}

/**
 * The forward pass of a batch of windows.
 * @param {Tape} tape
 * @param {ModelSettings} settings
 * @param {Lookup} parameter
 * @param {Window[]} windows  [B]
 */
export function residualForward(tape, settings, parameter, windows) {
  const sequences = windows.map((window) => sequenceForward(tape, settings, parameter, window));
  const meanOf = (/** @type {Matrix[]} */ losses) => tape.mean(stack(tape, losses));
  const decoder = meanOf(sequences.map(({ losses }) => losses));
  const own = sequences.flatMap(({ encoder }) => (encoder ? [encoder.losses] : []));
  const encoder = own.length > 0 ? meanOf(own) : null;
  // The sum of the means of levels with positions, divided by the number of levels with an uncertainty head.
  const below = sequences[0].distances.length;
  let uncertainty = tape.leaf(1, 1);
  for (let l = 0; l < below; l++) {
    const distances = sequences.map((sequence) => sequence.distances[l]).filter(({ rows }) => rows > 0);
    if (distances.length > 0) uncertainty = tape.add(uncertainty, tape.scale(meanOf(distances), 1 / below));
  }
  const flat = settings.model_type === 'flat';
  const last = tape.add(
    tape.scale(decoder, flat ? 1 : settings.decoder_loss_weight),
    tape.scale(uncertainty, settings.uncertainty_loss_weight),
  );
  const total = encoder ? tape.add(last, tape.scale(encoder, settings.encoder_loss_weight)) : last;
  return { total, decoder, encoder: encoder ?? decoder, uncertainty, sequences };
}
