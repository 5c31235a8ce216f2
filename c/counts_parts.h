/** Internals of the context model: what counts.c and its parts share; not for hosts. */
#ifndef AC_COUNTS_PARTS_H
#define AC_COUNTS_PARTS_H

#include "arena.h"
#include "counts_history.h"
#include "kernels/simd.h"
#include "mix.h"

/**
 * A probability that adapts: 22 bits of it above 10 bits of a count. It moves towards each bit by 1 / (count + 1.6), a
 * running mean while the count grows, an exponential one once that is at its limit.
 */
typedef uint32_t ac_chance;

enum { AC_CHANCE_COUNTS = 1024, AC_CHANCE_BITS = 22 };

/** Tables that all parts read. */
typedef struct ac_counts_tables {
  ac_real stretch[AC_STRETCH];
  int32_t reciprocal[AC_CHANCE_COUNTS]; /* 2¹⁶ / (count + 1.6) */
  ac_histories histories;
} ac_counts_tables;

/** A probability to start from, and how many bits it stands for. */
static inline ac_chance ac_chance_of(double p, uint32_t count) {
  return (uint32_t)(p * ((1 << AC_CHANCE_BITS) - 1)) << 10 | count;
}

/** Its log-odds. */
AC_INLINE ac_real ac_chance_odds(const ac_counts_tables *t, ac_chance c) { return t->stretch[c >> 20]; }

/** Moves a chance towards a bit; its count grows up to `limit`, below AC_CHANCE_COUNTS. */
AC_INLINE void ac_chance_learn(const ac_counts_tables *t, ac_chance *c, int bit, uint32_t limit) {
  const uint32_t count = *c & (AC_CHANCE_COUNTS - 1);
  const int32_t p = (int32_t)(*c >> 10), target = bit ? (1 << AC_CHANCE_BITS) - 1 : 0;
  const int32_t change = (int32_t)((int64_t)(target - p) * t->reciprocal[count] / 65536);
  *c = (uint32_t)(p + change) << 10 | (count < limit ? count + 1 : count);
}

/** Mixes the bits of a hash. */
AC_INLINE uint32_t ac_scatter(uint32_t x) {
  x *= 0x9e3779b1u;
  x ^= x >> 15;
  x *= 0x85ebca77u;
  return x ^ x >> 13;
}

/** The bytes read so far, in a ring: byte i lies at i & mask. */
typedef struct ac_past {
  uint8_t *bytes;
  uint32_t mask, size; /* size: bytes so far, modulo 2³² */
} ac_past;

/** The byte `back` places ago, 1 the latest; 0 before the first. */
AC_INLINE uint32_t ac_past_byte(const ac_past *past, uint32_t back) {
  return past->bytes[(past->size - back) & past->mask];
}

/** The longest match that is measured. */
#define AC_MATCH_LONGEST 400
/** Classes of match lengths; each has two chances. */
#define AC_MATCH_CLASSES 26

/** The latest place where the same bytes stood as at the end of the past: what followed there is expected here. */
typedef struct ac_match {
  uint32_t least; /* bytes that must agree */
  uint32_t *table, bits;
  uint32_t at, length; /* where the next byte is expected from; 0: no match */
  ac_chance chance[2 * AC_MATCH_CLASSES], *used;
  int32_t expected; /* the next bit, or −1 */
} ac_match;

/** Takes the table of 2^`bits` places from an arena; unless that only counts, starts the match afresh. */
void ac_match_layout(ac_arena *arena, ac_match *match, uint32_t least, uint32_t bits);

/** Log-odds of the next bit, after the bits `partial` (with a leading 1) and before `left` more; 0 without a match. */
ac_real ac_match_predict(ac_match *match, const ac_counts_tables *t, const ac_past *past, uint32_t partial, int left);

/** Learns whether the bit came as expected. */
void ac_match_learn(ac_match *match, const ac_counts_tables *t, int bit);

/** Extends the match by the byte that came, or looks for a new one; `past` holds that byte already. */
void ac_match_byte(ac_match *match, const ac_past *past);

#endif
