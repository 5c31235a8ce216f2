/**
 * Mistakes that somebody could make in the core, one line each, and the native test that must notice. `from` stands
 * exactly once in the file. All but the last group are in loops and rules that everything else rests on.
 *
 * @typedef {{file: string, from: string, to: string, test: string, about: string}} Mutant
 */

/** @param {string} file @param {string} test @param {[about: string, from: string, to: string][]} list */
const mutants = (file, test, list) => list.map(([about, from, to]) => ({ file, from, to, test, about }));

/** @type {readonly Mutant[]} */
export const MUTANTS = Object.freeze([
  ...mutants('c/kernels/gemm.c', 'kernels', [
    ['a row taken twice', 'ac_splat(at->left[i][step])', 'ac_splat(at->left[0][step])'],
    ['half a panel wrong', 's[1] = ac_multiply_add(s[1], x, b1);', 's[1] = ac_multiply_add(s[1], x, b0);'],
    ['one step too few', 'if (rest == 3) {', 'if (rest == 4) {'],
    ['last rows left out', 'if (whole < m) {', 'if (whole + 1 < m) {'],
    [
      'packing off by a column',
      'out[i * AC_COLUMNS + c] = c < columns ? w[',
      'out[i * AC_COLUMNS + c] = c + 1 < columns ? w[',
    ],
    [
      'edge of a gradient',
      'gradient_tile(block, a, x, edge, AC_COLUMNS);',
      'gradient_tile(block - 1, a, x, edge, AC_COLUMNS);',
    ],
    ['index not followed', '(index ? index[r] : r) * ldx', 'r * ldx'],
  ]),
  ...mutants('c/kernels/gemm.h', 'kernels', [
    ['padding down', '(width + AC_COLUMNS - 1) / AC_COLUMNS', '(width + AC_COLUMNS - 2) / AC_COLUMNS'],
  ]),
  ...mutants('c/kernels/gates.c', 'kernels', [
    ['reset gate forgotten', 'ac_multiply_add(ac_load(gn + i), ac_load(gr + i), q)', 'ac_add(ac_load(gn + i), q)'],
    ['update gate turned round', 'ac_v4 h = ac_mul(ac_sub(one, z), n);', 'ac_v4 h = ac_mul(z, n);'],
    ['derivative of tanh', 'ac_sub(one, ac_mul(n, n))', 'ac_sub(one, n)'],
    [
      'state before forgotten',
      'ac_mul(ac_mul(dh, ac_sub(h, n)), ac_mul(z, rest))',
      'ac_mul(ac_mul(dh, ac_sub(zero, n)), ac_mul(z, rest))',
    ],
    ['carry lost', 'ac_multiply_add(ac_load(carry + i), dh, z)', 'ac_mul(dh, z)'],
  ]),
  ...mutants('c/kernels/softmax.c', 'kernels', [
    ['highest not taken off', 'ac_exp(ac_sub(ac_load(logits + i), shift))', 'ac_exp(ac_load(logits + i))'],
    ['padding counted', 'logits[i] = (ac_real)-__builtin_inf();', 'logits[i] = 0;'],
    ['entropy’s sign', 'entropy = ac_sub(entropy, ac_mul(p,', 'entropy = ac_add(entropy, ac_mul(p,'],
    ['target forgotten', 'row[target] -= ce_weight;', 'row[target] -= 0 * ce_weight;'],
    ['slope without its mean', '(entropy_slope(p) - mean)', '(entropy_slope(p))'],
    ['last of a tie', 'logits[result.best] != highest', 'logits[result.best] < highest - 1'],
  ]),
  ...mutants('c/kernels/vector.c', 'kernels', [
    ['tail not added', 'y[i] += x[i];', 'y[i] = x[i];'],
    ['squares of a tail', 'block += x[i] * x[i];', 'block += x[i];'],
    ['second moment', 'ac_mul(ac_mul(g, g), ac_splat(1 - k->beta2))', 'ac_mul(g, ac_splat(1 - k->beta2))'],
    ['no bias correction', 'ac_mul(ac_sqrt(v), ac_splat(k->root))', 'ac_sqrt(v)'],
    ['no weight decay', 'ac_sub(ac_mul(ac_load(parameter), ac_splat(k->decay))', 'ac_sub(ac_load(parameter)'],
    ['dropout that does not scale', '? 0 : x[i] * keep;', '? 0 : x[i];'],
    ['a worse hash', 'x ^= (uint32_t)(key >> 32);', 'x ^= (uint32_t)key;'],
  ]),
  ...mutants('c/kernels/math.c', 'kernels', [
    ['logarithm’s half', 'if (u.number > 1.41421356237309514547) {', 'if (u.number > 1.9) {'],
    ['softplus far out', 'return k * LN2 + 2.0 * (s + s * series);', 'return k * LN2 + 2.0 * s;'],
    ['logistic below zero', 'return x < 0.0 ? e / (1.0 + e)', 'return x < 0.0 ? 1.0 / (1.0 + e)'],
    ['exponential’s last term', 'for (int i = 14; i >= 1; i--) {', 'for (int i = 6; i >= 1; i--) {'],
  ]),
  ...mutants('c/kernels/math.h', 'kernels', [
    ['polynomial’s digit', 'ac_splat(0.04166839f)', 'ac_splat(0.04266839f)'],
    [
      'tanh’s clamp',
      'ac_min(ac_splat(20.0f), ac_add(magnitude, magnitude))',
      'ac_min(ac_splat(5.0f), ac_add(magnitude, magnitude))',
    ],
  ]),
  ...mutants('c/kernels/simd.h', 'kernels', [
    [
      'lanes in another order',
      '(ac_lane(v, 0) + ac_lane(v, 1)) + (ac_lane(v, 2) + ac_lane(v, 3))',
      'ac_lane(v, 0) + (ac_lane(v, 1) + (ac_lane(v, 2) + ac_lane(v, 3)))',
    ],
    [
      'a lane left out',
      'for (int i = 1; i < AC_LANES; i++) {\n    m =',
      'for (int i = 1; i < AC_LANES - 1; i++) {\n    m =',
    ],
  ]),
  ...mutants('c/rules.c', 'borders', [
    [
      'above, not at, the threshold',
      'if (state->sum >= in->threshold) {',
      'if (state->sum > in->threshold + (ac_real)1e-3) {',
    ],
    ['the rest carried over', 'state->sum = 0;', 'state->sum -= in->threshold;'],
    ['no sum', 'state->sum += in->score;', 'state->sum = in->score;'],
    [
      'first position counted',
      'state->count == 0 || rule->step(state, in);',
      'rule->step(state, in) || state->count == 0;',
    ],
    [
      'first position no border',
      'state->count == 0 || rule->step(state, in);',
      'state->count && rule->step(state, in);',
    ],
    [
      'room one too small',
      'const double borders = 1 + (double)(steps - 1)',
      'const double borders = (double)(steps - 1)',
    ],
    ['half the room', '* score / threshold;', '* 0.5 * score / threshold;'],
  ]),
  ...mutants('c/rules.c', 'golden', [
    ['teacher looks at itself', 'in->best != in->target', 'in->best != in->symbol'],
    ['one threshold for all', 'level ? c->meta_uncertainty_threshold : c->byte', 'c->byte'],
  ]),
  ...mutants('c/borders.c', 'borders', [
    ['first parent conditions', 'upper->time[above] >= 1', 'upper->time[above] >= 0'],
    ['a border has a parent', 'links->source[above] = i;', 'links->source[above] = i, links->parent[i] = above;'],
  ]),
  ...mutants('c/rows.c', 'borders', [
    ['shortest first', 'lengths[other] > lengths[s] || (', 'lengths[other] < lengths[s] || ('],
    ['ties turned round', 'lengths[other] == lengths[s] && other < s', 'lengths[other] == lengths[s] && other > s'],
    ['one row after the end', 'lengths[s] > t + 1 ?', 'lengths[s] > t ?'],
  ]),
  ...mutants('c/gru_layer.c', 'gradients', [
    [
      'a step’s gradient lost',
      'for (int t = c.to - 1; t >= c.from; t--) {',
      'for (int t = c.to - 1; t > c.from; t--) {',
    ],
    [
      'first step’s rows',
      'const int first = c->from == 0 ? rows->count[0] : c->first',
      'const int first = c->first + (c->from == 0 ? 1 : 0) * rows->count[0] + (c->from == 0 && c->count > rows->count[0])',
    ],
    [
      'symbols not summed',
      'ac_add_to(3 * p, gates, layer->products + layer->place[symbol] * 3 * p);',
      'ac_copy(3 * p, gates, layer->products + layer->place[symbol] * 3 * p);',
    ],
  ]),
  ...mutants('c/gru.c', 'gradients', [
    ['dropout not undone', 'drop(m, gru, rows, m->between, m->between);', '(void)drop;'],
  ]),
  ...mutants('c/gru_layer.c', 'stream', [
    [
      'cached step without recurrence',
      'ac_gemm(1, 3 * p, h, state, p, layer->hh_forward, layer->hh_bias, work + 4 * p, 3 * p);',
      'ac_copy(3 * p, layer->hh_bias, work + 4 * p); (void)h;',
    ],
  ]),
  ...mutants('c/gru.c', 'seeds', [
    ['masks that forget the step', '(m->dropout_step << 8) | (uint64_t)gru->number', '(uint64_t)gru->number'],
    [
      'masks that forget the replica',
      '(uint64_t)(m->first_sequence + rows->sequence[i])',
      '(uint64_t)(rows->sequence[i])',
    ],
  ]),
  ...mutants('c/residual.c', 'residual', [
    [
      'the first blocks left out',
      'for (int k = 0; k < stage->blocks; k++) {\n      ac_real *s =',
      'for (int k = 1; k < stage->blocks; k++) {\n      ac_real *s =',
    ],
    ['another sequence’s token', 'above >= 0 ? above : upper->total + s;', 'above >= 0 ? above : upper->total;'],
    ['a rate steered away', 'target - 1;', '-target + 1;'],
  ]),
  ...mutants('c/residual_stream.c', 'residual', [
    ['a border read one token late', 'level->off) {', 'level->off && s->step.depth > l) {'],
  ]),
  ...mutants('c/residual_backward.c', 'residual_gradients', [
    ['the skip’s gradient lost', 'ac_add_to(n * p, stage->ds, stage->dx);', '(void)p;'],
    ['the slope of softplus', '* (ac_real)ac_logistic((double)stage->logit[i]);', '* (ac_real)1;'],
    [
      'tokens above give nothing back',
      'ac_add_to(p, above->dx + i * p, stage->de',
      'ac_add_to(0 * p, above->dx + i * p, stage->de',
    ],
  ]),
  ...mutants('c/linear.c', 'gradients', [
    ['bias gradient', 'ac_add_columns(n, linear->outputs, dy,', 'ac_add_columns(n - 1, linear->outputs, dy,'],
    [
      'inputs’ gradient set, not added',
      'ac_gemm(n, m->padded, linear->outputs, dy, linear->out, linear->backward, NULL, dx, m->padded);',
      'ac_gemm(n, m->padded, linear->outputs, dy, linear->out, linear->backward, m->zeros, dx, m->padded);',
    ],
  ]),
  ...mutants('c/head.c', 'gradients', [
    ['floor’s slope', '-2 * below * pass->floor_weight', '2 * below * pass->floor_weight'],
  ]),
  ...mutants('c/head.c', 'contract', [
    ['logits of another step', 't - pass->out_from) * AC_SYMBOLS', 't) * AC_SYMBOLS'],
  ]),
  ...mutants('c/head.c', 'trace', [
    ['rows beyond the first block', 'pass->hidden + start * m->padded;', 'pass->hidden + start % 128 * m->padded;'],
  ]),
  ...mutants('c/gru_layer.c', 'golden', [['gates exchanged', 'IH_PLACE[3] = {1, 2, 0};', 'IH_PLACE[3] = {2, 1, 0};']]),
  ...mutants('c/meta.c', 'gradients', [
    ['targets without gradient', 'ac_store(target + j, ac_sub(ac_load(target + j), d));', '(void)d;'],
    ['last target’s gradient', 'end[j] -= target ? 0 : dm[j];', 'end[j] -= dm[j];'],
    ['error not constant', '(meta->score[i] - meta->error[i])', '(meta->score[i])'],
    [
      'softplus’s slope',
      '(ac_real)ac_logistic((double)meta->logit[i])',
      '(ac_real)ac_logistic(-(double)meta->logit[i])',
    ],
  ]),
  ...mutants('c/meta.c', 'golden', [
    ['mean over the padding', '/ (ac_real)m->hidden;', '/ (ac_real)(m->padded + 1);'],
    ['target of its own', 'x + next * p : meta->end', 'x + i * p : meta->end'],
  ]),
  ...mutants('c/adaptive.c', 'gradients', [
    ['border states without gradient', 'below->dhidden + below->links.source[i] * p', 'below->dhidden + i * p'],
    [
      'parents’ gradient',
      'ac_add_to(p, level->dx + i * p, level->projected + parent * p);',
      'ac_copy(p, level->dx + i * p, level->projected + parent * p);',
    ],
    ['bias of no parent', 'ac_add_columns(1, m->shared.hidden, level->dx + i * p, (int)p, bias);', '(void)bias;'],
    ['mean over the wrong level', 'm->total.tokens[l];', 'm->total.tokens[l - 1];'],
  ]),
  ...mutants('c/adaptive.c', 'golden', [
    ['parent of another row', '(parent >= 0 ? parent : above) * p', '(parent > 0 ? parent - 1 : above) * p'],
    [
      'uncertainty’s weight',
      '(double)c->uncertainty_loss_weight * out->uncertainty',
      '(double)c->meta_loss_weight * out->uncertainty',
    ],
  ]),
  ...mutants('c/adaptive.c', 'tensors', [
    ['a count', 'levels * ac_gru_parameters(h) + (levels - 1)', 'levels * ac_gru_parameters(h) + levels'],
  ]),
  ...mutants('c/tensors.c', 'tensors', [['a block’s size', '12 * h * h + 12 * h', '12 * h * h + 11 * h']]),
  ...mutants('c/kinds.c', 'golden', [
    ['another kind', '->model_type == config->model_type', '->model_type != config->model_type'],
  ]),
  ...mutants('c/baseline.c', 'golden', [
    ['no residual', 'ac_copy(n, block->x, block[1].x);', 'ac_zero(n, block[1].x);'],
  ]),
  ...mutants('c/baseline.c', 'gradients', [
    ['gradient skips blocks', 'ac_copy(n, dx, dy);', 'ac_copy(n / 2, dx, dy);'],
  ]),
  ...mutants('c/stream.c', 'stream', [['rule kept over a reset', 's->level[l].rule = (ac_rule_state){0};', '']]),
  ...mutants('c/adaptive_stream.c', 'stream', [
    [
      'border has its parent',
      'border || !s->parents ? state->orphan : state->parent',
      '!s->parents ? state->orphan : state->parent',
    ],
    ['first token is a parent', 'if (l > 0 && !first) {', 'if (l > 0) {'],
    ['weights kept over a reset', 'ac_zero(2 * p, level->encoder);', ''],
  ]),
  ...mutants('c/sampling.c', 'sampling', [
    ['one too many', 'kth_largest(probabilities, symbols, top_k)', 'kth_largest(probabilities, symbols, top_k + 1)'],
    ['temperature the wrong way', '- highest) / temperature)', '- highest) * temperature)'],
    [
      'always the likeliest',
      'double point = ac_random_uniform(random);',
      'double point = 0 * ac_random_uniform(random);',
    ],
  ]),
  ...mutants('c/trace.c', 'trace', [
    ['highest of a tie', 'p > probability[at - 1]', 'p >= probability[at - 1]'],
    ['nats for bits', '(double)p->cross_entropy / LN2', '(double)p->cross_entropy'],
    ['target of the last byte', 't + 1 < n ? bytes[t + 1] : next', 't + 1 < n ? bytes[t + 1] : -1'],
  ]),
  ...mutants('c/model.c', 'golden', [
    ['end of the text', 'rows->time[i] == length - 1 ? AC_EOS : from[1]', 'rows->time[i] == length ? AC_EOS : from[1]'],
  ]),
  ...mutants('c/optimiser.c', 'golden', [['power by squaring', 'k >>= 1, x *= x', 'k >>= 1, x *= 1']]),
  ...mutants('c/optimiser.c', 'contract', [
    ['clipping from below', '*norm > clip', '*norm < clip'],
    ['update twice', 'm->reached = false;\n  const double clip', 'const double clip'],
  ]),
  ...mutants('c/optimiser.c', 'finite', [['gradient not looked at', 'if (!ac_is_finite(*norm) || ', 'if (']]),
  ...mutants('c/model.c', 'contract', [
    ['longest text by one', 'length > m->config.sequence_length ||', 'length > m->config.sequence_length + 1 ||'],
  ]),
  ...mutants('c/model.c', 'finite', [
    ['NaN not told', 'if (!ac_is_finite(losses.total)) {', 'if (losses.total > 1e300) {'],
  ]),
  ...mutants('c/random.c', 'seeds', [
    ['order of one epoch only', '((uint64_t)epoch << 32) | round', 'round'],
    ['three rounds, of one half', 'left = right;', ''],
  ]),
  ...mutants('c/config.c', 'settings', [
    [
      'NaN let through',
      '((double)(value) >= (double)(type)(least) && (double)(value) <= (double)(type)(most))',
      '!((double)(value) < (double)(type)(least) || (double)(value) > (double)(type)(most))',
    ],
  ]),
  ...mutants('c/coder.c', 'coder', [
    ['carry lost', 'put(e, (uint8_t)(e->held + carry));', 'put(e, e->held); (void)carry;'],
  ]),
  ...mutants('c/compress.c', 'compress', [
    ['a set without its places', 'c->last.size[2] = AC_COUNTS_CHOICE_SIZE[2];', 'c->last.size[2] = 1;'],
  ]),
  ...mutants('c/compress_model.c', 'compress', [
    [
      'nothing is fed',
      'listener->expected = ac_stream_feed(listener->stream, byte, -1, AC_WANT_DECODER)->decoder.probabilities;',
      '(void)byte; listener->expected = listener->even;',
    ],
  ]),
  ...mutants('c/counts.c', 'compress', [['rows without a check', 'least->check = check;', 'least->check = 0;']]),
  ...mutants('c/counts_history.c', 'compress', [
    [
      'counts that do not grow',
      'h.counts[1 - bit] = cut(h.counts[1 - bit]);\n  h.counts[bit]++;',
      'h.counts[1 - bit] = cut(h.counts[1 - bit]);',
    ],
  ]),
  ...mutants('c/counts_match.c', 'compress', [['a match that stands still', 'm->at++;', 'm->at += 0;']]),
  ...mutants('c/mix.c', 'compress', [
    ['weights that do not learn', 'rate * ((ac_real)bit - layer->p[s])', '0 * rate * ((ac_real)bit - layer->p[s])'],
  ]),
]);
