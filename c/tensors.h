/**
 * The one table of tensors of a model: names and shapes as in the prototype's checkpoints, where each lies in the flat
 * arrays of parameters, gradients and moments, and how it starts. Sizes, initialisation, the optimiser and checkpoints
 * all walk it.
 */
#ifndef AC_TENSORS_H
#define AC_TENSORS_H

#include "arena.h"
#include "config.h"

/** How a tensor starts; H is the hidden size. */
typedef enum ac_start {
  AC_START_ZERO,
  AC_START_NORMAL,       /* N(0, 1) */
  AC_START_SMALL_NORMAL, /* 0.02 · N(0, 1) */
  AC_START_UNIFORM       /* U(−bound, bound); the bound is 1/√H but for a parent that starts small */
} ac_start;

#define AC_TENSOR_NAME 64

typedef struct ac_tensor {
  char name[AC_TENSOR_NAME];
  int32_t rank;     /* 1 or 2 */
  int32_t shape[2]; /* the second is 1 where the rank is 1 */
  int32_t start;    /* an ac_start */
  /**
   * Whether gradients reach it: −1 never, 0 always, d > 0 only where a token of the pass conditions a position of
   * level d − 1 (and so of every level below, down to the bytes).
   */
  int32_t reach;
  bool sparse;    /* only rows that a step reads have a gradient, and only they are updated; there is no weight decay */
  float rate;     /* factor of the learning rate */
  double bound;   /* of AC_START_UNIFORM */
  int64_t offset; /* numbers before it */
  int64_t size;   /* numbers in it */
} ac_tensor;

/** Where the tensors of one GRU block of two layers stand in the table. */
typedef struct ac_gru_tensors {
  int32_t weight_ih[2], weight_hh[2], bias_ih[2], bias_hh[2];
} ac_gru_tensors;

/** Where a weight and its bias stand in the table. */
typedef struct ac_linear_tensors {
  int32_t weight, bias;
} ac_linear_tensors;

/** Where the tensors of a level of the residual stream stand in the table. */
typedef struct ac_stage_tensors {
  ac_gru_tensors encoder; /* one layer, as each of the blocks is */
  ac_gru_tensors block[AC_MAX_BLOCKS];
  ac_linear_tensors projection, uncertainty; /* of levels below the top; the projection has no bias */
} ac_stage_tensors;

typedef struct ac_tensor_table {
  ac_tensor *rows;
  int32_t count;
  int32_t blocks; /* K of the baseline, else 0 */
  int64_t parameters;
  int64_t dense;             /* parameters before the sparse tensors, which are the last */
  int32_t embedding, ngrams; /* of the n-grams the first table */
  ac_gru_tensors encoder[AC_MAX_LEVELS], decoder[AC_MAX_LEVELS], block[AC_MAX_BLOCKS];
  ac_linear_tensors predictor[AC_MAX_LEVELS], uncertainty[AC_MAX_LEVELS], projection[AC_MAX_LEVELS];
  ac_linear_tensors encoder_head, decoder_head; /* the baseline has only the second */
  int32_t meta_eos[AC_MAX_LEVELS];
  ac_stage_tensors stage[AC_MAX_LEVELS];
} ac_tensor_table;

/** Lays out the table of a checked configuration. */
void ac_tensor_table_build(const ac_config *config, ac_arena *arena, ac_tensor_table *table);

/** A kind of model adds its tensors through this. `reach`, `sparse`, `rate` and `bound` are those of the tensors that follow. */
typedef struct ac_tensor_builder {
  ac_tensor_table *table;
  int32_t reach;
  bool sparse;
  float rate;
  double bound;
} ac_tensor_builder;

/**
 * Adds a tensor called `prefix`, `number` unless it is negative, `suffix`; `columns` 0 means rank 1. Returns its number in
 * the table.
 */
int32_t ac_add_tensor(ac_tensor_builder *b, const char *prefix, int number, const char *suffix, int32_t rows,
                      int32_t columns, ac_start start);

/** Likewise a weight [out][in] and a bias [out], each with a suffix of its own. */
ac_linear_tensors ac_add_linear(ac_tensor_builder *b, const char *prefix, int number, const char *weight,
                                const char *bias, int32_t out, int32_t in);

/** A GRU's eight tensors in PyTorch's order, as suffixes, behind the name of the module that holds it. */
#define AC_GRU_NAMES(module)                                                                       \
  {                                                                                                \
    module ".weight_ih_l0", module ".weight_hh_l0", module ".bias_ih_l0", module ".bias_hh_l0",    \
        module ".weight_ih_l1", module ".weight_hh_l1", module ".bias_ih_l1", module ".bias_hh_l1" \
  }

/** Likewise the tensors of a GRU block of two layers of width `h`. */
ac_gru_tensors ac_add_gru(ac_tensor_builder *b, const char *prefix, int number, const char *const suffix[8], int32_t h);

/** Parameters of such a block. */
int64_t ac_gru_parameters(int64_t h);

#endif
