/**
 * A bounded context model: what bytes came after the latest one to six bytes, after the latest words, and after longer
 * matches. It reads a text bit by bit and offers predictions of the next bit, which mix.h mixes. The method is that of
 * Mahoney's PAQ8 and lpaq (bit histories in hashed rows of a nibble, runs, matches); the code is the project's own.
 *
 * All memory is taken at once; older contexts give way to newer ones. Integers and tables: the same bits everywhere.
 */
#ifndef AC_COUNTS_H
#define AC_COUNTS_H

#include <stdint.h>

#include "arena.h"
#include "kernels/simd.h"

/** Predictions offered for each bit, the last a constant. */
#define AC_COUNTS_INPUTS 53

/** Small contexts by which a mixer may choose its weights, and how many values each has. */
#define AC_COUNTS_CHOICES 5
extern const int32_t AC_COUNTS_CHOICE_SIZE[AC_COUNTS_CHOICES];

/** Rows of the hashed table, as a power of two. */
#define AC_COUNTS_LEAST_BITS 10
#define AC_COUNTS_MOST_BITS 22

typedef struct ac_counts ac_counts;

/** Bytes of memory for a model with 2^`bits` rows, 48 bytes each, and what does not depend on that; 0 if out of range. */
uint64_t ac_counts_bytes(int32_t bits);

/** Makes a model that has seen nothing in `block`, zeroed or not, of ac_counts_bytes. */
ac_counts *ac_counts_init(int32_t bits, void *block);

/** Log-odds for the next bit to `inputs` [AC_COUNTS_INPUTS], small contexts to `choices` [AC_COUNTS_CHOICES]. */
void ac_counts_predict(ac_counts *c, ac_real *inputs, int32_t *choices);

/** Learns the bit that came; eight of them complete a byte. */
void ac_counts_learn(ac_counts *c, int bit);

/** The bits of the current byte so far, with a leading 1. */
uint32_t ac_counts_partial(const ac_counts *c);

/** The byte `back` places ago, 1 the latest; 0 before the first. */
uint32_t ac_counts_byte(const ac_counts *c, uint32_t back);

/** Fills `weights` [AC_COUNTS_INPUTS] with good first weights of the inputs. */
void ac_counts_first_weights(ac_real *weights);

#endif
