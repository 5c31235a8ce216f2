/** Arrays for the kernel tests, each of exactly the size asked for, so that the sanitizer sees any access beyond. */
#ifndef ARRAYS_H
#define ARRAYS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../c/kernels/gemm.h"
#include "../../../c/random.h"
#include "../support/check.h"
#include "../support/models.h"

/** Half a unit in the last place of 1: the relative error of one rounded operation. */
#define ROUNDING (sizeof(ac_real) == 4 ? 0x1p-24 : 0x1p-53)

static ac_random source = {1, 1};

/** Numbers uniform in [−range, range). */
static void fill(size_t n, double range, ac_real *x) {
  for (size_t i = 0; i < n; i++) {
    x[i] = (ac_real)(range * (2 * ac_random_uniform(&source) - 1));
  }
}

static ac_real *filled(size_t n, double range) {
  ac_real *x = test_reals(n);
  fill(n, range, x);
  return x;
}

static ac_real *copied(size_t n, const ac_real *x) { return memcpy(test_reals(n), x, n * sizeof *x); }

/** Rows `stride` apart with `width` numbers each, zeros beyond: activations as the kernels expect them. */
static ac_real *filled_rows(int rows, int width, int stride) {
  ac_real *x = test_reals((size_t)rows * (size_t)stride);
  for (int r = 0; r < rows; r++) {
    fill((size_t)width, 1, x + (ptrdiff_t)r * stride);
  }
  return x;
}

#endif
