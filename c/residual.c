/* The residual stream, forward: encoders up, borders between levels, parents and blocks back down. */
#include "residual.h"

#include "decoder_input.h"
#include "kernels/gemm.h"
#include "kernels/math.h"
#include "kernels/vector.h"
#include "residual_parts.h"

int ac_residual_top(const ac_model *m) { return ac_residual_top_of(&m->config); }

static ac_status check(const ac_config *c) {
  bool fine = (c->ngram_order < 2 && c->span_order == 0 && c->token_embeddings == 0) || c->ngram_rows > 0;
  for (int l = 0; l < ac_residual_top_of(c); l++) {
    fine = fine && !ac_rule_at(ac_config_level(c, l).rule)->leaks;
  }
  return fine ? AC_OK : AC_BAD_SETTING;
}

/* ---- room ---- */

static void layout_stage(const ac_room *room, ac_model *m, int l, int32_t steps) {
  ac_stage *stage = &m->stage[l];
  ac_level *level = &m->level[l];
  const ac_stage_tensors *t = &m->table.stage[l];
  const int32_t width = ac_config_level(&m->config, l).width;
  stage->shared = m->shared;
  stage->shared.hidden = width;
  stage->shared.padded = ac_padded(width);
  const int64_t p = stage->shared.padded;
  const int32_t inputs = l ? m->stage[l - 1].shared.hidden : width;
  stage->skip = inputs == width;
  stage->blocks = ac_residual_blocks_of(&m->config, l);
  stage->room = level->room = (int64_t)m->sequences * steps;
  stage->spare = stage->room + m->sequences;
  ac_rows_layout(room->work, m->sequences, steps, stage->room, &level->rows);
  ac_gru_layer_layout(room, &stage->shared, &t->encoder, 0, inputs, stage->room, &stage->encoder);
  ac_gru_layer_carry(room->work, &stage->shared, m->sequences, &stage->encoder);
  if (l == 0) {
    ac_gru_layer_read_embedding(room, &stage->shared, m->table.embedding, m->symbols, &stage->encoder);
  } else {
    level->mark = AC_TAKE(room->work, uint8_t, stage->room);
  }
  stage->block = AC_TAKE(room->work, ac_gru_layer, stage->blocks);
  for (int k = 0; k < stage->blocks; k++) {
    ac_gru_layer counted = {.in = 0};
    ac_gru_layer *block = stage->block ? &stage->block[k] : &counted;
    ac_gru_layer_layout(room, &stage->shared, &t->block[k], 0, width, stage->room, block);
    ac_gru_layer_carry(room->work, &stage->shared, m->sequences, block);
  }
  stage->encoder_at = m->memory_width;
  stage->given_at = stage->encoder_at + (1 + stage->blocks) * p;
  m->memory_width = stage->given_at + (l ? p : 0);
  stage->x = AC_TAKE(room->work, ac_real, stage->room * stage->encoder.in);
  stage->dx = AC_TAKE(room->training, ac_real, stage->room * stage->encoder.in);
  stage->bare = AC_TAKE(room->work, ac_real, stage->room * p);
  stage->stream = AC_TAKE(room->work, ac_real, (1 + stage->blocks) * stage->spare * p);
  stage->ds = AC_TAKE(room->training, ac_real, stage->spare * p);
  stage->dy = AC_TAKE(room->training, ac_real, stage->room * p);
  stage->de = AC_TAKE(room->training, ac_real, stage->room * p);
  stage->symbol = l ? AC_TAKE(room->work, int32_t, stage->room) : m->symbols;
  stage->bytes = AC_TAKE(room->work, int32_t, stage->room);
  stage->goal = AC_TAKE(room->work, ac_real, stage->room);
}

/** What a level below the top has besides; the level above is already laid out. */
static void layout_border(const ac_room *room, ac_model *m, int l) {
  ac_stage *stage = &m->stage[l], *above = &m->stage[l + 1];
  const ac_stage_tensors *t = &m->table.stage[l];
  if (l >= ac_residual_first_uncertain(&m->config)) {
    stage->uncertainty = t->uncertainty;
    stage->weight = AC_TAKE(room->weights, ac_real, stage->shared.padded);
  }
  stage->score = AC_TAKE(room->work, ac_real, stage->room);
  stage->logit = AC_TAKE(room->work, ac_real, stage->room);
  ac_linear_layout(room, &above->shared, &t->projection, stage->shared.hidden, &stage->down);
  stage->projected = AC_TAKE(room->work, ac_real, above->spare * stage->shared.padded);
  ac_links_layout(room->work, stage->room, above->room, &m->level[l].links);
}

static void layout(const ac_room *room, ac_model *m) {
  const int top = ac_residual_top(m);
  int32_t steps = m->config.sequence_length;
  /* The embedding, its gradient and the head are level 0's. */
  m->shared.hidden = ac_config_level(&m->config, 0).width;
  m->shared.padded = ac_padded(m->shared.hidden);
  for (int l = 0; l <= top; l++) {
    layout_stage(room, m, l, steps);
  }
  for (int l = 0; l < top; l++) {
    layout_border(room, m, l);
  }
  ac_ngrams_layout(room, m, m->stage[0].room);
  for (int i = 0; i < 2; i++) {
    ac_arena *arena = i == AC_TRAIN ? room->training : room->work;
    ac_memory_layout(arena, m->sequences, m->memory_width, m->config.num_levels, &m->memory[i]);
  }
  if (ac_residual_scores_by_encoder(&m->config)) {
    ac_head_layout(room, &m->shared, &m->table.encoder_head, &m->encoder_head);
  }
  ac_head_layout(room, &m->shared, &m->table.decoder_head, &m->decoder_head);
}

static void pack(ac_model *m, bool backward) {
  const int top = ac_residual_top(m);
  for (int l = 0; l <= top; l++) {
    ac_stage *stage = &m->stage[l];
    ac_gru_layer_pack(&stage->shared, &stage->encoder, backward);
    for (int k = 0; k < stage->blocks; k++) {
      ac_gru_layer_pack(&stage->shared, &stage->block[k], backward);
    }
    if (l < top) {
      if (l >= ac_residual_first_uncertain(&m->config)) {
        ac_copy(stage->shared.hidden, ac_parameters_of(&stage->shared, stage->uncertainty.weight), stage->weight);
      }
      ac_linear_pack(&m->stage[l + 1].shared, &stage->down, backward);
    }
  }
  if (ac_residual_scores_by_encoder(&m->config)) {
    ac_linear_pack(&m->shared, &m->encoder_head.linear, backward);
  }
  ac_linear_pack(&m->shared, &m->decoder_head.linear, backward);
}

/* ---- the pass ---- */

ac_real ac_residual_score(const ac_stage *stage, const ac_real *bare, ac_real *logit) {
  *logit =
      ac_dot(stage->shared.padded, bare, stage->weight) + *ac_parameters_of(&stage->shared, stage->uncertainty.bias);
  return (ac_real)ac_softplus((double)*logit);
}

/** Scores of a level below the top. Those of an encoder's head come with its predictions, and with their gradients. */
static void find_scores(ac_model *m, int l, bool training, const ac_outputs *outputs) {
  const ac_stage *stage = &m->stage[l];
  if (l < ac_residual_first_uncertain(&m->config)) {
    ac_head_pass pass = ac_model_encoder_pass(m, training, outputs);
    pass.hidden = stage->bare;
    pass.gradient = stage->de;
    pass.entropy = stage->score;
    m->sums.encoder = ac_head_run(&m->shared, &m->encoder_head, &pass, NULL);
    return;
  }
  for (int64_t i = 0; i < m->level[l].rows.total; i++) {
    stage->score[i] = ac_residual_score(stage, stage->bare + i * stage->shared.padded, &stage->logit[i]);
  }
}

/** Borders of a level below the top, by its scores; advances the rules' states. */
static void find_borders(ac_model *m, int l) {
  const ac_stage *stage = &m->stage[l];
  const ac_level *level = &m->level[l];
  const ac_rule *rule = ac_rule_at(ac_config_level(&m->config, l).rule);
  ac_rule_input in = {.level = l, .threshold = m->thresholds[l], .seed = m->config.seed};
  for (int32_t s = 0; s < level->rows.sequences; s++) {
    ac_rule_state *state = &m->memory[m->purpose == AC_TRAIN].rules[s * m->config.num_levels + l];
    for (int32_t i = ac_rows_first(&level->rows, s); i >= 0; i = level->rows.after[i]) {
      in.symbol = stage->symbol[i];
      in.mark = level->mark[i];
      in.score = stage->score[i];
      level->links.mask[i] = ac_rule_decide(rule, state, &in);
    }
  }
}

/**
 * The rows above that the borders make, and every row's parent: the token of the latest border at or before it, of this
 * pass, or else the one that its sequence brought along, which stands after them.
 */
static void link_rows(ac_model *m, int l) {
  const ac_rows *rows = &m->level[l].rows;
  ac_links *links = &m->level[l].links;
  ac_rows *upper = &m->level[l + 1].rows;
  for (int32_t s = 0; s < rows->sequences; s++) {
    m->lengths[s] = 0;
    for (int32_t i = ac_rows_first(rows, s); i >= 0; i = rows->after[i]) {
      m->lengths[s] += links->mask[i];
    }
  }
  ac_rows_build(upper, rows->sequences, m->lengths);
  for (int32_t s = 0; s < rows->sequences; s++) {
    int32_t above = -1, next = ac_rows_first(upper, s);
    for (int32_t i = ac_rows_first(rows, s); i >= 0; i = rows->after[i]) {
      if (links->mask[i]) {
        above = next;
        next = upper->after[above];
        links->source[above] = i;
      }
      links->parent[i] = above >= 0 ? above : upper->total + s;
      m->sums.conditioned[l] += above >= 0;
    }
  }
}

static ac_real *remembered(const ac_model *m, int64_t at) { return m->memory[m->purpose == AC_TRAIN].states + at; }

static void run_layer(ac_model *m, int l, ac_gru_layer *layer, int64_t at, const ac_real *x) {
  const ac_shared *shared = &m->stage[l].shared;
  const ac_rows *rows = &m->level[l].rows;
  ac_gru_layer_begin(shared, layer, rows, remembered(m, at), m->memory_width);
  ac_gru_layer_forward(shared, layer, rows, x);
  ac_gru_layer_end(shared, layer, rows, remembered(m, at), m->memory_width);
}

/** Encoders from the bytes up; each level's borders make the next level's rows. */
static void encode(ac_model *m, bool training, const ac_outputs *outputs) {
  const int top = ac_residual_top(m);
  ac_embed(m, m->stage[0].x);
  for (int l = 0; l <= top; l++) {
    ac_stage *stage = &m->stage[l];
    const int64_t n = m->level[l].rows.total, p = stage->shared.padded;
    run_layer(m, l, &stage->encoder, stage->encoder_at, stage->x);
    ac_copy(n * p, stage->encoder.hidden, stage->bare);
    if (stage->skip) {
      ac_add_to(n * p, stage->x, stage->bare);
    }
    if (l == 0) {
      ac_ngrams_forward(m, remembered(m, 0), m->memory_width, stage->bare);
    }
    m->sums.tokens[l] = (double)n;
    if (l < top) {
      ac_stage *above = &m->stage[l + 1];
      find_scores(m, l, training, outputs);
      find_borders(m, l);
      link_rows(m, l);
      if (l == 0) {
        ac_spans_find(m, remembered(m, 0), m->memory_width);
      }
      for (int64_t i = 0; i < m->level[l + 1].rows.total; i++) {
        const int64_t source = m->level[l].links.source[i];
        ac_copy(p, stage->encoder.hidden + source * p, above->x + i * p);
        if (l == 0) {
          ac_token_add(m, ac_spans_row(m, source), above->x + i * p);
        }
        above->symbol[i] = stage->symbol[source];
        m->level[l + 1].mark[i] = m->level[l].mark[source];
      }
    }
  }
}

/** Q y of all tokens above and of those that sequences brought along; remembers the latest y of each sequence. */
static void project(ac_model *m, int l) {
  ac_stage *stage = &m->stage[l], *above = &m->stage[l + 1];
  const ac_rows *upper = &m->level[l + 1].rows;
  const int64_t p = above->shared.padded;
  ac_real *given = ac_residual_given(above);
  for (int64_t s = 0; s < upper->sequences; s++) {
    ac_copy(p, remembered(m, above->given_at + s * m->memory_width), given + (upper->total + s) * p);
  }
  ac_linear_forward(&above->shared, &stage->down, upper->total + upper->sequences, given, stage->projected);
  for (int64_t i = 0; i < upper->total; i++) {
    if (upper->after[i] < 0) {
      ac_copy(p, given + i * p, remembered(m, above->given_at + upper->sequence[i] * m->memory_width));
    }
  }
}

/** Parents and blocks from the top down. */
static void decode(ac_model *m, bool training) {
  const int top = ac_residual_top(m);
  for (int l = top; l >= 0; l--) {
    ac_stage *stage = &m->stage[l];
    const ac_level *level = &m->level[l];
    const int64_t n = level->rows.total, p = stage->shared.padded;
    ac_residual_drop(m, l, 0, training, stage->bare, stage->stream);
    if (l < top) {
      project(m, l);
      for (int64_t i = 0; i < n; i++) {
        if (training || !m->without || !(m->without[level->rows.sequence[i]] >> l & 1)) {
          ac_real *x = stage->stream + i * p;
          ac_decoder_input(p, x, stage->projected + level->links.parent[i] * p, x);
          if (l == 0) {
            ac_spans_add(m, ac_spans_row(m, i), x);
          }
        }
      }
    }
    for (int k = 0; k < stage->blocks; k++) {
      ac_real *s = stage->stream + k * stage->spare * p, *after = s + stage->spare * p;
      run_layer(m, l, &stage->block[k], stage->encoder_at + (1 + k) * p, s);
      ac_residual_drop(m, l, 1 + k, training, stage->block[k].hidden, after);
      ac_add_to(n * p, s, after);
    }
  }
}

/** What u of an uncertainty head should be: the final head's entropy at a byte, and above its mean over the bytes of the span in this pass. */
static void set_goals(ac_model *m) {
  const int top = ac_residual_top(m);
  for (int l = 0; l < top; l++) {
    ac_stage *stage = &m->stage[l];
    const ac_rows *rows = &m->level[l].rows;
    for (int64_t i = 0; i < rows->total; i++) {
      stage->goal[i] = l ? 0 : m->entropy[i];
      stage->bytes[i] = l ? 0 : 1;
    }
    if (l > 0) {
      const ac_stage *below = &m->stage[l - 1];
      for (int64_t i = 0; i < m->level[l - 1].rows.total; i++) {
        const int64_t parent = m->level[l - 1].links.parent[i];
        if (parent < rows->total) {
          stage->goal[parent] += below->goal[i];
          stage->bytes[parent] += below->bytes[i];
        }
      }
    }
  }
  for (int l = 0; l < top; l++) {
    ac_stage *stage = &m->stage[l];
    for (int64_t i = 0; i < m->level[l].rows.total; i++) {
      stage->goal[i] /= (ac_real)stage->bytes[i];
      const double distance = (double)stage->score[i] - (double)stage->goal[i];
      m->sums.distance[l] += l >= ac_residual_first_uncertain(&m->config) ? distance * distance : 0;
    }
  }
}

static void forward(ac_model *m, bool training, const ac_outputs *outputs) {
  encode(m, training, outputs);
  decode(m, training);
  ac_head_pass pass = ac_model_head_pass(m, training, (double)m->config.decoder_loss_weight);
  pass.hidden = ac_residual_given(&m->stage[0]);
  pass.gradient = m->stage[0].ds;
  pass.entropy = m->entropy;
  if (outputs) {
    pass.out = outputs->decoder_logits;
    pass.out_from = outputs->from;
    pass.costs = outputs->costs;
  }
  m->sums.decoder = ac_head_run(&m->shared, &m->decoder_head, &pass, NULL);
  if (!ac_residual_scores_by_encoder(&m->config)) {
    m->sums.encoder = m->sums.decoder;
  }
  set_goals(m);
}

static void losses(const ac_config *c, const ac_sums *sums, ac_losses *losses) {
  const int top = ac_residual_top_of(c);
  losses->byte_encoder = sums->encoder / sums->bytes;
  losses->byte_decoder = sums->decoder / sums->bytes;
  for (int l = 0; l < top; l++) {
    losses->borders[l] = sums->tokens[l + 1] / sums->sequences;
  }
  const int first = ac_residual_first_uncertain(c);
  for (int l = first; l < top; l++) {
    losses->uncertainty += sums->tokens[l] > 0 ? sums->distance[l] / sums->tokens[l] / (top - first) : 0;
  }
  losses->total =
      (double)c->decoder_loss_weight * losses->byte_decoder + (double)c->uncertainty_loss_weight * losses->uncertainty;
  if (ac_residual_scores_by_encoder(c)) {
    losses->total += (double)c->encoder_loss_weight * losses->byte_encoder;
  }
}

/** Where a level has a target rate its threshold follows: θ ← θ·exp(0.05·(rate·R − 1)), the bracket at most 2. */
static void steer(ac_model *m) {
  const int top = ac_residual_top(m);
  for (int l = 0; l < top; l++) {
    const double target = (double)m->config.level[l].target_rate;
    if (target > 0 && m->total.tokens[l] > 0) {
      const double excess = m->total.tokens[l + 1] / m->total.tokens[l] * target - 1;
      m->thresholds[l] = (float)((double)m->thresholds[l] * ac_exp_scalar(0.05 * (excess > 2 ? 2 : excess)));
    }
  }
}

#define RESIDUAL(type, levels)                                                                                      \
  {                                                                                                                 \
    .model_type = type, .wiring = AC_RESIDUAL, .hierarchy = levels, .carries = true, .check = check,                \
    .tensors = ac_residual_tensors, .layout = layout, .pack = pack, .forward = forward,                             \
    .backward = ac_residual_backward, .losses = losses, .steer = steer, .stream_layout = ac_residual_stream_layout, \
    .stream_derive = ac_residual_stream_derive, .stream_feed = ac_residual_stream_feed,                             \
    .stream_state = ac_residual_stream_state                                                                        \
  }
const ac_kind ac_residual_kind = RESIDUAL(AC_ADAPTIVE, true);
const ac_kind ac_flat_kind = RESIDUAL(AC_FLAT, false);
