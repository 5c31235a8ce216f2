/* The adaptive model's stream: one token at a time in each level, higher levels only at borders. */
#include "adaptive.h"
#include "decoder_input.h"
#include "kernels/vector.h"
#include "stream_parts.h"

/** Numbers that a level takes in the memory: two states of two layers each, its output, its prediction, whether there is one. */
static int64_t level_width(int64_t p) { return 6 * p + AC_LANES; }

int64_t ac_adaptive_memory(const ac_model *m) { return m->config.num_levels * level_width(m->shared.padded); }

void ac_adaptive_stream_layout(ac_arena *arena, const ac_model *m, ac_stream *s) {
  const int64_t p = m->shared.padded;
  for (int l = 0; l < m->config.num_levels; l++) {
    const int64_t at = l * level_width(p);
    s->level[l].encoder = ac_stream_place(s, at);
    s->level[l].decoder = ac_stream_place(s, at + 2 * p);
    s->level[l].given = ac_stream_place(s, at + 4 * p);
    s->level[l].prediction = ac_stream_place(s, at + 5 * p);
    s->level[l].predicted = ac_stream_place(s, at + 6 * p);
    s->level[l].parent = AC_TAKE(arena, ac_real, p);
    s->level[l].orphan = AC_TAKE(arena, ac_real, p);
  }
}

/** Projects `given` [P], the output of the level above. */
static void project(const ac_stream *s, int l, const ac_real *given, ac_real *out) {
  ac_linear_forward(&s->model->shared, &s->model->level[l].projection, 1, given, out);
}

void ac_adaptive_stream_derive(ac_stream *s) {
  for (int l = 0; l < s->model->config.num_levels - 1; l++) {
    project(s, l, s->model->shared.zeros, s->level[l].orphan);
    project(s, l, s->level[l + 1].given, s->level[l].parent);
  }
}

const ac_real *ac_adaptive_stream_state(const ac_stream *s, int32_t kind, int32_t level, int32_t layer) {
  const int32_t levels = s->model->config.num_levels;
  const int64_t p = s->model->shared.padded;
  const bool vectors = kind == AC_STATE_ENCODER || kind == AC_STATE_DECODER;
  if (level < 0 || level >= levels || layer < 0 || layer > (vectors ? 1 : 0)) {
    return NULL;
  }
  if (kind == AC_STATE_ENCODER) {
    return s->level[level].encoder + layer * p;
  }
  if (level == levels - 1) {
    return NULL;
  }
  if (kind == AC_STATE_DECODER) {
    return s->level[level].decoder + layer * p;
  }
  return kind == AC_STATE_PARENT ? s->level[level].parent : NULL;
}

/** Score, running sum and border of a level's new token, whose encoder state is `hidden`. */
static void weigh(ac_stream *s, int l, const ac_real *hidden, int32_t target, int wants, ac_token *token) {
  const ac_model *m = s->model;
  const bool top = l == m->config.num_levels - 1;
  if (l == 0 && (!top || (wants & AC_WANT_ENCODER))) {
    ac_stream_predict(s, &m->encoder_head, hidden, target, &s->outcome.encoder);
    token->score = s->outcome.encoder.entropy;
  } else if (l > 0) {
    token->score = ac_meta_score(&m->shared, &m->level[l].meta, hidden, NULL);
  }
  if (top) {
    s->level[l].rule->count++;
  } else {
    ac_stream_route(s, l, token);
  }
}

/** The squared error of the level's last prediction against its new input, and its next prediction. */
static void compare(ac_stream *s, int l, const ac_real *x, const ac_real *hidden, int wants, ac_token *token) {
  const ac_model *m = s->model;
  ac_level_state *level = &s->level[l];
  token->realised = (ac_real)__builtin_nan("");
  if (l > 0 && (wants & AC_WANT_PREDICTIONS)) {
    if (*level->predicted != 0) {
      token->realised = ac_meta_error(&m->shared, level->prediction, x);
    }
    ac_linear_forward(&m->shared, &m->level[l].meta.predictor, 1, hidden, level->prediction);
    *level->predicted = 1;
  }
}

/** Steps the level's decoder; a border position is not conditioned by the parent that it creates. */
static void decode(ac_stream *s, int l, const ac_real *x, bool border) {
  const ac_model *m = s->model;
  const int64_t p = m->shared.padded;
  const ac_level *level = &m->level[l];
  ac_level_state *state = &s->level[l];
  ac_decoder_input(p, x, border || state->off ? state->orphan : state->parent, s->mix);
  ac_gru_step(&m->shared, &level->decoder, s->mix, state->decoder, s->work, s->output);
}

/** Feeds the token in s->input to level l; returns whether it goes on to the next level. */
static bool emit(ac_stream *s, int l, int32_t target, int wants) {
  ac_model *m = s->model;
  const int64_t p = m->shared.padded;
  const bool top = l == m->config.num_levels - 1;
  ac_level_state *level = &s->level[l];
  ac_token *token = &s->outcome.token[l];
  const bool first = level->rule->count == 0;
  *token = (ac_token){.source = l ? s->level[l - 1].rule->count - 1 : level->rule->count};
  const ac_real *hidden = level->encoder + p;
  if (l == 0) {
    ac_gru_step_symbol(&m->shared, &m->level[l].encoder, s->symbol, level->encoder, s->work, s->output);
  } else {
    ac_gru_step(&m->shared, &m->level[l].encoder, s->input, level->encoder, s->work, s->output);
  }
  weigh(s, l, hidden, target, wants, token);
  compare(s, l, s->input, hidden, wants, token);
  if (!top) {
    decode(s, l, s->input, token->border);
  }
  if (l == 0 && (wants & AC_WANT_DECODER)) {
    ac_stream_predict(s, &m->decoder_head, s->output, target, &s->outcome.decoder);
  }
  if (l > 0 && !first) {
    ac_copy(p, s->output, level->given);
    project(s, l - 1, level->given, s->level[l - 1].parent);
  }
  ac_copy(p, hidden, s->input);
  return token->border;
}

void ac_adaptive_stream_feed(ac_stream *s, int32_t target, int wants) {
  int l = 0;
  while (emit(s, l, target, wants)) {
    l++;
  }
  s->outcome.depth = l + 1;
}
