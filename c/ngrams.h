/**
 * Hashed n-gram embeddings: tables whose rows stand for the last bytes. Each order from 2 to the highest has a table of
 * ngram_rows rows; the row of a position is a hash of its last bytes, and n-grams may share one:
 *
 *   h₁ = mix(0, x_t + 1), hₙ = mix(hₙ₋₁, x_{t−n+1} + 1), 0 in place of x + 1 before the text's first byte
 *   mix(h, v): h ← (h ⊕ v) · 0x9E3779B1 mod 2³², then h ⊕ (h >> 15)
 *   row = hₙ mod ngram_rows
 *
 * Few rows have a gradient in a step, so only these are zeroed, exchanged and updated: a row that no position of the batch
 * reads stays as it is, moments included. Hashed n-gram embeddings of bytes: Pagnoni et al. 2024, "Byte Latent Transformer".
 */
#ifndef AC_NGRAMS_H
#define AC_NGRAMS_H

#include "kernels/vector.h"
#include "model.h"

/** The highest order. */
#define AC_MAX_NGRAM 8

/** The tables of a model; `count` is 0 where there are none. */
typedef struct ac_ngrams {
  int32_t count;    /* tables: orders 2 … count + 1 */
  int32_t rows;     /* of each */
  int32_t first;    /* number of the first one in the table of tensors; the others follow */
  int64_t at;       /* where a sequence's last bytes stand in a row of memory: [count], x + 1, the latest first */
  int32_t *row;     /* [N][count] rows that each position reads, numbered through all tables */
  int32_t *touched; /* rows with a gradient, in the order in which they got it */
  int32_t *place;   /* [count · rows] each row's place in that list, from 1; 0 where it is not in it */
  int32_t reached;  /* rows in the list */
} ac_ngrams;

/** Adds the tables to the table of tensors, all zero at first and without weight decay: its last tensors. */
void ac_ngrams_tensors(const ac_config *config, ac_tensor_builder *b);

/** Lays out the rows of a pass of `positions` positions, and places in each sequence's memory. */
void ac_ngrams_layout(const ac_room *room, ac_model *m, int64_t positions);

/** `row` [count] of a position, from its byte and the `recent` [count] ones before it, as in memory; then adds the byte to these. */
void ac_ngrams_read(const ac_ngrams *n, int32_t symbol, ac_real *recent, int32_t *row);

/** Adds the embeddings of `row` [count] to x [H]. */
void ac_ngrams_add(const ac_model *m, const int32_t *row, ac_real *x);

/** Finds the rows of all positions of a pass, whose sequences' bytes go on from `states` [sequences][width], and adds their embeddings to x [N][P]. */
void ac_ngrams_forward(ac_model *m, ac_real *states, int64_t width, ac_real *x);

/** Adds dx [N][P] to the gradients of what ac_ngrams_forward added. */
void ac_ngrams_backward(ac_model *m, const ac_real *dx);

/** Sets all gradients of the tables to zero. */
void ac_ngrams_clear(ac_model *m);

/** Σ of the squares of the gradients. */
double ac_ngrams_squares(const ac_model *m);

/** Scales the gradients. */
void ac_ngrams_scale(ac_model *m, ac_real factor);

/** The update of the rows that have a gradient. */
void ac_ngrams_update(ac_model *m, const ac_tensor *tensor, const ac_adamw_constants *constants);

#endif
