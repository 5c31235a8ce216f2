/**
 * A GRU block: two layers of PyTorch's GRU over the packed rows of a level, forward and backward.
 *
 *   r = σ(W_ir x + b_ir + W_hr h + b_hr), z likewise, n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)),
 *   h' = (1 − z) ⊙ n + z ⊙ h, h₀ = 0.
 *
 * With dropout the first layer's output is dropped out on its way to the second, in training only. Shapes: rows of
 * activations are [N][P], P = ac_padded(H); rows of gates [N][4P], laid out as in kernels/gates.h.
 */
#ifndef AC_GRU_H
#define AC_GRU_H

#include <stdbool.h>

#include "arena.h"
#include "kernels/simd.h"
#include "rows.h"
#include "tensors.h"

/** Sizes and flat arrays that the parts of a model share. */
typedef struct ac_shared {
  int32_t hidden; /* H */
  int32_t padded; /* P */
  const ac_tensor *tensors;
  ac_real *parameters, *gradients;
  ac_real *zeros;   /* [4P] */
  ac_real *scratch; /* enough for any gradient product */
  ac_real *step;    /* [sequences][3P] recurrent products of one time step */
  ac_real *between; /* [N][P] gradient of the first layer's output; one block at a time */
  ac_real dropout;
  uint64_t seed;
  uint64_t dropout_step;  /* masks differ from step to step */
  int32_t first_sequence; /* number of the first local sequence in the whole batch */
} ac_shared;

/** The parameters of a tensor of the table, of its shape. */
static inline ac_real *ac_parameters_of(const ac_shared *m, int32_t tensor) {
  return m->parameters + m->tensors[tensor].offset;
}

/** Likewise its gradients. */
static inline ac_real *ac_gradients_of(const ac_shared *m, int32_t tensor) {
  return m->gradients + m->tensors[tensor].offset;
}

/** One layer's weights, packed for the products that it takes part in. */
typedef struct ac_gru_layer {
  ac_real *ih_forward, *hh_forward;   /* [H][3P], columns n | r | z and r | z | q */
  ac_real *ih_backward, *hh_backward; /* [3P][P], rows in the same orders */
  ac_real *ih_bias, *hh_bias;         /* [3P] */
} ac_gru_layer;

typedef struct ac_gru {
  ac_gru_tensors tensors;
  int32_t number; /* distinguishes the dropout masks of blocks */
  ac_gru_layer layer[2];
  ac_real *gates[2];  /* [N][4P] */
  ac_real *hidden[2]; /* [N][P]; hidden[1] is the block's output */
  ac_real *dropped;   /* [N][P] the second layer's input; hidden[0] where there is no dropout */
  /* Of a block that reads an embedding, see ac_gru_read_embedding; NULL elsewhere. */
  const int32_t *symbols; /* [N] the row of the embedding that each input is */
  int32_t embedding;      /* the tensor */
  ac_real *products;      /* [AC_SYMBOLS][3P] input products; after a backward pass, sums of gradients */
  bool *known;            /* [AC_SYMBOLS] whose product is there */
  int32_t *place, *first; /* [AC_SYMBOLS] a symbol's place among those of a pass; the first row of each of these */
} ac_gru;

/** Lays out packed weights and, for `rows` > 0, the activations of so many rows. */
void ac_gru_layout(ac_arena *arena, const ac_shared *m, const ac_gru_tensors *tensors, int32_t number, int64_t rows,
                   bool dropout, ac_gru *gru);

/**
 * Makes the block one whose inputs are rows of the tensor `embedding` [AC_SYMBOLS][H]: `symbols` [N] says which, at every
 * pass. There are few symbols, so their input products are made once and copied, with the same bits, and gradients are
 * summed a symbol before they go through the input weights.
 */
void ac_gru_read_embedding(ac_arena *arena, const ac_shared *m, int32_t embedding, const int32_t *symbols, ac_gru *gru);

/** Packs the block's weights as they are now; `backward` also those of the backward pass. */
void ac_gru_pack(const ac_shared *m, ac_gru *gru, bool backward);

/** Runs the block over x [N][P]; its output is gru->hidden[1]. `training` applies dropout. */
void ac_gru_forward(const ac_shared *m, ac_gru *gru, const ac_rows *rows, const ac_real *x, bool training);

/**
 * From dL/d(output) `dy` [N][P], which is used up, adds to the gradients of the weights and to dx [N][P].
 * x as in the forward pass, which must have been the last use of the block. A block that reads an embedding adds to the
 * gradient of that, and dx stays.
 */
void ac_gru_backward(const ac_shared *m, ac_gru *gru, const ac_rows *rows, const ac_real *x, ac_real *dy, ac_real *dx);

/**
 * One time step of one sequence, outside of any batch: x [P] → y [P] = the block's output, which may be x.
 * `state` [2][P] holds the layers' hidden states and is advanced. `work` [7P].
 */
void ac_gru_step(const ac_shared *m, const ac_gru *gru, const ac_real *x, ac_real *state, ac_real *work, ac_real *y);

/** Likewise of a block that reads an embedding, at one of its symbols: `state` [2][P], `work` [7P], y [P]. */
void ac_gru_step_symbol(const ac_shared *m, ac_gru *gru, int32_t symbol, ac_real *state, ac_real *work, ac_real *y);

#endif
