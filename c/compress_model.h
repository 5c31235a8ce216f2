/** A language model's stream as the predictor of a codec. */
#ifndef AC_COMPRESS_MODEL_H
#define AC_COMPRESS_MODEL_H

#include "compress.h"
#include "stream.h"

/** A stream, and what it expects next; before a text's first byte all bytes are equally likely. */
typedef struct ac_listener {
  ac_stream *stream;
  const ac_real *expected; /* [256] */
  ac_real even[256];
} ac_listener;

/** Makes a listener of a stream at the start of a text; returns a predictor over it, which stream and listener must outlive. */
ac_predictor ac_listener_make(ac_stream *stream, ac_listener *listener);

#endif
