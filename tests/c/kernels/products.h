/** Matrix products against loops in the order that the header fixes, and against double precision. */
#ifndef PRODUCTS_H
#define PRODUCTS_H

#include "arrays.h"

/** Place of row r, column c in a packed matrix of `rows` rows. */
static size_t packed_place(int rows, int r, int c) {
  return (size_t)(c / AC_COLUMNS) * (size_t)rows * AC_COLUMNS + (size_t)r * AC_COLUMNS + (size_t)(c % AC_COLUMNS);
}

/** Packs w into a larger packed matrix of sentinels, then checks every number of that. */
static void check_pack(int n, int k) {
  const ac_real sentinel = (ac_real)12345;
  const int column = AC_COLUMNS, wide = column + ac_padded(n) + AC_COLUMNS, row = 2;
  ac_real *w = filled((size_t)n * (size_t)k, 1);

  /* w [n][k] transposed into k rows of k + 1. */
  const int rows = k + 1;
  ac_real *packed = test_reals((size_t)rows * (size_t)wide);
  for (size_t i = 0; i < (size_t)rows * (size_t)wide; i++) {
    packed[i] = sentinel;
  }
  ac_pack_transposed(w, n, k, packed, rows, column);
  bool right = true;
  for (int r = 0; r < rows; r++) {
    for (int c = 0; c < wide; c++) {
      const int j = c - column;
      const bool touched = r < k && j >= 0 && j < ac_padded(n);
      const ac_real expected = !touched ? sentinel : j < n ? w[j * k + r] : 0;
      right = right && packed[packed_place(rows, r, c)] == expected;
    }
  }
  CHECK(right, "transposed packing of %d x %d", n, k);

  /* w as [k][n] into rows from `row` on. */
  const int tall = k + row + 1;
  ac_real *plain = test_reals((size_t)tall * (size_t)ac_padded(n));
  for (size_t i = 0; i < (size_t)tall * (size_t)ac_padded(n); i++) {
    plain[i] = sentinel;
  }
  ac_pack(w, k, n, plain, tall, row);
  right = true;
  for (int r = 0; r < tall; r++) {
    for (int c = 0; c < ac_padded(n); c++) {
      const bool touched = r >= row && r < row + k;
      const ac_real expected = !touched ? sentinel : c < n ? w[(r - row) * n + c] : 0;
      right = right && plain[packed_place(tall, r, c)] == expected;
    }
  }
  CHECK(right, "packing of %d x %d", k, n);
}

/** One product: the ordered loop's bits, close to double precision, the same row by row, and nothing else written. */
static void check_gemm(int m, int n, int k, bool with_bias) {
  const int lda = ac_padded(k) + AC_COLUMNS, ldc = n + AC_COLUMNS;
  ac_real *a = filled((size_t)m * (size_t)lda, 1), *w = filled((size_t)k * (size_t)n, 1), *bias = filled((size_t)n, 1);
  ac_real *packed = test_reals((size_t)k * (size_t)n), *c = filled((size_t)m * (size_t)ldc, 1);
  ac_real *loop = copied((size_t)m * (size_t)ldc, c), *alone = copied((size_t)m * (size_t)ldc, c);
  ac_pack(w, k, n, packed, k, 0);
  bool close = true;
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      ac_real *out = loop + (ptrdiff_t)i * ldc + j;
      *out = with_bias ? bias[j] : *out;
      double exact = (double)*out, size = fabs(exact);
      for (int t = 0; t < k; t++) {
        *out += a[i * lda + t] * w[t * n + j];
        const double product = (double)a[i * lda + t] * (double)w[t * n + j];
        exact += product;
        size += fabs(product);
      }
      close = close && fabs((double)*out - exact) <= (k + 2) * ROUNDING * size;
    }
  }
  ac_gemm(m, n, k, a, lda, packed, with_bias ? bias : NULL, c, ldc);
  const size_t bytes = (size_t)m * (size_t)ldc * sizeof *c;
  CHECK_SAME(c, loop, bytes, "product %d x %d x %d, bias %d: the ordered loop", m, n, k, with_bias);
  CHECK(close, "product %d x %d x %d, bias %d: double precision", m, n, k, with_bias);
  for (int i = 0; i < m; i++) {
    ac_gemm(1, n, k, a + (ptrdiff_t)i * lda, lda, packed, with_bias ? bias : NULL, alone + (ptrdiff_t)i * ldc, ldc);
  }
  CHECK_SAME(c, alone, bytes, "product %d x %d x %d, bias %d: rows alone", m, n, k, with_bias);
}

/** One gradient product, with extra columns beyond the padding; `gathered` picks rows of x by an index with repeats. */
static void check_gradient(int rows, int m, int n, bool gathered) {
  const int lda = ac_padded(m) + AC_COLUMNS, ldx = ac_padded(n) + AC_COLUMNS, x_rows = gathered ? rows / 2 + 1 : rows;
  ac_real *a = filled_rows(rows + 1, m, lda), *x = filled_rows(x_rows + 1, n, ldx);
  ac_real *c = filled((size_t)m * (size_t)n, 1), *loop = copied((size_t)m * (size_t)n, c);
  ac_real *scratch = filled(ac_gradient_scratch(m, n), 1);
  int32_t *index = (int32_t *)(void *)test_bytes((size_t)(rows + 1) * sizeof *index);
  for (int r = 0; r < rows; r++) {
    index[r] = gathered ? (int32_t)(ac_random_bits(&source) % (uint32_t)x_rows) : r;
  }
  bool close = true;
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      double exact = (double)loop[i * n + j], size = fabs(exact);
      for (int r = 0; r < rows; r++) {
        const ac_real left = a[(ptrdiff_t)r * lda + i], right = x[(ptrdiff_t)index[r] * ldx + j];
        loop[i * n + j] += left * right;
        exact += (double)left * (double)right;
        size += fabs((double)left * (double)right);
      }
      close = close && fabs((double)loop[i * n + j] - exact) <= (rows + 2) * ROUNDING * size;
    }
  }
  ac_gemm_gradient(rows, a, lda, m, x, gathered ? index : NULL, ldx, n, c, scratch);
  CHECK_SAME(c, loop, (size_t)m * (size_t)n * sizeof *c, "gradient of %d rows, %d x %d, gathered %d: the ordered loop",
             rows, m, n, gathered);
  CHECK(close, "gradient of %d rows, %d x %d, gathered %d: double precision", rows, m, n, gathered);
}

static void check_products(void) {
  static const int M[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 63, 64, 65, 66, 67, 131}, N[] = {8, 16, 24, 32, 40, 72};
  static const int K[] = {1, 2, 3, 5, 8, 9, 17}, WIDTH[] = {1, 2, 3, 4, 5, 7, 8, 9, 17};
  static const int ROWS[] = {0, 1, 2, 3, 5, 255, 256, 257, 515};
#define EACH(i, list) for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++)

  check_group("packing");
  for (int n = 1; n <= 19; n++) {
    for (int k = 1; k <= 10; k++) {
      check_pack(n, k);
    }
    test_free_all();
  }
  check_group("products");
  EACH(m, M) {
    EACH(n, N) {
      EACH(k, K) {
        check_gemm(M[m], N[n], K[k], false);
        check_gemm(M[m], N[n], K[k], true);
      }
      test_free_all();
    }
  }
  check_group("gradient products");
  EACH(r, ROWS) {
    EACH(m, WIDTH) {
      EACH(n, WIDTH) {
        check_gradient(ROWS[r], WIDTH[m], WIDTH[n], false);
        check_gradient(ROWS[r], WIDTH[m], WIDTH[n], true);
      }
      test_free_all();
    }
  }
#undef EACH
}

#endif
