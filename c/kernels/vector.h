/** Loops over rows and flat arrays that belong to no other kernel. */
#ifndef AC_VECTOR_H
#define AC_VECTOR_H

#include <stdint.h>

#include "simd.h"

/** y [n] += x [n]; any n. */
void ac_add_to(int64_t n, const ac_real *x, ac_real *y);

/** y [n] = 0; any n. */
void ac_zero(int64_t n, ac_real *y);

/** y [n] = x [n]; any n. */
void ac_copy(int64_t n, const ac_real *x, ac_real *y);

/** Σ x[i]·y[i] over x [n] and y [n], n a multiple of AC_LANES, in four running sums. */
ac_real ac_dot(int n, const ac_real *x, const ac_real *y);

/** Σ x[i]² over x [n], any n: blocks of 256 in four running sums each, the blocks in double precision. */
double ac_sum_squares(int64_t n, const ac_real *x);

/** out [columns] += Σ over rows of x [rows][ld], row by row; any number of columns. */
void ac_add_columns(int rows, int columns, const ac_real *x, int ld, ac_real *out);

/** The constants of one AdamW step for one tensor. */
typedef struct ac_adamw_constants {
  ac_real scale;   /* of the gradient: below 1 where it is clipped */
  ac_real decay;   /* 1 − lr·wd */
  ac_real beta1;   /* 0.9 */
  ac_real beta2;   /* 0.999 */
  ac_real step;    /* lr / (1 − β₁ᵏ) */
  ac_real root;    /* 1 / √(1 − β₂ᵏ) */
  ac_real epsilon; /* 1e-8 */
} ac_adamw_constants;

/**
 * One AdamW step (Loshchilov and Hutter 2019, as in PyTorch) in one pass over `gradient` [n], the moments `first` [n] and
 * `second` [n], and `parameter` [n]; any n. The last three are updated.
 */
void ac_adamw(int64_t n, const ac_adamw_constants *k, const ac_real *gradient, ac_real *first, ac_real *second,
              ac_real *parameter);

/**
 * Inverted dropout of a row: out [n] = x [n]·mask, where the mask of element i is 1/(1 − p) with probability 1 − p,
 * else 0, decided by a hash of (key, i) alone, so that it can be made again for the backward pass. n is a multiple of
 * AC_LANES; `out` may be x.
 */
void ac_dropout(int n, uint64_t key, ac_real p, const ac_real *x, ac_real *out);

#endif
