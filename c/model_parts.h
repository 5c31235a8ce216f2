/** Inside of a model: what adaptive.c, baseline.c, model.c and stream.c share. Not for hosts. */
#ifndef AC_MODEL_PARTS_H
#define AC_MODEL_PARTS_H

#include "borders.h"
#include "head.h"
#include "meta.h"
#include "model.h"

/** One level of the adaptive model. */
typedef struct ac_level {
  int64_t room; /* most rows */
  ac_rows rows;
  ac_links links; /* to the next level; none at the top */
  ac_gru encoder, decoder;
  ac_linear projection;
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
typedef struct ac_residual {
  ac_gru gru;
  ac_real *x; /* [N][P] its input; the block after the last is the output */
} ac_residual;

struct ac_model {
  ac_config config;
  ac_tensor_table table;
  ac_shared shared;
  int32_t sequences; /* most at a time */
  ac_real *first, *second;
  int32_t *updates;
  int32_t *lengths; /* [sequences] scratch */
  bool packed, packed_backward;
  /* the latest pass */
  bool trained; /* it was a training pass, and waits for its backward pass */
  bool reached; /* its backward pass is done */
  ac_sums sums, total;
  int32_t *symbols, *targets; /* [rows of level 0] */
  ac_real *entropy;           /* [rows of level 0] */
  int32_t *best;              /* [rows of level 0] */
  ac_head encoder_head, decoder_head;
  ac_level level[AC_MAX_LEVELS];           /* adaptive; level[0].rows serves the baseline too */
  ac_residual residual[AC_MAX_BLOCKS + 1]; /* baseline */
  ac_real *output_gradient;                /* [N][P] baseline */
};

/**
 * The two kinds of model, one part of the work each. Layout: room for as many rows at every level as there can be. Pack:
 * weights as they are now, for the forward pass and, if wanted, the backward pass. Forward: over the rows of level 0,
 * fills `sums` but for sequences and bytes; `outputs` may be NULL. Backward: of the latest training pass, by `total`;
 * adds to the gradients, in which those of the heads stand already.
 */
void ac_adaptive_layout(ac_arena *arena, ac_model *m);
void ac_adaptive_pack(ac_model *m, bool backward);
void ac_adaptive_forward(ac_model *m, bool training, const ac_outputs *outputs);
void ac_adaptive_backward(ac_model *m);
/* Likewise. */
void ac_baseline_layout(ac_arena *arena, ac_model *m);
void ac_baseline_pack(ac_model *m, bool backward);
void ac_baseline_forward(ac_model *m, bool training, const ac_outputs *outputs);
void ac_baseline_backward(ac_model *m);

/** Packs the weights unless that is done. */
void ac_model_pack(ac_model *m, bool backward);

/** x [N][P] = the embedding's rows of the pass's symbols. */
void ac_embed(const ac_model *m, ac_real *x);

/** Adds dx [N][P], the gradients of what ac_embed gave, to the embedding's. */
void ac_embed_backward(const ac_model *m, const ac_real *dx);

/**
 * The pass of a head, `decoder` or encoder, over the states `hidden` [N][P]; in a training pass dL/d(hidden) is written to
 * `gradient` [N][P]. Logits go to `outputs` where that is not NULL. Returns Σ cross-entropy, nats.
 */
double ac_model_head(ac_model *m, bool decoder, bool training, const ac_outputs *outputs, const ac_real *hidden,
                     ac_real *gradient);

/** Which tensors the gradients of the latest backward pass reach. */
bool ac_model_reaches(const ac_model *m, const ac_tensor *tensor);

#endif
