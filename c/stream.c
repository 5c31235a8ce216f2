#include "stream.h"

#include <stddef.h>

#include "kernels/gemm.h"
#include "kernels/softmax.h"
#include "kernels/vector.h"
#include "stream_parts.h"

static void layout(ac_arena *arena, const ac_model *m, ac_stream *s) {
  const int64_t p = m->widest;
  ac_memory_layout(arena, 1, m->memory_width, m->config.num_levels, &s->memory);
  for (int l = 0; l < m->config.num_levels; l++) {
    s->level[l].rule = s->memory.rules ? &s->memory.rules[l] : NULL;
  }
  if (m->kind->stream_layout) {
    m->kind->stream_layout(arena, m, s);
  }
  s->work = AC_TAKE(arena, ac_real, 7 * p);
  s->input = AC_TAKE(arena, ac_real, p);
  s->output = AC_TAKE(arena, ac_real, p);
  s->mix = AC_TAKE(arena, ac_real, p);
  ac_prediction *const predictions[2] = {&s->outcome.encoder, &s->outcome.decoder};
  for (int i = 0; i < 2; i++) {
    predictions[i]->logits = AC_TAKE(arena, ac_real, ac_padded(AC_SYMBOLS));
    predictions[i]->probabilities = AC_TAKE(arena, ac_real, ac_padded(AC_SYMBOLS));
  }
}

uint64_t ac_stream_bytes(const ac_model *m) {
  ac_arena arena = {NULL, 0};
  ac_stream counted;
  ac_take(&arena, 1, sizeof counted);
  layout(&arena, m, &counted);
  return arena.used;
}

ac_status ac_stream_init(ac_model *m, void *block, uint64_t bytes, ac_stream **out) {
  const uint64_t needed = ac_stream_bytes(m);
  if (ac_config_leaks(&m->config)) {
    return AC_LEAKS;
  }
  if (bytes < needed) {
    return AC_SMALL_BLOCK;
  }
  for (uint64_t i = 0; i < needed; i++) {
    ((uint8_t *)block)[i] = 0;
  }
  ac_arena arena = {block, 0};
  ac_stream *s = ac_take(&arena, 1, sizeof *s);
  layout(&arena, m, s);
  s->model = m;
  for (int l = 0; l < m->config.num_levels; l++) {
    s->level[l].threshold = m->thresholds[l];
  }
  *out = s;
  return AC_OK;
}

void ac_stream_reset(ac_stream *s) {
  ac_memory_forget(&s->memory);
  s->derived = false;
}

const ac_memory *ac_stream_memory(const ac_stream *s) { return &s->memory; }

ac_status ac_stream_go_on(ac_stream *s, const ac_memory *from, int32_t sequence) {
  if (!from->states || !ac_memory_fits(&s->memory, from) || sequence < 0 || sequence >= from->sequences) {
    return AC_BAD_SETTING;
  }
  ac_memory_copy(&s->memory, 0, from, sequence);
  s->derived = false;
  return AC_OK;
}

ac_status ac_stream_set_threshold(ac_stream *s, int32_t level, ac_real threshold) {
  if (level < 0 || level >= s->model->config.num_levels - 1 || !(threshold >= 0)) {
    return AC_BAD_INPUT;
  }
  s->level[level].threshold = threshold;
  return AC_OK;
}

void ac_stream_set_parents(ac_stream *s, bool on) {
  for (int l = 0; l < AC_MAX_LEVELS; l++) {
    s->level[l].off = !on;
  }
}

ac_status ac_stream_set_level_parents(ac_stream *s, int32_t level, bool on) {
  if (level < 0 || level >= s->model->config.num_levels - 1) {
    return AC_BAD_INPUT;
  }
  s->level[level].off = !on;
  return AC_OK;
}

const ac_real *ac_stream_state(const ac_stream *s, int32_t kind, int32_t level, int32_t layer) {
  return s->model->kind->stream_state(s, kind, level, layer);
}

void ac_stream_predict(const ac_stream *s, const ac_head *head, const ac_real *hidden, int32_t target,
                       ac_prediction *out) {
  ac_linear_forward(&s->model->shared, &head->linear, 1, hidden, out->logits);
  const ac_softmax_result r = ac_softmax_row(AC_SYMBOLS, out->logits, target, out->probabilities);
  out->entropy = r.entropy;
  out->cross_entropy = r.cross_entropy;
}

void ac_stream_route(ac_stream *s, int l, ac_token *token) {
  const ac_config *config = &s->model->config;
  ac_level_state *level = &s->level[l];
  const ac_rule_input in = {.level = l,
                            .symbol = s->symbol,
                            .mark = s->mark,
                            .score = token->score,
                            .threshold = level->threshold,
                            .seed = config->seed};
  token->border = ac_rule_decide(ac_rule_at(ac_config_level(config, l).rule), level->rule, &in);
  token->sum = level->rule->reached;
}

void ac_stream_set_mark(ac_stream *s, uint8_t mark) { s->mark = mark; }

const ac_outcome *ac_stream_feed(ac_stream *s, uint8_t byte, int32_t target, int wants) {
  ac_model *m = s->model;
  ac_model_pack(m, false);
  if (!s->derived && m->kind->stream_derive) {
    m->kind->stream_derive(s);
  }
  s->derived = true;
  s->symbol = byte;
  ac_copy(m->shared.hidden, ac_parameters_of(&m->shared, m->table.embedding) + (int64_t)byte * m->shared.hidden,
          s->input);
  s->outcome.depth = 1;
  m->kind->stream_feed(s, target, wants);
  s->mark = 0;
  return &s->outcome;
}
