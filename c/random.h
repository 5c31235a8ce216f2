/**
 * The core's own seeded generator, so that a seed means the same everywhere: PCG32 (O'Neill 2014, "PCG: A Family of
 * Simple Fast Space-Efficient Statistically Good Algorithms for Random Number Generation").
 */
#ifndef AC_RANDOM_H
#define AC_RANDOM_H

#include <stdint.h>

typedef struct ac_random {
  uint64_t state;
  uint64_t stream;
} ac_random;

/** A generator for a seed; different streams of one seed are independent. */
ac_random ac_random_make(uint64_t seed, uint64_t stream);

/** 32 uniform bits. */
uint32_t ac_random_bits(ac_random *r);

/** Uniform in [0, 1), with 53 bits. */
double ac_random_uniform(ac_random *r);

/** Standard normal (Marsaglia's polar method, one of the pair). */
double ac_random_normal(ac_random *r);

/** A hash of three words to 64 bits (SplitMix64's finaliser, chained): the key of a dropout mask, of an epoch. */
uint64_t ac_hash3(uint64_t a, uint64_t b, uint64_t c);

/**
 * The place of item `index` in a random order of 0 … count − 1, one for each (seed, epoch). Constant memory:
 * a four-round Feistel permutation of the next power of four, walked until it falls within the count.
 * `index` < `count`; 0 otherwise.
 */
uint32_t ac_shuffled(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t index);

#endif
