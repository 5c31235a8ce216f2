/* The residual stream, backward: blocks and parents from the bytes up, then encoders from the top down. */
#include "decoder_input.h"
#include "kernels/math.h"
#include "kernels/vector.h"
#include "residual_parts.h"

/** Backward through a level's blocks: stage->ds comes as the gradient of its output and becomes that of the stream before them. */
static void blocks_backward(ac_model *m, int l) {
  ac_stage *stage = &m->stage[l];
  const ac_rows *rows = &m->level[l].rows;
  const int64_t p = stage->shared.padded;
  for (int k = stage->blocks - 1; k >= 0; k--) {
    ac_residual_drop(m, l, 1 + k, true, stage->ds, stage->dy);
    ac_gru_layer_backward(&stage->shared, &stage->block[k], rows, stage->stream + k * stage->spare * p, stage->dy,
                          stage->ds);
  }
}

/** Gradients of a level's projection, and of the output of the level above. */
static void parents_backward(ac_model *m, int l) {
  ac_stage *stage = &m->stage[l], *above = &m->stage[l + 1];
  const ac_level *level = &m->level[l];
  const ac_rows *upper = &m->level[l + 1].rows;
  const int64_t p = stage->shared.padded, given = upper->total + upper->sequences;
  ac_zero(given * p, stage->projected);
  for (int64_t i = 0; i < level->rows.total; i++) {
    ac_decoder_input_backward(p, stage->ds + i * p, stage->projected + level->links.parent[i] * p);
    if (l == 0) {
      ac_spans_backward(m, i, stage->ds + i * p);
    }
  }
  /* Gradients of the tokens that sequences brought along are dropped: those are of an earlier pass. */
  ac_zero(given * above->shared.padded, above->ds);
  ac_linear_backward(&above->shared, &stage->down, (int)given, ac_residual_given(above), stage->projected, above->ds);
}

/** Of a level that has an uncertainty head: only the head's own weight and bias learn from its error. */
static void uncertainty_backward(ac_model *m, int l) {
  const ac_stage *stage = &m->stage[l];
  const double tokens = m->total.tokens[l] * (ac_residual_top(m) - ac_residual_first_uncertain(&m->config));
  const ac_real scale = (ac_real)(2 * (double)m->config.uncertainty_loss_weight / tokens);
  ac_real *weight = ac_gradients_of(&stage->shared, stage->uncertainty.weight);
  ac_real *bias = ac_gradients_of(&stage->shared, stage->uncertainty.bias);
  for (int64_t i = 0; i < m->level[l].rows.total; i++) {
    const ac_real *bare = stage->bare + i * stage->shared.padded;
    const ac_real slope = scale * (stage->score[i] - stage->goal[i]) * (ac_real)ac_logistic((double)stage->logit[i]);
    for (int32_t j = 0; j < stage->shared.hidden; j++) {
      weight[j] += slope * bare[j];
    }
    *bias += slope;
  }
}

/** Backward through a level's encoder: from stage->ds, the gradient of s₀, and those of the tokens above, to the level below. */
static void encoder_backward(ac_model *m, int l) {
  ac_stage *stage = &m->stage[l];
  const ac_rows *rows = &m->level[l].rows;
  const int64_t n = rows->total, p = stage->shared.padded, in = stage->encoder.in;
  ac_residual_drop(m, l, 0, true, stage->ds, stage->ds);
  if (l < ac_residual_first_uncertain(&m->config)) {
    /* The encoder's head read s₀ before dropout. */
    ac_add_to(n * p, stage->de, stage->ds);
  }
  if (l == 0) {
    ac_ngrams_backward(m, stage->ds);
  }
  ac_copy(n * p, stage->ds, stage->de);
  if (l < ac_residual_top(m)) {
    const ac_stage *above = &m->stage[l + 1];
    for (int64_t i = 0; i < m->level[l + 1].rows.total; i++) {
      const int64_t source = m->level[l].links.source[i];
      ac_add_to(p, above->dx + i * p, stage->de + source * p);
      if (l == 0) {
        ac_token_backward(m, source, above->dx + i * p);
      }
    }
  }
  ac_zero(n * in, stage->dx);
  if (stage->skip) {
    ac_add_to(n * p, stage->ds, stage->dx);
  }
  ac_gru_layer_backward(&stage->shared, &stage->encoder, rows, stage->x, stage->de, stage->dx);
}

void ac_residual_backward(ac_model *m) {
  const int top = ac_residual_top(m);
  for (int l = 0; l <= top; l++) {
    blocks_backward(m, l);
    if (l < top) {
      parents_backward(m, l);
    }
    if (l < top && l >= ac_residual_first_uncertain(&m->config)) {
      uncertainty_backward(m, l);
    }
  }
  for (int l = top; l >= 0; l--) {
    encoder_backward(m, l);
  }
  ac_embed_backward(m, m->stage[0].dx);
}
