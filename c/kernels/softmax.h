/** Softmax, cross-entropy and entropy of rows of logits, and their gradients. Natural logarithms: nats. */
#ifndef AC_SOFTMAX_H
#define AC_SOFTMAX_H

#include "simd.h"

/** What `ac_softmax_row` adds up and finds. */
typedef struct ac_softmax_result {
  ac_real cross_entropy; /* −ln p(target); 0 without a target */
  ac_real entropy;       /* −Σ p·ln max(p, 1e-8) */
  int best;              /* the likeliest symbol; the lowest wins a tie */
} ac_softmax_result;

/**
 * One row of logits [symbols]; `target` is a symbol, or negative where there is none. Writes the softmax to
 * `probabilities`, another row. Both rows have room for ac_padded(symbols) numbers; the logits beyond `symbols` are
 * overwritten, the probabilities there are 0.
 */
ac_softmax_result ac_softmax_row(int symbols, ac_real *logits, int target, ac_real *probabilities);

/**
 * Turns a `row` [symbols] of probabilities into the gradient of `ce_weight`·cross-entropy + `entropy_weight`·entropy by the
 * logits, in place: ce_weight·(p − onehot) − entropy_weight·p·(g − Σ p·g), g = ln max(p, 1e-8) + [p ≥ 1e-8].
 */
void ac_softmax_gradient(int symbols, ac_real *row, int target, ac_real ce_weight, ac_real entropy_weight);

#endif
