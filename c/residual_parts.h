/** Internals of the residual stream: what residual.c, residual_backward.c and residual_stream.c share. */
#ifndef AC_RESIDUAL_PARTS_H
#define AC_RESIDUAL_PARTS_H

#include "dropout.h"
#include "kinds.h"
#include "model_parts.h"

extern const ac_kind ac_residual_kind, ac_flat_kind;

/** The highest level. */
static inline int ac_residual_top_of(const ac_config *c) { return c->model_type == AC_FLAT ? 0 : c->num_levels - 1; }
int ac_residual_top(const ac_model *m);

/** GRU layers of a level behind its encoder. */
static inline int32_t ac_residual_blocks_of(const ac_config *c, int l) {
  const int32_t own = c->level[l].blocks;
  return own > 0 ? own : l < ac_residual_top_of(c) || l == 0 ? AC_RESIDUAL_BLOCKS : 0;
}

/** Whether level 0 scores bytes by the entropy of an encoder's head; without borders nothing is scored. */
static inline bool ac_residual_scores_by_encoder(const ac_config *c) {
  return c->encoder_scores && ac_residual_top_of(c) > 0;
}

/** The lowest level that has an uncertainty head; those above it below the top have one, too. */
static inline int ac_residual_first_uncertain(const ac_config *c) { return ac_residual_scores_by_encoder(c); }

/** [spare][P] the output of a level. */
static inline ac_real *ac_residual_given(const ac_stage *stage) {
  return stage->stream + stage->blocks * stage->spare * stage->shared.padded;
}

/** u of a level that has an uncertainty head, at a state s₀, `bare` [P]; `logit` gets its softplus's argument. */
ac_real ac_residual_score(const ac_stage *stage, const ac_real *bare, ac_real *logit);

/** Dropout, see dropout.h, of what is added to the stream of level l, x [N][P] to out [N][P]: part 0 is s₀, part 1 + k what block k gives. */
static inline void ac_residual_drop(const ac_model *m, int l, int part, bool training, const ac_real *x, ac_real *out) {
  ac_dropout_rows(&m->shared, m->stage[l].shared.padded, part * AC_MAX_LEVELS + l, &m->level[l].rows, training, x, out);
}

/* As in ac_kind. */
void ac_residual_tensors(const ac_config *c, ac_tensor_builder *b);
void ac_residual_backward(ac_model *m);
void ac_residual_stream_layout(ac_arena *arena, const ac_model *m, ac_stream *s);
void ac_residual_stream_derive(ac_stream *s);
void ac_residual_stream_feed(ac_stream *s, int32_t target, int wants);
const ac_real *ac_residual_stream_state(const ac_stream *s, int32_t kind, int32_t level, int32_t layer);

#endif
