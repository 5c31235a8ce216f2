/**
 * What has been seen at a place of the context model, in one byte: the bits themselves while they are few, then bounded
 * counts of zeros and ones and the latest bit. After Mahoney's PAQ6 (2004): the count of the other bit is cut where it is
 * large, since what came lately counts for more. The states and their successors are made by a rule, not listed.
 */
#ifndef AC_COUNTS_HISTORY_H
#define AC_COUNTS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#define AC_HISTORIES 256

/** A state: counts, and the latest bits while `exact` bits are known, else the latest bit. */
typedef struct ac_history {
  uint8_t counts[2], exact, bits;
} ac_history;

/** All states that can be reached from the first, 0, in which nothing was seen. */
typedef struct ac_histories {
  int32_t size;
  ac_history state[AC_HISTORIES];
  uint8_t next[AC_HISTORIES][2];
  uint8_t total[AC_HISTORIES]; /* of both counts */
  bool sure[AC_HISTORIES];     /* only one value of the bit was seen */
} ac_histories;

/** Makes the states. */
void ac_histories_make(ac_histories *h);

#endif
