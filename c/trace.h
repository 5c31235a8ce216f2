/**
 * A trace: a text streamed through the cached generator a piece at a time, in constant memory. Index t of a piece says
 * what the model said after byte t, about byte t + 1.
 */
#ifndef AC_TRACE_H
#define AC_TRACE_H

#include "stream.h"

/** Most bytes in a piece, and most predictions kept per byte. */
#define AC_TRACE_PIECE 256
#define AC_TRACE_TOP 10

/** Tokens that a level got in a piece. */
typedef struct ac_trace_level {
  int32_t count;
  int32_t source[AC_TRACE_PIECE]; /* position of the level below */
  float score[AC_TRACE_PIECE];    /* nats, or predicted squared error */
  float sum[AC_TRACE_PIECE];      /* running sum before a reset */
  float realised[AC_TRACE_PIECE]; /* squared error of the prediction of each token's input; NaN for a level's first */
  uint8_t border[AC_TRACE_PIECE];
} ac_trace_level;

/** What one head said of the bytes of a piece. */
typedef struct ac_trace_head {
  float entropy[AC_TRACE_PIECE];                  /* nats */
  float bits[AC_TRACE_PIECE];                     /* that the next byte cost; NaN where none is known */
  uint16_t symbol[AC_TRACE_PIECE * AC_TRACE_TOP]; /* [bytes][top] likeliest first */
  float probability[AC_TRACE_PIECE * AC_TRACE_TOP];
} ac_trace_head;

typedef struct ac_trace {
  int32_t count; /* bytes */
  ac_trace_head encoder, decoder;
  ac_trace_level level[AC_MAX_LEVELS];
} ac_trace;

/**
 * Traces the next `bytes` [n], n ≤ AC_TRACE_PIECE, of the stream's text; `marks` [n] are theirs, or NULL where they have
 * none; `next` is the byte after them, −1 at the end of the text. AC_BAD_INPUT.
 */
ac_status ac_trace_piece(ac_stream *s, const uint8_t *bytes, const uint8_t *marks, int32_t n, int32_t next,
                         ac_trace *out);

#endif
