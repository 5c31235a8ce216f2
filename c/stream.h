/**
 * A text read one byte at a time: cached generation. State is two hidden vectors per block, and for each level a running
 * sum, a count of tokens and one active parent vector; higher levels only move at borders. By the contract of the
 * products (kernels/gemm.h) its logits have the same bits as the full pass over the same bytes.
 *
 * A stream keeps what follows from the parameters of its model: give it a model that is not being trained, and reset it
 * when they were changed.
 */
#ifndef AC_STREAM_H
#define AC_STREAM_H

#include <stdbool.h>

#include "model.h"

typedef struct ac_stream ac_stream;

/** What to compute at a byte besides the states. */
enum {
  AC_WANT_ENCODER = 1,    /* softmax of the encoder's prediction (always there where borders need it) */
  AC_WANT_DECODER = 2,    /* softmax of the decoder's prediction */
  AC_WANT_PREDICTIONS = 4 /* squared errors of the higher levels' predictions */
};

/** A token that a level got. */
typedef struct ac_token {
  int32_t source;   /* position of the level below that it came from */
  int32_t border;   /* 1 where it is promoted; 0 at the top */
  ac_real score;    /* entropy in nats at level 0 (0 unless wanted), predicted squared error above */
  ac_real sum;      /* running sum with the score, before a reset; 0 at a level's first token and at the top */
  ac_real realised; /* squared error of the prediction of this token's input; NaN for a level's first */
} ac_token;

/** A prediction of the next symbol. */
typedef struct ac_prediction {
  ac_real *logits, *probabilities; /* [ac_padded(AC_SYMBOLS)] */
  ac_real entropy;                 /* nats */
  ac_real cross_entropy;           /* nats that the target costs; 0 without one */
} ac_prediction;

/** The results of a byte. */
typedef struct ac_outcome {
  int32_t depth; /* levels that got a token: 1 + the borders that it caused */
  ac_token token[AC_MAX_LEVELS];
  ac_prediction encoder, decoder; /* as wanted; the baseline has one, which both stand for */
} ac_outcome;

/** Bytes of memory for a stream over a model. */
uint64_t ac_stream_bytes(const ac_model *m);

/** Makes a stream at the start of a text. AC_LEAKS in teacher-forced mode, AC_SMALL_BLOCK. */
ac_status ac_stream_init(ac_model *m, void *block, uint64_t bytes, ac_stream **out);

/** Back to the start of a text; thresholds stay. */
void ac_stream_reset(ac_stream *s);

/** Threshold of a level below the top, in place of the configuration's. AC_BAD_INPUT where it is no number ≥ 0. */
ac_status ac_stream_set_threshold(ac_stream *s, int32_t level, ac_real threshold);

/** Whether parents condition anything; without them every parent vector is 0. */
void ac_stream_set_parents(ac_stream *s, bool on);

/** Likewise for the positions of one level below the top. AC_BAD_INPUT. */
ac_status ac_stream_set_level_parents(ac_stream *s, int32_t level, bool on);

/** What a stream remembers as vectors of H numbers. */
enum {
  AC_STATE_ENCODER = 0, /* of a level, layers 0 and 1 */
  AC_STATE_DECODER = 1, /* of a level below the top, layers 0 and 1 */
  AC_STATE_PARENT = 2,  /* of a level below the top: the projection of its active parent, bias included */
  AC_STATE_BLOCK = 3    /* of the baseline's block `level`, layers 0 and 1 */
};

/** One of them, read-only and valid until the next byte; NULL where the model has no such state. */
const ac_real *ac_stream_state(const ac_stream *s, int32_t kind, int32_t level, int32_t layer);

/**
 * What the stream remembers, as one sequence: copied into a model's memory, it lets ac_model_continue go on from here. It
 * belongs to the stream and is read-only.
 */
const ac_memory *ac_stream_memory(const ac_stream *s);

/** Goes on from where sequence `sequence` of a pass, or a stream, was. AC_BAD_SETTING where that memory holds other things. */
ac_status ac_stream_go_on(ac_stream *s, const ac_memory *from, int32_t sequence);

/**
 * Sets the mark of the next byte that the stream reads, as in ac_model_set_marks; every other byte has none. Of use to the
 * rule “given” alone.
 */
void ac_stream_set_mark(ac_stream *s, uint8_t mark);

/**
 * Reads a byte. `target` is the symbol that follows, or −1; `wants` as above. The result belongs to the stream and is
 * valid until the next byte.
 */
const ac_outcome *ac_stream_feed(ac_stream *s, uint8_t byte, int32_t target, int wants);

#endif
