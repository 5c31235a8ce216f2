/**
 * The two heads of a level l ≥ 1 and their losses: a prediction m of the level's next input, with the squared error
 * s = mean over H of (m − target)², and the predicted uncertainty u = softplus(w·h + b), trained to equal s.
 * A sequence's last target is a learned vector. Gradients flow into the targets; s is a constant to the second loss.
 */
#ifndef AC_META_H
#define AC_META_H

#include "linear.h"

typedef struct ac_meta {
  ac_linear predictor;
  ac_linear_tensors uncertainty;
  int32_t eos;              /* tensor of the last target */
  ac_real *weight;          /* [P] the uncertainty head's weight, padded */
  ac_real *end;             /* [P] the last target, padded */
  ac_real *difference;      /* [N][P] m − target, after the forward pass */
  ac_real *score;           /* [N] u */
  ac_real *error;           /* [N] s */
  ac_real *logit;           /* [N] what the softplus was applied to */
  double squared, distance; /* Σ s and Σ (u − s)² over rows */
} ac_meta;

/** Lays out the heads of the level whose tensors these are, with room for `rows` rows (0: weights only). */
void ac_meta_layout(const ac_room *room, const ac_shared *shared, const ac_linear_tensors *predictor,
                    const ac_linear_tensors *uncertainty, int32_t eos, int64_t rows, ac_meta *meta);

/** Packs the heads' weights as they are now; `backward` also those of the backward pass. */
void ac_meta_pack(const ac_shared *shared, ac_meta *meta, bool backward);

/** Predictions, scores and sums for the level's states `hidden` and inputs `x`, both [N][P]. */
void ac_meta_forward(const ac_shared *shared, ac_meta *meta, const ac_rows *rows, const ac_real *hidden,
                     const ac_real *x);

/**
 * Adds the gradients of `squared_weight`·Σ s + `distance_weight`·Σ (u − s)² to the weights, to dhidden and to dx, both
 * [N][P], from the states `hidden` [N][P] of the forward pass. Uses `difference` up.
 */
void ac_meta_backward(const ac_shared *shared, ac_meta *meta, const ac_rows *rows, ac_real squared_weight,
                      ac_real distance_weight, const ac_real *hidden, ac_real *dhidden, ac_real *dx);

/** The predicted uncertainty u of one state, `hidden` [P]; `logit` gets what the softplus was applied to, unless NULL. */
ac_real ac_meta_score(const ac_shared *shared, const ac_meta *meta, const ac_real *hidden, ac_real *logit);

/** Turns `prediction` [P] into its difference from `target` [P]; returns the squared error s. */
ac_real ac_meta_error(const ac_shared *shared, ac_real *prediction, const ac_real *target);

#endif
