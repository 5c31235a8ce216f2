/**
 * One layer of PyTorch's GRU over the packed rows of a level, forward and backward.
 *
 *   r = σ(W_ir x + b_ir + W_hr h + b_hr), z likewise, n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)),
 *   h' = (1 − z) ⊙ n + z ⊙ h.
 *
 * Inputs of I numbers, states of H. Shapes: rows of inputs are [N][ac_padded(I)], of states [N][P], P = ac_padded(H); rows
 * of gates [N][4P], laid out as in kernels/gates.h.
 */
#ifndef AC_GRU_LAYER_H
#define AC_GRU_LAYER_H

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
  ac_real *parameters, *gradients; /* the second is NULL in a model that only reads */
  ac_real *zeros;                  /* [4P] */
  ac_real *scratch;                /* enough for any gradient product */
  ac_real *recurrent;              /* [sequences][3P] recurrent products of one time step */
  ac_real *between;                /* [N][P] gradient of the first layer's output; one block at a time */
  ac_real dropout;
  uint64_t seed;
  uint64_t dropout_step;  /* the training step; masks differ from one to the next */
  int32_t first_sequence; /* number of the first local sequence in the whole batch */
} ac_shared;

/** The parameters of a tensor of the table, of its shape. */
static inline ac_real *ac_parameters_of(const ac_shared *shared, int32_t tensor) {
  return shared->parameters + shared->tensors[tensor].offset;
}

/** Likewise its gradients. */
static inline ac_real *ac_gradients_of(const ac_shared *shared, int32_t tensor) {
  return shared->gradients + shared->tensors[tensor].offset;
}

typedef struct ac_gru_layer {
  int32_t weight_ih, weight_hh, bias_ih, bias_hh; /* tensors */
  int32_t inputs, in;                             /* I, and padded */
  /* Weights packed for the products that they take part in. */
  ac_real *ih_forward, *hh_forward;   /* [I][3P], [H][3P], columns n | r | z and r | z | q */
  ac_real *ih_backward, *hh_backward; /* [3P][in], [3P][P], rows in the same orders */
  ac_real *ih_bias, *hh_bias;         /* [3P] */
  ac_real *gates;                     /* [N][4P] */
  ac_real *hidden;                    /* [N][P] the layer's output */
  ac_real *start;                     /* [sequences][P] by rank; NULL of a layer that always starts from zeros */
  /* Of a layer that reads an embedding, see ac_gru_layer_read_embedding; NULL elsewhere. */
  const int32_t *symbols; /* [N] the row of the embedding that each input is */
  int32_t embedding;      /* the tensor */
  ac_real *products;      /* [AC_SYMBOLS][3P] input products; after a backward pass, sums of gradients */
  bool *known;            /* [AC_SYMBOLS] whether its product is there */
  int32_t *place, *first; /* [AC_SYMBOLS] a symbol's place among those of a pass; the first row of each of these */
} ac_gru_layer;

/** Lays out packed weights and, for `rows` > 0, the activations of so many rows; layer `i` of a block's tensors. */
void ac_gru_layer_layout(const ac_room *room, const ac_shared *shared, const ac_gru_tensors *tensors, int i,
                         int32_t inputs, int64_t rows, ac_gru_layer *layer);

/** Makes the layer start from the states that ac_gru_layer_begin gives it. */
void ac_gru_layer_carry(ac_arena *arena, const ac_shared *shared, int32_t sequences, ac_gru_layer *layer);

/**
 * Makes the layer read rows of the tensor `embedding` [AC_SYMBOLS][H]: `symbols` [N] says which, in every pass. There are
 * few symbols, so each one's input product is computed once and copied, with the same bits, and gradients are summed per
 * symbol before they go through the input weights.
 */
void ac_gru_layer_read_embedding(const ac_room *room, const ac_shared *shared, int32_t embedding,
                                 const int32_t *symbols, ac_gru_layer *layer);

/** Packs the layer's weights as they are now; `backward` also those of the backward pass. */
void ac_gru_layer_pack(const ac_shared *shared, ac_gru_layer *layer, bool backward);

/** Before a pass of a layer that carries: sets its `states` [sequences][P]; that of sequence s is at states + s · stride. */
void ac_gru_layer_begin(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows, const ac_real *states,
                        int64_t stride);

/** After a pass: writes the last states [P] of the sequences that had rows to the same places. */
void ac_gru_layer_end(const ac_shared *shared, const ac_gru_layer *layer, const ac_rows *rows, ac_real *states,
                      int64_t stride);

/** Runs the layer over x [N][in]; its output is layer->hidden. */
void ac_gru_layer_forward(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows, const ac_real *x);

/**
 * From dL/d(output) `dy` [N][P], which it overwrites, adds to the gradients of the weights and to dx [N][in]; nothing goes to
 * the states that a layer started from. x as in the forward pass, which must have been the last use of the layer. A layer
 * that reads an embedding adds to the embedding's gradient instead of dx.
 */
void ac_gru_layer_backward(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows, const ac_real *x,
                           ac_real *dy, ac_real *dx);

/** One time step of one sequence, outside of any batch: `state` [P] is advanced by x [in]. `work` [7P]. */
void ac_gru_layer_step(const ac_shared *shared, const ac_gru_layer *layer, const ac_real *x, ac_real *state,
                       ac_real *work);

/** Likewise for a layer that reads an embedding, at one of its symbols: `state` [P], `work` [7P]. */
void ac_gru_layer_step_symbol(const ac_shared *shared, ac_gru_layer *layer, int32_t symbol, ac_real *state,
                              ac_real *work);

#endif
