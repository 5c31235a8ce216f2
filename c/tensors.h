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
  AC_START_UNIFORM       /* U(−1/√H, 1/√H) */
} ac_start;

#define AC_TENSOR_NAME 64

typedef struct ac_tensor {
  char name[AC_TENSOR_NAME];
  int32_t rank;     /* 1 or 2 */
  int32_t shape[2]; /* the second is 1 where the rank is 1 */
  int32_t start;    /* an ac_start */
  /**
   * Whether gradients reach it: −1 never, 0 always, d > 0 only where a position of level d − 1 is conditioned by a
   * parent (and so of every level below, down to the bytes).
   */
  int32_t reach;
  int64_t offset; /* numbers before it */
  int64_t size;   /* numbers in it */
} ac_tensor;

/** Numbers in the table for the tensors of one GRU block of two layers. */
typedef struct ac_gru_tensors {
  int32_t weight_ih[2], weight_hh[2], bias_ih[2], bias_hh[2];
} ac_gru_tensors;

/** Numbers in the table for a weight and its bias. */
typedef struct ac_linear_tensors {
  int32_t weight, bias;
} ac_linear_tensors;

typedef struct ac_tensor_table {
  ac_tensor *rows;
  int32_t count;
  int32_t blocks; /* K of the baseline, else 0 */
  int64_t parameters;
  int32_t embedding;
  ac_gru_tensors encoder[AC_MAX_LEVELS], decoder[AC_MAX_LEVELS], block[AC_MAX_BLOCKS];
  ac_linear_tensors predictor[AC_MAX_LEVELS], uncertainty[AC_MAX_LEVELS], projection[AC_MAX_LEVELS];
  ac_linear_tensors encoder_head, decoder_head; /* the baseline has only the second */
  int32_t meta_eos[AC_MAX_LEVELS];
} ac_tensor_table;

/** Lays the table of a checked configuration out. */
void ac_tensor_table_build(const ac_config *config, ac_arena *arena, ac_tensor_table *table);

/** Parameters of the adaptive model (and so of its baseline) with this hidden size and so many levels. */
int64_t ac_parameter_count(int64_t hidden, int64_t levels);

#endif
