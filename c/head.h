/**
 * A head that predicts the next byte: logits, cross-entropy, entropy and their gradients, a few rows at a time, so that
 * the logits of a whole batch never exist at once.
 */
#ifndef AC_HEAD_H
#define AC_HEAD_H

#include "linear.h"

/** Rows of logits at a time. */
#define AC_HEAD_ROWS 64

typedef struct ac_head {
  ac_linear linear;
  ac_real *logits, *probabilities; /* [AC_HEAD_ROWS][ac_padded(AC_SYMBOLS)] */
} ac_head;

/** What a pass over a head is to do, besides the cross-entropy. */
typedef struct ac_head_pass {
  const ac_rows *rows;
  const ac_real *hidden;  /* [N][P] */
  const int32_t *targets; /* [N] symbols */
  bool training;          /* gradients of the weights, and dL/d(hidden), are wanted */
  ac_real ce_weight;      /* weight of each row's cross-entropy in the loss */
  ac_real floor;          /* entropy floor in nats, 0 for none */
  ac_real floor_weight;   /* weight of each row's max(floor − entropy, 0)² in the loss */
  ac_real *gradient;      /* [N][P], written when training */
  ac_real *entropy;       /* [N], or NULL */
  int32_t *best;          /* [N] the likeliest symbol, or NULL */
  ac_real *out;           /* [sequences][steps − out_from][AC_SYMBOLS] logits, or NULL */
  int32_t out_from;       /* first time step that is written to `out` */
  ac_real *costs;         /* [sequences][steps] cross-entropy, or NULL */
} ac_head_pass;

/** Lays out packed weights and room for AC_HEAD_ROWS rows of logits. */
void ac_head_layout(const ac_room *room, const ac_shared *shared, const ac_linear_tensors *tensors, ac_head *head);

/**
 * Runs a head over all rows. Returns Σ cross-entropy (nats); adds Σ max(floor − entropy, 0)² to `floor_sum` unless it
 * is NULL.
 */
double ac_head_run(const ac_shared *shared, ac_head *head, const ac_head_pass *pass, double *floor_sum);

#endif
