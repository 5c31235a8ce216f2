/* The residual stream read a byte at a time. */
#include "decoder_input.h"
#include "kernels/vector.h"
#include "residual_parts.h"
#include "stream_parts.h"

void ac_residual_stream_layout(ac_arena *arena, const ac_model *m, ac_stream *s) {
  for (int l = 0; l <= ac_residual_top(m); l++) {
    const ac_stage *stage = &m->stage[l];
    const int64_t p = stage->shared.padded;
    s->level[l].encoder = ac_stream_place(s, stage->encoder_at);
    s->level[l].decoder = ac_stream_place(s, stage->encoder_at + p);
    s->level[l].given = ac_stream_place(s, stage->given_at);
    s->level[l].parent = AC_TAKE(arena, ac_real, p);
    s->level[l].input = AC_TAKE(arena, ac_real, stage->encoder.in);
    s->level[l].stream = AC_TAKE(arena, ac_real, p);
  }
}

/** Projects the output of the level above, which conditions this level's tokens from now on. */
static void project(ac_stream *s, int l) {
  const ac_model *m = s->model;
  ac_linear_forward(&m->stage[l + 1].shared, &m->stage[l].down, 1, s->level[l + 1].given, s->level[l].parent);
}

void ac_residual_stream_derive(ac_stream *s) {
  for (int l = 0; l < ac_residual_top(s->model); l++) {
    project(s, l);
  }
}

const ac_real *ac_residual_stream_state(const ac_stream *s, int32_t kind, int32_t level, int32_t layer) {
  const ac_model *m = s->model;
  const int top = ac_residual_top(m);
  if (level < 0 || level > top || layer < 0) {
    return NULL;
  }
  if (kind == AC_STATE_ENCODER) {
    return layer == 0 ? s->level[level].encoder : NULL;
  }
  if (kind == AC_STATE_DECODER) {
    return layer < m->stage[level].blocks ? s->level[level].decoder + layer * m->stage[level].shared.padded : NULL;
  }
  return kind == AC_STATE_PARENT && layer == 0 && level < top ? s->level[level].parent : NULL;
}

/** What the rule reads of a level's token, at its stream; `target` is the symbol that follows, or −1. */
static ac_real score(ac_stream *s, int l, int32_t target) {
  const ac_model *m = s->model;
  if (l < ac_residual_first_uncertain(&m->config)) {
    ac_stream_predict(s, &m->encoder_head, s->level[l].stream, target, &s->outcome.encoder);
    return s->outcome.encoder.entropy;
  }
  ac_real logit;
  return ac_residual_score(&m->stage[l], s->level[l].stream, &logit);
}

/** Encodes the token in the level's input; its border says whether it goes up. */
static void encode(ac_stream *s, int l, int32_t target) {
  ac_model *m = s->model;
  ac_stage *stage = &m->stage[l];
  ac_level_state *level = &s->level[l];
  ac_token *token = &s->outcome.token[l];
  *token = (ac_token){.source = l ? s->level[l - 1].rule->count - 1 : level->rule->count};
  token->realised = (ac_real)__builtin_nan("");
  if (l == 0) {
    ac_gru_layer_step_symbol(&stage->shared, &stage->encoder, s->symbol, level->encoder, s->work);
  } else {
    ac_gru_layer_step(&stage->shared, &stage->encoder, level->input, level->encoder, s->work);
  }
  ac_copy(stage->shared.padded, level->encoder, level->stream);
  if (stage->skip) {
    ac_add_to(stage->shared.padded, level->input, level->stream);
  }
  if (l == 0) {
    int32_t row[AC_MAX_BYTE_ROWS];
    ac_ngrams_read(&m->ngrams, s->symbol, ac_stream_place(s, 0), row);
    ac_ngrams_add(m, row, level->stream);
  }
  if (l < ac_residual_top(m)) {
    token->score = score(s, l, target);
    ac_stream_route(s, l, token);
    if (l == 0) {
      ac_spans_read(&m->ngrams, s->symbol, token->border, ac_stream_place(s, 0), s->span);
    }
  } else {
    level->rule->count++;
  }
}

/** Parent and blocks of a level's token; above level 0 the result conditions the level below. */
static void decode(ac_stream *s, int l) {
  ac_model *m = s->model;
  ac_stage *stage = &m->stage[l];
  ac_level_state *level = &s->level[l];
  const int64_t p = stage->shared.padded;
  if (l < ac_residual_top(m) && !level->off) {
    ac_decoder_input(p, level->stream, level->parent, level->stream);
    if (l == 0) {
      ac_spans_add(m, s->span, level->stream);
    }
  }
  for (int k = 0; k < stage->blocks; k++) {
    ac_gru_layer_step(&stage->shared, &stage->block[k], level->stream, level->decoder + k * p, s->work);
    ac_add_to(p, level->decoder + k * p, level->stream);
  }
  if (l > 0) {
    ac_copy(p, level->stream, level->given);
    project(s, l - 1);
  }
}

void ac_residual_stream_feed(ac_stream *s, int32_t target, int wants) {
  const ac_model *m = s->model;
  int depth = 1;
  ac_copy(m->shared.padded, s->input, s->level[0].input);
  encode(s, 0, target);
  while (s->outcome.token[depth - 1].border) {
    ac_copy(m->stage[depth - 1].shared.padded, s->level[depth - 1].encoder, s->level[depth].input);
    if (depth == 1) {
      ac_token_add(m, s->span, s->level[depth].input);
    }
    encode(s, depth++, target);
  }
  for (int l = depth - 1; l >= 0; l--) {
    decode(s, l);
  }
  s->outcome.depth = depth;
  const bool two = ac_residual_scores_by_encoder(&m->config);
  if (wants & AC_WANT_DECODER || (wants & AC_WANT_ENCODER && !two)) {
    ac_stream_predict(s, &m->decoder_head, s->level[0].stream, target, &s->outcome.decoder);
    if (!two) {
      s->outcome.encoder = s->outcome.decoder;
    }
    if (ac_residual_top(m) == 0) {
      s->outcome.token[0].score = s->outcome.decoder.entropy;
    }
  }
}
