/** Internals of a model: what model.c, stream.c and the kinds of model share; not for hosts. */
#ifndef AC_MODEL_PARTS_H
#define AC_MODEL_PARTS_H

#include "borders.h"
#include "head.h"
#include "kinds.h"
#include "meta.h"
#include "ngrams.h"
#include "residual.h"

/** One level of the adaptive model. */
typedef struct ac_level {
  int64_t room; /* most rows */
  ac_rows rows;
  ac_links links; /* to the next level; none at the top */
  ac_gru encoder, decoder;
  ac_linear projection;
  int32_t *symbol;    /* [N] byte at each position: the last that its token had seen */
  uint8_t *mark;      /* [N] that byte's mark, of every kind with levels */
  ac_meta meta;       /* of levels ≥ 1 */
  ac_real *x;         /* [N][P] inputs */
  ac_real *decoder_x; /* [N][P] x + projection(parent) */
  /* [rows above + 1][P] projections of the states above, the last of no parent; in the backward pass their gradients */
  ac_real *projected;
  ac_real *dx;       /* [N][P] gradient of x */
  ac_real *dhidden;  /* [N][P] gradient of the encoder's output */
  ac_real *ddecoder; /* [N][P] gradient of the decoder's output (the encoder's at the top) */
} ac_level;

/** One residual block of the baseline. */
typedef struct ac_baseline_block {
  ac_gru gru;
  ac_real *x; /* [N][P] its input; the block after the last is the output */
} ac_baseline_block;

struct ac_model {
  const ac_kind *kind;
  ac_config config;
  ac_tensor_table table;
  ac_shared shared;
  int32_t sequences;               /* most at a time */
  int32_t widest;                  /* P of the widest level */
  float thresholds[AC_MAX_LEVELS]; /* of the levels' rules, as they are now */
  ac_real *first, *second;
  int32_t *updates;
  int32_t *lengths;       /* [sequences] scratch */
  unsigned char *weights; /* the parameters, plain and packed; perhaps another model's */
  bool *packed;           /* among the weights: whether they are packed */
  bool packed_backward;   /* likewise for the backward pass */
  /* the latest pass */
  bool trained; /* it was a training pass, and waits for its backward pass */
  bool reached; /* its backward pass is done */
  ac_purpose purpose;
  ac_sums sums, total;
  int32_t *symbols, *targets; /* [rows of level 0] */
  ac_real *entropy;           /* [rows of level 0] */
  int32_t *best;              /* [rows of level 0] */
  ac_head encoder_head, decoder_head;
  ac_level level[AC_MAX_LEVELS];              /* rows and links of every kind; the rest is the mirror's */
  ac_baseline_block block[AC_MAX_BLOCKS + 1]; /* baseline */
  ac_real *output_gradient;                   /* [N][P] baseline */
  ac_stage stage[AC_MAX_LEVELS];              /* residual stream */
  ac_ngrams ngrams;                           /* residual stream */
  ac_memory memory[2];                        /* by purpose; empty where the kind carries nothing */
  int64_t memory_width;                       /* numbers that a sequence remembers, in a pass or in a stream */
  const uint32_t *without;                    /* [sequences] bits of the levels without parents, or NULL */
  const uint8_t *marks;                       /* [sequences][length] of the bytes of passes to come, or NULL */
  void *own;                                  /* whatever else a kind has */
};

/** Whether x is finite: neither infinite nor NaN. */
static inline bool ac_is_finite(double x) { return x - x == 0; }

/** Packs the weights unless they are packed already. */
void ac_model_pack(ac_model *m, bool backward);

/** x [N][P] = the embedding's rows of the pass's symbols. */
void ac_embed(const ac_model *m, ac_real *x);

/** Adds dx [N][P], the gradients of what ac_embed gave, to the embedding's. */
void ac_embed_backward(const ac_model *m, const ac_real *dx);

/** Bytes of the whole batch. A training batch is always full, so the number is known before the other replicas report. */
double ac_model_batch_bytes(const ac_model *m);

/** The pass of a head that predicts the next byte, whose mean cross-entropy has this weight in the loss. */
ac_head_pass ac_model_head_pass(const ac_model *m, bool training, double weight);

/** The pass of the encoder's head, whose entropies borders of level 0 come from. */
ac_head_pass ac_model_encoder_pass(const ac_model *m, bool training, const ac_outputs *outputs);

/** Which tensors the gradients of the latest backward pass reach. */
bool ac_model_reaches(const ac_model *m, const ac_tensor *tensor);

#endif
