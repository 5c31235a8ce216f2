/**
 * The residual stream: at every level one vector per position that a GRU layer, a parent from above and further GRU layers
 * add to. Level 0 reads bytes, a higher level the encoder's states at the borders below:
 *
 *   e = E(x), s₀ = e + x where the widths are equal (level 0: always), else e
 *   level 0: s₀ ← s₀ + embeddings of the last bytes' n-grams, where there are tables of them (ngrams.h)
 *   u = softplus(w · s₀ + b), from which the rule decides the borders; no gradient flows through it
 *   level 0 with encoder_scores: u is the entropy of a head that predicts the next byte from s₀, and teaches the encoder
 *   s₁ = s₀ + Q y, y the output of the level above at the latest border at or before the position; Q has no bias
 *   level 0: s₁ ← s₁ + embeddings of the latest spans, where there are tables of them (ngrams.h)
 *   s ← s + D(s) for each block; the result is the level's output, to the level below or to the head
 *
 * All states go on from pass to pass where the caller wants it (ac_model_continue): they stand in a memory, one row a
 * sequence. AC_FLAT is level 0 alone. residual.c has the pass forward, residual_backward.c the gradients,
 * residual_stream.c the stream.
 */
#ifndef AC_RESIDUAL_H
#define AC_RESIDUAL_H

#include "head.h"
#include "memory.h"

/** GRU layers of a level below the top, where its configuration names no number; at the top there are none. */
#define AC_RESIDUAL_BLOCKS 2

/** One level. */
typedef struct ac_stage {
  ac_shared shared; /* with the level's own width */
  int32_t blocks;
  bool skip; /* inputs are as wide as states, and are added */
  ac_gru_layer encoder;
  ac_gru_layer *block;           /* [blocks] */
  ac_linear down;                /* Q, of a level below the top; its inputs are the states above */
  ac_linear_tensors uncertainty; /* of a level that has such a head; see ac_residual_first_uncertain */
  ac_real *weight;               /* [P] its weight, packed */
  int64_t encoder_at, given_at;  /* where its states stand in a row of memory; blocks follow the encoder */
  int64_t room, spare;           /* most rows of a pass; those and one per sequence */
  ac_real *x;                    /* [N][in] */
  ac_real *bare;                 /* [N][P] s₀ */
  ac_real *stream;               /* [blocks + 1][spare][P] before each block, and last the level's output */
  ac_real *projected;            /* [rows above, and one a sequence][P] Q y; in the backward pass its gradients */
  ac_real *score, *logit, *goal; /* [N] u, its softplus's argument, its target */
  int32_t *symbol;               /* [N] the last byte that the position had seen */
  int32_t *bytes;                /* [N] bytes of its span in the pass */
  /* [spare][P], [N][P] twice: gradients of the stream, scratch, of the encoder; first of s₀ by the encoder's head */
  ac_real *ds, *dy, *de;
  ac_real *dx; /* [N][in] */
} ac_stage;

#endif
