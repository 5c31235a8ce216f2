/** Loops over flat arrays: sums, AdamW, dropout. */
#ifndef VECTORS_H
#define VECTORS_H

#include "../../../c/kernels/vector.h"
#include "arrays.h"

/** Sums over n numbers, for any n; functions that take only whole vectors get the part that is whole. */
static void check_sums(int n) {
  const size_t size = (size_t)n, whole = size / AC_LANES * AC_LANES;
  ac_real *x = filled(size, 1), *y = filled(size, 1), *expected = test_reals(size), *out = copied(size, y);
  double squares = 0, dot = 0, dot_size = 0;
  for (size_t i = 0; i < size; i++) {
    squares += (double)x[i] * (double)x[i];
    if (i < whole) {
      dot += (double)x[i] * (double)y[i];
      dot_size += fabs((double)x[i] * (double)y[i]);
    }
  }
  CHECK_NEAR(ac_sum_squares(n, x), squares, 70 * ROUNDING * squares, "squares of %d", n);
  CHECK_NEAR((double)ac_dot((int)whole, x, y), dot, (n / 4.0 + 4) * ROUNDING * dot_size, "dot product of %d", n);

  for (size_t i = 0; i < size; i++) {
    expected[i] = y[i] + x[i];
  }
  ac_add_to(n, x, out);
  CHECK_SAME(out, expected, size * sizeof *out, "addition of %d", n);
  ac_copy(n, x, out);
  CHECK_SAME(out, x, size * sizeof *out, "copy of %d", n);
  memset(expected, 0, size * sizeof *expected);
  ac_zero(n, out);
  CHECK_SAME(out, expected, size * sizeof *out, "zeroing of %d", n);

  const int rows = 5, ld = ac_padded(n) + AC_COLUMNS;
  ac_real *matrix = filled((size_t)(rows * ld), 1), *columns = copied(size, y);
  for (size_t i = 0; i < size; i++) {
    expected[i] = y[i];
    for (int r = 0; r < rows; r++) {
      expected[i] += matrix[(size_t)(r * ld) + i];
    }
  }
  ac_add_columns(rows, n, matrix, ld, columns);
  CHECK_SAME(columns, expected, size * sizeof *columns, "columns of %d", n);
}

/** A few AdamW steps over n numbers against the paper's formulas in double precision; each alone has the same bits. */
static void check_adamw(int n) {
  const size_t size = (size_t)n, bytes = size * sizeof(ac_real);
  const double rate = 0.01, decay = 0.1;
  ac_real *parameter = filled(size, 1), *first = test_reals(size), *second = test_reals(size);
  ac_real *alone[3] = {copied(size, parameter), test_reals(size), test_reals(size)}, *expected = test_reals(size);
  double p[64], m[64] = {0}, v[64] = {0};
  for (size_t i = 0; i < size; i++) {
    p[i] = (double)parameter[i];
  }
  for (int k = 1; k <= 4; k++) {
    ac_real *gradient = filled(size, pow(10, -k));
    gradient[0] = 0;
    const ac_real scale = k % 2 == 0 ? (ac_real)0.3 : 1;
    const ac_adamw_constants constants = {
        .scale = scale,
        .decay = (ac_real)(1 - rate * decay),
        .beta1 = (ac_real)0.9,
        .beta2 = (ac_real)0.999,
        .step = (ac_real)(rate / (1 - pow(0.9, k))),
        .root = (ac_real)(1 / sqrt(1 - pow(0.999, k))),
        .epsilon = (ac_real)1e-8,
    };
    for (size_t i = 0; i < size; i++) {
      const double g = (double)scale * (double)gradient[i];
      p[i] -= rate * decay * p[i];
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      p[i] -= rate * (m[i] / (1 - pow(0.9, k))) / (sqrt(v[i] / (1 - pow(0.999, k))) + 1e-8);
      expected[i] = (ac_real)p[i];
      ac_adamw(1, &constants, gradient + i, alone[1] + i, alone[2] + i, alone[0] + i);
    }
    ac_adamw(n, &constants, gradient, first, second, parameter);
    CHECK_ALL_NEAR(size, parameter, expected, 2e-6, 0, "AdamW of %d, step %d", n, k);
    CHECK(memcmp(parameter, alone[0], bytes) == 0 && memcmp(first, alone[1], bytes) == 0 &&
              memcmp(second, alone[2], bytes) == 0,
          "AdamW of %d one by one, step %d", n, k);
    CHECK(parameter[0] != 0 && first[0] == 0 && second[0] == 0, "a zero gradient only decays, step %d", k);
  }
}

/** Whether element i of a row is kept, of 8 elements of `keys` rows. */
static void draw_masks(int keys, double p, uint8_t *kept) {
  ac_real ones[AC_COLUMNS], out[AC_COLUMNS];
  for (int i = 0; i < AC_COLUMNS; i++) {
    ones[i] = 1;
  }
  for (int key = 0; key < keys; key++) {
    ac_dropout(AC_COLUMNS, ac_hash3(7, 3, (uint64_t)key), (ac_real)p, ones, out);
    for (int i = 0; i < AC_COLUMNS; i++) {
      kept[key * AC_COLUMNS + i] = out[i] != 0;
    }
  }
}

/** The rate, and the independence of neighbours (in a row, and from row to row), within five standard deviations. */
static void check_dropout_rate(double p) {
  const int keys = 20000, n = keys * AC_COLUMNS;
  uint8_t *kept = test_bytes((size_t)n);
  draw_masks(keys, p, kept);
  double sum = 0, beside = 0, below = 0;
  for (int i = 0; i < n - AC_COLUMNS; i++) {
    sum += kept[i];
    beside += kept[i] & kept[i + 1];
    below += kept[i] & kept[i + AC_COLUMNS];
  }
  const double q = 1 - p, count = n - AC_COLUMNS, bound = 5 / sqrt(count);
  CHECK_NEAR(sum / count, q, bound * sqrt(p * q), "rate at p = %g", p);
  CHECK_NEAR(beside / count, q * q, 2 * bound * sqrt(p * q), "neighbours in a row at p = %g", p);
  CHECK_NEAR(below / count, q * q, 2 * bound * sqrt(p * q), "neighbours from row to row at p = %g", p);
}

static void check_dropout(int n) {
  const ac_real p = (ac_real)0.4;
  const size_t size = (size_t)n, bytes = size * sizeof(ac_real);
  ac_real *x = filled(size, 1), *out = test_reals(size), *again = copied(size, x), *other = test_reals(size);
  ac_dropout(n, 99, p, x, out);
  ac_dropout(n, 99, p, again, again);
  CHECK_SAME(out, again, bytes, "dropout of %d in place, again", n);
  ac_dropout(AC_LANES, 99, p, x, other);
  CHECK_SAME(out, other, AC_LANES * sizeof *out, "dropout of %d does not depend on the row's length", n);
  bool scaled = true;
  for (size_t i = 0; i < size; i++) {
    scaled = scaled && (out[i] == 0 || out[i] == x[i] * (1 / (1 - p)));
  }
  CHECK(scaled, "dropout of %d drops or scales", n);
  ac_dropout(n, 99, 0, x, out);
  CHECK_SAME(out, x, bytes, "no dropout of %d", n);
}

static void check_vectors(void) {
  check_group("sums");
  for (int n = 1; n <= 40; n++) {
    check_sums(n);
  }
  for (int n = 250; n <= 260; n++) {
    check_sums(n);
  }
  check_sums(5001);
  test_free_all();
  check_group("AdamW");
  for (int n = 1; n <= 33; n++) {
    check_adamw(n);
  }
  test_free_all();
  check_group("dropout");
  for (int n = AC_LANES; n <= 64; n += AC_LANES) {
    check_dropout(n);
  }
  check_dropout_rate(0.05);
  check_dropout_rate(0.5);
  check_dropout_rate(0.9);
  test_free_all();
}

#endif
