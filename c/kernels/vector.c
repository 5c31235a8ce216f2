#include "vector.h"

void ac_add_to(int64_t n, const ac_real *x, ac_real *y) {
  int64_t i = 0;
  for (; i + AC_LANES <= n; i += AC_LANES) {
    ac_store(y + i, ac_add(ac_load(y + i), ac_load(x + i)));
  }
  for (; i < n; i++) {
    y[i] += x[i];
  }
}

void ac_zero(int64_t n, ac_real *y) {
  for (int64_t i = 0; i < n; i++) {
    y[i] = 0;
  }
}

void ac_copy(int64_t n, const ac_real *x, ac_real *y) {
  for (int64_t i = 0; i < n; i++) {
    y[i] = x[i];
  }
}

ac_real ac_dot(int n, const ac_real *x, const ac_real *y) {
  ac_v4 sum = ac_splat(0);
  for (int i = 0; i < n; i += AC_LANES) {
    sum = ac_multiply_add(sum, ac_load(x + i), ac_load(y + i));
  }
  return ac_sum_lanes(sum);
}

double ac_sum_squares(int64_t n, const ac_real *x) {
  double total = 0;
  for (int64_t start = 0; start < n; start += 256) {
    const int64_t end = start + 256 < n ? start + 256 : n;
    ac_v4 sum = ac_splat(0);
    int64_t i = start;
    for (; i + AC_LANES <= end; i += AC_LANES) {
      sum = ac_multiply_add(sum, ac_load(x + i), ac_load(x + i));
    }
    ac_real block = ac_sum_lanes(sum);
    for (; i < end; i++) {
      block += x[i] * x[i];
    }
    total += (double)block;
  }
  return total;
}

void ac_add_columns(int rows, int columns, const ac_real *x, int ld, ac_real *out) {
  for (int r = 0; r < rows; r++, x += ld) {
    int i = 0;
    for (; i + AC_LANES <= columns; i += AC_LANES) {
      ac_store(out + i, ac_add(ac_load(out + i), ac_load(x + i)));
    }
    for (; i < columns; i++) {
      out[i] += x[i];
    }
  }
}

/** One vector of an AdamW step. */
AC_INLINE void adamw_vector(const ac_adamw_constants *k, const ac_real *gradient, ac_real *first, ac_real *second,
                            ac_real *parameter) {
  const ac_v4 g = ac_mul(ac_load(gradient), ac_splat(k->scale));
  const ac_v4 m = ac_add(ac_mul(ac_load(first), ac_splat(k->beta1)), ac_mul(g, ac_splat(1 - k->beta1)));
  const ac_v4 v = ac_add(ac_mul(ac_load(second), ac_splat(k->beta2)), ac_mul(ac_mul(g, g), ac_splat(1 - k->beta2)));
  const ac_v4 size = ac_add(ac_mul(ac_sqrt(v), ac_splat(k->root)), ac_splat(k->epsilon));
  ac_store(first, m);
  ac_store(second, v);
  ac_store(parameter,
           ac_sub(ac_mul(ac_load(parameter), ac_splat(k->decay)), ac_mul(ac_splat(k->step), ac_div(m, size))));
}

void ac_adamw(int64_t n, const ac_adamw_constants *k, const ac_real *gradient, ac_real *first, ac_real *second,
              ac_real *parameter) {
  const ac_adamw_constants constants = *k; /* a copy that no store can change */
  int64_t i = 0;
  for (; i + AC_LANES <= n; i += AC_LANES) {
    adamw_vector(&constants, gradient + i, first + i, second + i, parameter + i);
  }
  /* The last few numbers go through a buffer, so that their arithmetic is the same. */
  ac_real tail[4][AC_LANES] = {{0}};
  const int rest = (int)(n - i);
  for (int j = 0; j < rest; j++) {
    tail[0][j] = gradient[i + j];
    tail[1][j] = first[i + j];
    tail[2][j] = second[i + j];
    tail[3][j] = parameter[i + j];
  }
  adamw_vector(&constants, tail[0], tail[1], tail[2], tail[3]);
  for (int j = 0; j < rest; j++) {
    first[i + j] = tail[1][j];
    second[i + j] = tail[2][j];
    parameter[i + j] = tail[3][j];
  }
}

/** A 32-bit hash with good avalanche (Chris Wellons, hash-prospector's "lowbias32", after a first mix of the key). */
static uint32_t hash(uint64_t key, uint32_t i) {
  uint32_t x = (uint32_t)key ^ (i * 0x9e3779b9u);
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= (uint32_t)(key >> 32);
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x;
}

void ac_dropout(int n, uint64_t key, ac_real p, const ac_real *x, ac_real *out) {
  const uint32_t limit = (uint32_t)((double)p * 4294967296.0);
  const ac_real keep = 1 / (1 - p);
  for (int i = 0; i < n; i++) {
    out[i] = hash(key, (uint32_t)i) < limit ? 0 : x[i] * keep;
  }
}
