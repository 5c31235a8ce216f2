/**
 * A GRU block: two layers of PyTorch's GRU over the packed rows of a level (gru_layer.h), from zero states. With dropout the
 * first layer's output is dropped out on its way to the second, in training only. Activations are [N][P].
 */
#ifndef AC_GRU_H
#define AC_GRU_H

#include "gru_layer.h"

typedef struct ac_gru {
  int32_t number; /* distinguishes the dropout masks of blocks */
  ac_gru_layer layer[2];
  ac_real *hidden[2]; /* [N][P] the layers' outputs; hidden[1] is the block's */
  ac_real *dropped;   /* [N][P] the second layer's input; the first's output where there is no dropout */
} ac_gru;

/** Lays out packed weights and, for `rows` > 0, the activations of so many rows. */
void ac_gru_layout(const ac_room *room, const ac_shared *shared, const ac_gru_tensors *tensors, int32_t number,
                   int64_t rows, bool dropout, ac_gru *gru);

/** Makes the block read rows of an embedding, those that `symbols` [N] names; see ac_gru_layer_read_embedding. */
void ac_gru_read_embedding(const ac_room *room, const ac_shared *shared, int32_t embedding, const int32_t *symbols,
                           ac_gru *gru);

/** Packs the block's weights as they are now; `backward` also those of the backward pass. */
void ac_gru_pack(const ac_shared *shared, ac_gru *gru, bool backward);

/** Runs the block over x [N][P]; its output is gru->hidden[1]. `training` applies dropout. */
void ac_gru_forward(const ac_shared *shared, ac_gru *gru, const ac_rows *rows, const ac_real *x, bool training);

/**
 * From dL/d(output) `dy` [N][P], which it overwrites, adds to the gradients of the weights and to dx [N][P].
 * x as in the forward pass, which must have been the last use of the block. A block that reads an embedding adds to the
 * embedding's gradient instead of dx.
 */
void ac_gru_backward(const ac_shared *shared, ac_gru *gru, const ac_rows *rows, const ac_real *x, ac_real *dy,
                     ac_real *dx);

/**
 * One time step of one sequence, outside of any batch: x [P] → y [P] = the block's output, which may be x.
 * `state` [2][P] holds the layers' hidden states and is advanced. `work` [7P].
 */
void ac_gru_step(const ac_shared *shared, const ac_gru *gru, const ac_real *x, ac_real *state, ac_real *work,
                 ac_real *y);

/** Likewise for a block that reads an embedding, at one of its symbols: `state` [2][P], `work` [7P], y [P]. */
void ac_gru_step_symbol(const ac_shared *shared, ac_gru *gru, int32_t symbol, ac_real *state, ac_real *work,
                        ac_real *y);

#endif
