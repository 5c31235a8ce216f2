/**
 * The rows of one level: sequences of different lengths, packed without padding.
 *
 * Sequences are ranked by length, the longest first (equal lengths in their order). Rows go time step by time step,
 * within one by rank. So the sequences alive at a step are its first ranks, and the row before row (t, rank) in time is
 * (t − 1, rank).
 */
#ifndef AC_ROWS_H
#define AC_ROWS_H

#include "arena.h"

typedef struct ac_rows {
  int32_t sequences;
  int32_t steps;     /* length of the longest sequence */
  int32_t total;     /* rows */
  int32_t *first;    /* [steps] row of rank 0 at a time step */
  int32_t *count;    /* [steps] sequences alive at a time step */
  int32_t *rank;     /* [sequences] */
  int32_t *sequence; /* [total] */
  int32_t *time;     /* [total] */
  int32_t *before;   /* [total] the row one time step earlier, −1 at step 0 */
  int32_t *after;    /* [total] the row one time step later, −1 at a sequence's end */
} ac_rows;

/** Lays out room for up to `sequences` sequences of `steps` time steps, and for `rows` rows in all. */
void ac_rows_layout(ac_arena *arena, int32_t sequences, int32_t steps, int64_t rows, ac_rows *out);

/** Fills the rows for sequences of these `lengths` [sequences], each at least 1, within the room laid out. */
void ac_rows_build(ac_rows *rows, int32_t sequences, const int32_t *lengths);

/** A sequence's first row, −1 where it has none. */
int32_t ac_rows_first(const ac_rows *rows, int32_t sequence);

#endif
