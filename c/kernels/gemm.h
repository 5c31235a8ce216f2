/**
 * Matrix products, packed and register-tiled.
 *
 * Contract of both products: every element of the result is accumulated in one fixed order, whatever the shape, the
 * tile that computes it, or the rows beside it. A row computed alone has the same bits as the same row computed in a
 * batch. So cached generation equals the full pass, and no sequence depends on its neighbours in the batch.
 *
 * Right-hand sides are packed: panels of `AC_COLUMNS` columns, each panel K rows of `AC_COLUMNS` numbers, zeros where
 * the matrix ends. Rows of activations are `ac_padded(width)` apart and zero beyond their width.
 */
#ifndef AC_GEMM_H
#define AC_GEMM_H

#include <stddef.h>

#include "simd.h"

/** Columns of a packed panel; row strides of activations are multiples of it. */
#define AC_COLUMNS 8

/** Rows that one block of `ac_gemm_gradient` takes; its scratch holds as many rows of both sides. */
#define AC_GRADIENT_BLOCK 256

/** The row stride of an activation `width` numbers wide. */
AC_INLINE int ac_padded(int width) { return (width + AC_COLUMNS - 1) / AC_COLUMNS * AC_COLUMNS; }

/**
 * Packs w [n][k] transposed: column `column + j` of the packed matrix, of `rows` rows in all, is row j of w.
 * `column` is a multiple of AC_COLUMNS. Rows from k on are left alone; columns up to ac_padded(n) become zero.
 */
void ac_pack_transposed(const ac_real *w, int n, int k, ac_real *packed, int rows, int column);

/**
 * Packs w [k][n] as it is: row `row + i` of the packed matrix, of `rows` rows in all, is row i of w. Columns up to
 * ac_padded(n) become zero.
 */
void ac_pack(const ac_real *w, int k, int n, ac_real *packed, int rows, int row);

/**
 * c [m][n] = start + a [m][k] · b [k][n], added up for k = 0, 1, …; start is `bias` [n], or c itself where `bias` is
 * NULL. n is a multiple of AC_COLUMNS, `packed` holds b, `lda` and `ldc` are row strides.
 */
void ac_gemm(int m, int n, int k, const ac_real *a, int lda, const ac_real *packed, const ac_real *bias, ac_real *c,
             int ldc);

/**
 * c [m][n] += Σ over r of a[r][·] ⊗ x[index[r]][·], for r = 0 … rows − 1 in order; `index` NULL means r itself.
 * c is unpadded (stride n). `scratch` holds ac_gradient_scratch(m, n) numbers.
 */
void ac_gemm_gradient(int rows, const ac_real *a, int lda, int m, const ac_real *x, const int32_t *index, int ldx,
                      int n, ac_real *c, ac_real *scratch);

/** Numbers of scratch that `ac_gemm_gradient` needs. */
AC_INLINE size_t ac_gradient_scratch(int m, int n) {
  return (size_t)AC_GRADIENT_BLOCK * (size_t)(ac_padded(m) + ac_padded(n));
}

#endif
