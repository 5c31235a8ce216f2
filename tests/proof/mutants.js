/**
 * Mistakes that one could make in the core, and the native test that must notice each. A mistake is a change of meaning
 * in a named function, table or macro: an operator, a number, a call. Layout, comments and everything
 * around it may change freely.
 */

/**
 * @typedef {object} Mutant
 * @property {string} about
 * @property {string} place  name of what is changed, with its file in front where several files have that name
 * @property {string} from   C tokens that stand once in it; `_` is any one name
 * @property {string} to     what replaces them
 * @property {string} test   name of a native test
 */

/** @param {string} test @param {[about: string, place: string, from: string, to: string][]} list */
const mutants = (test, list) => list.map(([about, place, from, to]) => ({ test, about, place, from, to }));

/** @type {readonly Mutant[]} */
export const MUTANTS = Object.freeze([
  ...mutants('kernels', [
    ['a row taken twice', 'add_step', 'left[_]', 'left[0]'],
    ['half a panel wrong', 'add_step', 'ac_multiply_add(s[1], x, b1)', 'ac_multiply_add(s[1], x, b0)'],
    ['one step too few', 'accumulate', '== 3', '== 4'],
    ['last rows left out', 'ac_gemm', 'whole < m', 'whole + 1 < m'],
    ['packing one column short', 'ac_pack_transposed', 'c < columns', 'c + 1 < columns'],
    ['gradient’s edge in the wrong tile', 'gradient_edge', 'gradient_tile(block,', 'gradient_tile(block - 1,'],
    ['index not followed', 'panels_of', '(_ ? _[r] : r)', 'r'],
    ['padding down', 'ac_padded', '- 1)', '- 2)'],
    [
      'reset gate forgotten',
      'ac_gates_forward',
      'ac_multiply_add(ac_load(gn + i), ac_load(gr + i), q)',
      'ac_add(ac_load(gn + i), q)',
    ],
    ['update gate inverted', 'ac_gates_forward', 'ac_sub(one, z)', 'z'],
    ['derivative of tanh', 'ac_gates_backward', 'ac_mul(n, n)', 'n'],
    ['previous state forgotten', 'ac_gates_backward', 'ac_sub(h, n)', 'ac_sub(zero, n)'],
    ['carry lost', 'ac_gates_backward', 'ac_multiply_add(ac_load(carry + i),', 'ac_mul('],
    [
      'highest not subtracted',
      'ac_softmax_row',
      'ac_exp(ac_sub(ac_load(logits + i), shift))',
      'ac_exp(ac_load(logits + i))',
    ],
    ['padding counted', 'ac_softmax_row', '-__builtin_inf()', '0'],
    ['entropy’s sign', 'ac_softmax_row', 'entropy = ac_sub', 'entropy = ac_add'],
    ['target forgotten', 'ac_softmax_gradient', '-=', '-= 0 *'],
    ['slope without its mean', 'ac_softmax_gradient', '- mean', ''],
    ['last of a tie', 'ac_softmax_row', '!= highest', '< highest - 1'],
    ['tail not added', 'ac_add_to', 'y[_] += x', 'y[_] = x'],
    ['squares of a tail', 'ac_sum_squares', 'x[i] * x[i]', 'x[i]'],
    ['second moment', 'adamw_vector', 'ac_mul(g, g)', 'g'],
    ['no bias correction', 'adamw_vector', 'ac_mul(ac_sqrt(v), ac_splat(k->root))', 'ac_sqrt(v)'],
    ['no weight decay', 'adamw_vector', 'ac_mul(ac_load(_), ac_splat(k->decay))', 'ac_load(_)'],
    ['dropout that does not scale', 'ac_dropout', '* keep', ''],
    ['a worse hash', 'hash', '(key >> 32)', 'key'],
    ['logarithm’s half', 'ac_log', '> 1.41421356237309514547', '> 1.9'],
    ['logarithm without its series', 'ac_log', '(s + s * series)', 's'],
    ['logistic below zero', 'ac_logistic', 'e /', '1.0 /'],
    ['exponential’s last term', 'ac_exp_scalar', '= 14', '= 6'],
    ['polynomial’s digit', 'ac_exp_reduced', '0.04166839f', '0.04266839f'],
    ['tanh’s clamp', 'ac_tanh', 'ac_splat(20.0f)', 'ac_splat(5.0f)'],
    [
      'lanes in another order',
      'ac_sum_lanes',
      '(ac_lane(v, 0) + ac_lane(v, 1)) + (ac_lane(v, 2) + ac_lane(v, 3))',
      'ac_lane(v, 0) + (ac_lane(v, 1) + (ac_lane(v, 2) + ac_lane(v, 3)))',
    ],
    ['a lane left out', 'ac_max_lanes', 'i < AC_LANES', 'i < AC_LANES - 1'],
  ]),
  ...mutants('borders', [
    ['above, not at, the threshold', 'accumulated', 'sum >= in->threshold', 'sum > in->threshold + (ac_real)1e-3'],
    ['the rest carried over', 'accumulated', 'sum = 0', 'sum -= in->threshold'],
    ['no sum', 'accumulated', 'sum +=', 'sum ='],
    [
      'first position counted',
      'ac_rule_decide',
      'state->count == 0 || rule->decide(state, in)',
      'rule->decide(state, in) || state->count == 0',
    ],
    ['first position no border', 'ac_rule_decide', 'count == 0 ||', 'count &&'],
    ['room one too small', 'most_accumulated', '1 + (_)', '(_)'],
    ['half the room', 'most_accumulated', '* score', '* 0.5 * score'],
    ['first parent conditions', 'ac_links_build', '>= 1', '>= 0'],
    ['a border has a parent', 'ac_links_build', 'source[above] = i;', 'source[above] = i, links->parent[i] = above;'],
    ['shortest first', 'ac_rows_build', 'lengths[_] > lengths', 'lengths[_] < lengths'],
    ['ties reversed', 'ac_rows_build', 'other < s', 'other > s'],
    ['one row after the end', 'ac_rows_build', '> t + 1', '> t'],
  ]),
  ...mutants('golden', [
    ['teacher compares with the input', 'teacher_forced', '!= in->target', '!= in->symbol'],
    ['one threshold for all', 'accumulated_threshold', 'level ? _->_ :', ''],
    ['gates exchanged', 'IH_PLACE', '{1, 2, 0}', '{2, 1, 0}'],
    ['mean over the padding', 'ac_meta_error', 'shared->hidden', '(shared->padded + 1)'],
    ['a token is its own target', 'ac_meta_forward', 'next *', 'i *'],
    ['parent of another row', 'decode', 'parent >= 0 ? parent', 'parent > 0 ? parent - 1'],
    ['uncertainty’s weight', 'adaptive.c losses', 'uncertainty_loss_weight', 'meta_loss_weight'],
    ['another kind', 'ac_kind_of', 'model_type == config', 'model_type != config'],
    ['no residual', 'forward', 'ac_copy(n, block->x,', 'ac_zero(n,'],
    ['end of the text', 'take_bytes', 'length - 1 ? end', 'length ? end'],
    ['power without multiplying', 'power', '*= x', '*= 1'],
  ]),
  ...mutants('readers', [
    ['weights of its own', 'make', 'lender ?', 'lender && 0 ?'],
    ['borrowed memory counted', 'ac_reader_bytes', 'lender ? 0 : size.weights', 'size.weights'],
    ['widths not compared', 'same_tensors', '.width == ac_config_level(own, l).width', '.width > 0'],
    ['wirings not compared', 'same_tensors', 'ac_kind_of(config) == m->kind', 'true'],
    ['training not refused', 'ac_model_add_gradients', 'ac_model_trains(m)', '1'],
    ['old packs kept', 'ac_model_parameters_changed', '*m->packed =', ''],
  ]),
  ...mutants('gradients', [
    ['a parent that is not read', 'ac_decoder_input', 'ac_add_to(p, parent, out)', '(void)parent'],
    ['a parent that does not learn', 'ac_decoder_input_backward', 'ac_add_to(p, dout, dparent)', '(void)dparent'],
  ]),
  ...mutants('memory', [
    ['rules not copied', 'ac_memory_copy', 'l < from->levels', 'l < 0'],
    ['another sequence', 'ac_memory_copy', 'to->states + t *', 'to->states + 0 *'],
    ['states not forgotten', 'ac_memory_forget', 'ac_zero(memory->sequences *', 'ac_zero(0 *'],
    ['shapes not compared', 'ac_memory_fits', 'a->width == b->width', 'true'],
    ['earlier parents kept', 'ac_stream_go_on', 's->derived = false', '(void)s'],
  ]),
  ...mutants('gradients', [
    ['gradient of a step lost', 'ac_gru_layer_backward', '>=', '>'],
    [
      'first step’s rows',
      'recurrent_gradient',
      'rows->count[0] :',
      '(c->count > rows->count[0] ? c->first + 2 * rows->count[0] : c->first + rows->count[0]) :',
    ],
    ['symbols not summed', 'sum_symbols', 'ac_add_to', 'ac_copy'],
    [
      'dropout not undone',
      'ac_gru_backward',
      'ac_dropout_rows(shared, shared->padded, gru->number, rows, true, shared->between, shared->between)',
      '(void)rows',
    ],
    ['bias gradient', 'ac_linear_backward', 'ac_add_columns(n,', 'ac_add_columns(n - 1,'],
    ['inputs’ gradient set, not added', 'ac_linear_backward', 'NULL, dx', 'shared->zeros, dx'],
    ['floor’s slope', 'ac_head_run', '-2 *', '2 *'],
    ['targets without gradient', 'ac_meta_backward', 'ac_store(target + j, ac_sub(ac_load(target + j), d))', '(void)d'],
    ['last target’s gradient', 'ac_meta_backward', 'target ? 0 :', ''],
    ['error not constant', 'ac_meta_backward', '- meta->error[i]', ''],
    ['softplus’s slope', 'ac_meta_backward', 'ac_logistic(', 'ac_logistic(-'],
    ['border states without gradient', 'encode_backward', 'links.source[i] *', 'links.source[0] * 0 + i *'],
    ['parents’ gradient', 'ac_decoder_input_backward', 'ac_add_to', 'ac_copy'],
    [
      'bias of no parent',
      'decode_backward',
      'ac_add_columns(1, m->shared.hidden, level->dx + i * p, (int)p, bias)',
      '(void)bias',
    ],
    ['mean over the wrong level', 'encode_backward', 'tokens[l]', 'tokens[l - 1]'],
    ['gradient skips blocks', 'backward', 'ac_copy(n,', 'ac_copy(n / 2,'],
  ]),
  ...mutants('stream', [
    [
      'cached step without recurrence',
      'finish_step',
      'ac_gemm(1, 3 * p, h, state, p, layer->hh_forward, layer->hh_bias, work + 4 * p, 3 * p)',
      'ac_copy(3 * p, layer->hh_bias, work + 4 * p); (void)h',
    ],
    ['output of the level above lost', 'adaptive_stream.c emit', 'ac_copy(p, s->output, level->given)', '(void)level'],
    ['text kept through a reset', 'ac_stream_reset', 'ac_memory_forget(&s->memory)', '(void)ac_memory_forget'],
    ['parents kept through a reset', 'ac_stream_reset', 's->derived = false', '(void)s'],
    ['border has its parent', 'adaptive_stream.c decode', 'border ||', ''],
    ['first token is a parent', 'emit', '&& !first', ''],
  ]),
  ...mutants('seeds', [
    ['masks that forget the step', 'ac_dropout_rows', '(shared->dropout_step << 8) |', ''],
    ['masks that forget the replica', 'ac_dropout_rows', 'shared->first_sequence +', ''],
    ['the same order in every epoch', 'ac_shuffled', '((uint64_t)epoch << 32) |', ''],
    ['shuffle rounds on one half only', 'ac_shuffled', 'left = right;', ''],
  ]),
  ...mutants('residual', [
    ['n-grams of another sequence', 'ac_ngrams_forward', 's * width', '0 * width'],
    ['spans of another sequence', 'ac_spans_find', 's * width', '0 * width'],
    ['a span that goes on over its border', 'ac_spans_read', 'border ? 0 :', ''],
    ['spans before the last forgotten', 'ac_spans_read', 'latest[k] = latest[k - 1]', '(void)k'],
    [
      'a token of a part of its span',
      'ac_spans_read',
      '(span % (uint32_t)n->rows)',
      '(unfinished % (uint32_t)n->rows)',
    ],
    ['tokens of a stream without embeddings', 'ac_residual_stream_feed', 'depth == 1', 'depth == 9'],
    ['the first blocks left out', 'residual.c decode', 'k = 0', 'k = 1'],
    ['another sequence’s token', 'link_rows', '+ s', ''],
    ['rate steered the wrong way', 'steer', 'target -', '- target +'],
    ['a border read one token late', 'residual_stream.c decode', 'off', 'off && s->outcome.depth > l'],
  ]),
  ...mutants('residual_gradients', [
    ['n-grams of the last byte learn nothing', 'ac_ngrams_backward', 'i < m->level', 'i + 1 < m->level'],
    ['all tensors those of level 0', 'ac_residual_tensors', 'b->reach = l', 'b->reach = 0'],
    ['the second span learns nothing', 'ac_spans_backward', 'n->spans', 'n->spans / 2'],
    ['token embeddings learn nothing', 'ac_token_backward', 'n->tokens', '0 * n->tokens'],
    ['gradient of the skip lost', 'encoder_backward', 'ac_add_to(n * p, stage->ds, stage->dx)', '(void)p'],
    ['the slope of softplus', 'uncertainty_backward', 'ac_logistic((double)stage->logit[i])', '1'],
    [
      'dropout not undone',
      'blocks_backward',
      'ac_residual_drop(m, l, 1 + k, true, stage->ds, stage->dy)',
      'ac_copy(rows->total * p, stage->ds, stage->dy)',
    ],
    ['tokens above give nothing back', 'encoder_backward', '(p', '(0 * p'],
    ['levels without a token learn', 'link_rows', '+= above >= 0', '+= 1'],
  ]),
  ...mutants('contract', [
    [
      'a row of n-grams beyond the last',
      'ac_model_add_sparse',
      '(double)row[0] < (double)most',
      '(double)row[0] <= (double)most',
    ],
    ['rows that stay where they were', 'ac_model_take_sparse', 'ac_ngrams_clear(m)', '(void)m'],
    ['logits of another step', 'copy_logits', 't - pass->out_from', 't'],
    ['clipping from below', 'ac_model_update', '> clip', '< clip'],
    ['update twice', 'ac_model_update', 'm->reached = false;', ''],
    ['longest text by one', 'run', 'sequence_length', 'sequence_length + 1'],
  ]),
  ...mutants('trace', [
    ['no prediction remembered', 'compare', '*level->predicted = 1', '(void)level'],
    ['rows beyond the first block', 'ac_head_run', 'hidden + start', 'hidden + start % 128'],
    ['highest of a tie', 'keep_top', 'best[r] > best[run]', 'best[r] >= best[run]'],
    ['likeliest of a run not updated', 'keep_top', 'best[run] = highest(', 'best[run] = 0 * highest('],
    ['nats for bits', 'keep_head', '/ LN2', ''],
    ['target of the last byte', 'ac_trace_piece', ': next', ': -1'],
  ]),
  ...mutants('tensors', [
    ['a count', 'ac_adaptive_parameters', '(levels - 1)', 'levels'],
    ['a block’s size', 'ac_gru_parameters', '+ 12 *', '+ 11 *'],
  ]),
  ...mutants('sampling', [
    ['one too many', 'ac_sample', 'top_k)', 'top_k + 1)'],
    ['temperature inverted', 'ac_sample', '/ temperature', '* temperature'],
    ['always the likeliest', 'ac_sample', 'ac_random_uniform', '0 * ac_random_uniform'],
  ]),
  ...mutants('finite', [
    ['gradient not checked', 'ac_model_update', '!ac_is_finite(*norm) ||', ''],
    ['NaN not reported', 'run', '!ac_is_finite(losses.total)', 'losses.total > 1e300'],
  ]),
  ...mutants('settings', [
    [
      'NaN let through',
      'WITHIN',
      '((double)(value) >= (double)(type)(least) && (double)(value) <=',
      '!((double)(value) < (double)(type)(least) || (double)(value) >',
    ],
  ]),
  ...mutants('coder', [['carry lost', 'shift', '(uint8_t)(e->held + carry))', 'e->held); (void)carry']]),
  ...mutants('compress', [
    ['choice of a set with one place', 'layout', 'AC_COUNTS_CHOICE_SIZE[2]', '1'],
    [
      'nothing fed',
      'compress_model.c feed',
      'listener->expected = ac_stream_feed(listener->stream, byte, -1, AC_WANT_DECODER)->decoder.probabilities',
      '(void)byte; listener->expected = listener->even',
    ],
    ['the model’s share without the bits before', 'cost_alone', 'partial = 2 * partial', 'partial = 1'],
    ['rows without a check', 'find', 'check = check', 'check = 0'],
    ['counts that do not grow', 'after', 'counts[bit]++; if', 'if'],
    ['a match that stands still', 'ac_match_byte', 'at++', 'at += 0'],
    ['weights that do not learn', 'ac_mix_learn', 'rate *', '0 * rate *'],
  ]),
  ...mutants('learner', [
    ['lessons never held', 'learner.c feed', 'learn(l, w)', '(void)learn'],
    [
      'output of the level above not kept',
      'residual_stream.c decode',
      'ac_copy(p, level->stream, level->given)',
      '(void)level',
    ],
  ]),
]);
