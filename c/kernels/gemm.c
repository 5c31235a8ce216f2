#include "gemm.h"

#if defined(__clang__)
#define AC_UNROLL _Pragma("clang loop unroll(full)")
#else
#define AC_UNROLL _Pragma("GCC unroll 16")
#endif

/** Rows of a full tile: 4 × 8 results are 8 vectors, which leaves room in 16 registers. */
#define TILE_ROWS 4
/** Rows of a block that meets one panel while the panel stays in the first-level cache. */
#define BLOCK_ROWS 16
/** Most vectors of results in a tile. */
#define TILE_VECTORS 8
/** Most panels in a tile. */
#define TILE_PANELS 3

/** Where a tile reads, at a step of k: the rows of the left side and the panels of the right side. */
typedef struct sides {
  const ac_real *left[TILE_ROWS], *right[TILE_PANELS];
} sides;

/** Adds the step of k that is `step` and `column` numbers further: an outer product of a column and a row. */
AC_INLINE void add_step(int rows, int panels, const sides *at, ptrdiff_t step, ptrdiff_t column,
                        ac_v4 sum[TILE_VECTORS]) {
  AC_UNROLL
  for (int p = 0; p < panels; p++) {
    ac_v4 b0 = ac_load(at->right[p] + column), b1 = ac_load(at->right[p] + column + AC_LANES);
    AC_UNROLL
    for (int i = 0; i < rows; i++) {
      ac_v4 x = ac_splat(at->left[i][step]);
      ac_v4 *s = sum + (i * panels + p) * 2;
      s[0] = ac_multiply_add(s[0], x, b0);
      s[1] = ac_multiply_add(s[1], x, b1);
    }
  }
}

/**
 * One tile: `rows` × (AC_COLUMNS · panels) results over k. Element (i, k) of the left side is a[i·row + k·step].
 * All but `k` and the pointers are constants where it is inlined, so `sum` lives in registers. Four steps a turn spread
 * the loop's own cost; the exits between them keep a compiler from loading for all four before it computes, for which
 * there are not enough registers.
 */
AC_INLINE void accumulate(int rows, int panels, int k, const ac_real *a, ptrdiff_t row, ptrdiff_t step,
                          const ac_real *b, ptrdiff_t panel, ac_v4 sum[TILE_VECTORS]) {
  sides at = {{NULL}, {NULL}};
  AC_UNROLL
  for (int i = 0; i < rows; i++) {
    at.left[i] = a + i * row;
  }
  AC_UNROLL
  for (int p = 0; p < panels; p++) {
    at.right[p] = b + p * panel;
    /* Hidden from the compiler, which would otherwise add `panel` again at every step. */
    if (p > 0) {
      __asm__("" : "+r"(at.right[p]));
    }
  }
  for (int rest = k; rest > 0; rest -= 4) {
    add_step(rows, panels, &at, 0, 0, sum);
    if (rest == 1) {
      return;
    }
    add_step(rows, panels, &at, step, AC_COLUMNS, sum);
    if (rest == 2) {
      return;
    }
    add_step(rows, panels, &at, 2 * step, 2 * AC_COLUMNS, sum);
    if (rest == 3) {
      return;
    }
    add_step(rows, panels, &at, 3 * step, 3 * AC_COLUMNS, sum);
    AC_UNROLL
    for (int i = 0; i < rows; i++) {
      at.left[i] += 4 * step;
    }
    AC_UNROLL
    for (int p = 0; p < panels; p++) {
      at.right[p] += 4 * AC_COLUMNS;
    }
  }
}

AC_INLINE void tile(int rows, int panels, int k, const ac_real *a, int lda, const ac_real *b, const ac_real *bias,
                    ac_real *c, int ldc) {
  ac_v4 sum[TILE_VECTORS];
  AC_UNROLL
  for (int i = 0; i < rows; i++) {
    AC_UNROLL
    for (int v = 0; v < panels * 2; v++) {
      sum[i * panels * 2 + v] = ac_load((bias ? bias : c + (ptrdiff_t)i * ldc) + v * AC_LANES);
    }
  }
  accumulate(rows, panels, k, a, lda, 1, b, (ptrdiff_t)k * AC_COLUMNS, sum);
  AC_UNROLL
  for (int i = 0; i < rows; i++) {
    AC_UNROLL
    for (int v = 0; v < panels * 2; v++) {
      ac_store(c + (ptrdiff_t)i * ldc + v * AC_LANES, sum[i * panels * 2 + v]);
    }
  }
}

/** The rows that fill no whole tile; fewer rows take more columns, so that additions still overlap. */
static void few_rows(int m, int n, int k, const ac_real *a, int lda, const ac_real *packed, const ac_real *bias,
                     ac_real *c, int ldc) {
  int j = 0;
  const ptrdiff_t panel = (ptrdiff_t)k * AC_COLUMNS;
  const int wide = m == 1 ? 3 : 2;
  for (; m < 3 && j + wide * AC_COLUMNS <= n; j += wide * AC_COLUMNS) {
    const ac_real *b = packed + j / AC_COLUMNS * panel, *start = bias ? bias + j : NULL;
    if (m == 1) {
      tile(1, 3, k, a, lda, b, start, c + j, ldc);
    } else {
      tile(2, 2, k, a, lda, b, start, c + j, ldc);
    }
  }
  for (; j < n; j += AC_COLUMNS) {
    const ac_real *b = packed + j / AC_COLUMNS * panel, *start = bias ? bias + j : NULL;
    switch (m) {
    case 1:
      tile(1, 1, k, a, lda, b, start, c + j, ldc);
      break;
    case 2:
      tile(2, 1, k, a, lda, b, start, c + j, ldc);
      break;
    default:
      tile(3, 1, k, a, lda, b, start, c + j, ldc);
      break;
    }
  }
}

void ac_gemm(int m, int n, int k, const ac_real *a, int lda, const ac_real *packed, const ac_real *bias, ac_real *c,
             int ldc) {
  int whole = m / TILE_ROWS * TILE_ROWS;
  for (int block = 0; block < whole; block += BLOCK_ROWS) {
    int end = block + BLOCK_ROWS < whole ? block + BLOCK_ROWS : whole;
    for (int j = 0; j < n; j += AC_COLUMNS) {
      const ac_real *b = packed + (ptrdiff_t)j * k;
      for (int i = block; i < end; i += TILE_ROWS) {
        tile(TILE_ROWS, 1, k, a + (ptrdiff_t)i * lda, lda, b, bias ? bias + j : NULL, c + (ptrdiff_t)i * ldc + j, ldc);
      }
    }
  }
  if (whole < m) {
    few_rows(m - whole, n, k, a + (ptrdiff_t)whole * lda, lda, packed, bias, c + (ptrdiff_t)whole * ldc, ldc);
  }
}

/** Packs columns of a whole panel from rows of w, for i from 0 as far as whole squares reach; returns where that is. */
static int pack_squares(const ac_real *w, int k, ac_real *out) {
  int i = 0;
  for (; i + AC_LANES <= k; i += AC_LANES) {
    for (int c = 0; c < AC_COLUMNS; c += AC_LANES) {
      ac_v4 square[AC_LANES];
      AC_UNROLL
      for (int r = 0; r < AC_LANES; r++) {
        square[r] = ac_load(w + (ptrdiff_t)(c + r) * k + i);
      }
      ac_transpose(square);
      AC_UNROLL
      for (int r = 0; r < AC_LANES; r++) {
        ac_store(out + (i + r) * AC_COLUMNS + c, square[r]);
      }
    }
  }
  return i;
}

void ac_pack_transposed(const ac_real *w, int n, int k, ac_real *packed, int rows, int column) {
  for (int j = 0; j < ac_padded(n); j += AC_COLUMNS) {
    ac_real *out = packed + (ptrdiff_t)(column + j) * rows;
    const int columns = n - j < AC_COLUMNS ? n - j : AC_COLUMNS;
    const int done = columns == AC_COLUMNS ? pack_squares(w + (ptrdiff_t)j * k, k, out) : 0;
    for (int c = 0; c < AC_COLUMNS; c++) {
      for (int i = done; i < k; i++) {
        out[i * AC_COLUMNS + c] = c < columns ? w[(ptrdiff_t)(j + c) * k + i] : 0;
      }
    }
  }
}

void ac_pack(const ac_real *w, int k, int n, ac_real *packed, int rows, int row) {
  for (int j = 0; j < ac_padded(n); j += AC_COLUMNS) {
    ac_real *out = packed + (ptrdiff_t)j * rows + (ptrdiff_t)row * AC_COLUMNS;
    const int columns = n - j < AC_COLUMNS ? n - j : AC_COLUMNS;
    for (int i = 0; i < k; i++, out += AC_COLUMNS) {
      const ac_real *in = w + (ptrdiff_t)i * n + j;
      for (int v = 0; columns == AC_COLUMNS && v < AC_COLUMNS; v += AC_LANES) {
        ac_store(out + v, ac_load(in + v));
      }
      for (int c = 0; columns < AC_COLUMNS && c < AC_COLUMNS; c++) {
        out[c] = c < columns ? in[c] : 0;
      }
    }
  }
}

/** Rows that are copied into panels together: they fill whole cache lines of a panel. */
#define COPIED_ROWS 4

/** Copies `rows` rows of x into panels `width` numbers wide: panel p holds the columns from p·width on. */
AC_INLINE void panels_of(int rows, const ac_real *x, const int32_t *index, int ldx, int columns, int width,
                         ac_real *out) {
  for (int start = 0; start < rows; start += COPIED_ROWS) {
    const int end = start + COPIED_ROWS < rows ? start + COPIED_ROWS : rows;
    for (int j = 0; j < columns; j += width) {
      for (int r = start; r < end; r++) {
        const ac_real *in = x + (ptrdiff_t)(index ? index[r] : r) * ldx + j;
        ac_real *to = out + (ptrdiff_t)j * rows + r * width;
        for (int v = 0; v < width; v += AC_LANES) {
          ac_store(to + v, ac_load(in + v));
        }
      }
    }
  }
}

/** Adds one whole tile of the gradient to c. */
AC_INLINE void gradient_tile(int block, const ac_real *a, const ac_real *x, ac_real *c, ptrdiff_t ldc) {
  ac_v4 sum[TILE_VECTORS];
  AC_UNROLL
  for (int v = 0; v < TILE_VECTORS; v++) {
    sum[v] = ac_load(c + v / 2 * ldc + v % 2 * AC_LANES);
  }
  accumulate(TILE_ROWS, 1, block, a, 1, TILE_ROWS, x, 0, sum);
  AC_UNROLL
  for (int v = 0; v < TILE_VECTORS; v++) {
    ac_store(c + v / 2 * ldc + v % 2 * AC_LANES, sum[v]);
  }
}

/** Likewise a tile of which only `rows` × `columns` exist. */
static void gradient_edge(int block, const ac_real *a, const ac_real *x, int rows, int columns, ac_real *c, int ldc) {
  ac_real edge[TILE_ROWS * AC_COLUMNS] = {0};
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < columns; j++) {
      edge[i * AC_COLUMNS + j] = c[(ptrdiff_t)i * ldc + j];
    }
  }
  gradient_tile(block, a, x, edge, AC_COLUMNS);
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < columns; j++) {
      c[(ptrdiff_t)i * ldc + j] = edge[i * AC_COLUMNS + j];
    }
  }
}

void ac_gemm_gradient(int rows, const ac_real *a, int lda, int m, const ac_real *x, const int32_t *index, int ldx,
                      int n, ac_real *c, ac_real *scratch) {
  ac_real *right = scratch + (ptrdiff_t)AC_GRADIENT_BLOCK * ac_padded(m);
  for (int start = 0; start < rows; start += AC_GRADIENT_BLOCK) {
    int block = rows - start < AC_GRADIENT_BLOCK ? rows - start : AC_GRADIENT_BLOCK;
    panels_of(block, a + (ptrdiff_t)start * lda, NULL, lda, ac_padded(m), TILE_ROWS, scratch);
    panels_of(block, index ? x : x + (ptrdiff_t)start * ldx, index ? index + start : NULL, ldx, ac_padded(n),
              AC_COLUMNS, right);
    for (int j = 0; j < n; j += AC_COLUMNS) {
      for (int i = 0; i < m; i += TILE_ROWS) {
        const ac_real *left = scratch + (ptrdiff_t)i * block, *panel = right + (ptrdiff_t)j * block;
        ac_real *out = c + (ptrdiff_t)i * n + j;
        if (m - i >= TILE_ROWS && n - j >= AC_COLUMNS) {
          gradient_tile(block, left, panel, out, n);
        } else {
          gradient_edge(block, left, panel, m - i < TILE_ROWS ? m - i : TILE_ROWS,
                        n - j < AC_COLUMNS ? n - j : AC_COLUMNS, out, n);
        }
      }
    }
  }
}
