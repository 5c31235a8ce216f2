/**
 * A language model that learns from the text that it predicts, as the predictor of a codec. Its stream predicts byte by
 * byte; every few bytes the model is trained once, on windows of what came so far: the latest ones, and others drawn
 * from before them, each from the states that the stream had at its start. Both sides of a codec read the same bytes, so
 * both learn the same.
 *
 * The model is of a kind that carries states. Its configuration says how it learns: `sequence_length` is the length of a
 * window, `batch_size` the windows of a lesson, `learning_rate` the rate.
 */
#ifndef AC_LEARNER_H
#define AC_LEARNER_H

#include "compress_model.h"

/** When a model is trained, and on what. */
typedef struct ac_lessons {
  int32_t
      stride; /* most bytes from a lesson to the next, a multiple of a window's; at first a 16th of the text so far */
  int32_t fresh;   /* windows of a lesson that are the latest, 1 … batch_size */
  int32_t kept;    /* windows that are remembered, more than batch_size; fewer where models recall, to hold 256 MB */
  int32_t rising;  /* lessons in which the learning rate rises to its full height, at least 1 */
  int32_t falling; /* bytes after which the rate has fallen to 1/√2 of it; after n times as many it is 1/√(1 + n) */
} ac_lessons;

typedef struct ac_learner ac_learner;

/** Bytes of memory for a learner of a model; 0 where the lessons are out of range, or the model carries nothing. */
uint64_t ac_learner_bytes(ac_model *model, const ac_lessons *lessons);

/**
 * Makes a learner in `block` (aligned to AC_ALIGNMENT, of `bytes` bytes). The model has room for its whole batch and holds
 * the parameters to start from, and its stream is at the start of a text. Both must outlive the learner, and nobody else may
 * train or feed them. AC_BAD_SETTING, AC_SMALL_BLOCK.
 */
ac_status ac_learner_init(ac_model *model, ac_stream *stream, const ac_lessons *lessons, void *block, uint64_t bytes,
                          ac_learner **out);

/** A predictor over a learner, which must outlive it. */
ac_predictor ac_learner_predictor(ac_learner *learner);

#endif
