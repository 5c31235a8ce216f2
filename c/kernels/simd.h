/**
 * Four lanes of `ac_real`, and the few operations on them that the kernels are written in.
 *
 * Two versions with one contract, chosen when compiling:
 * - vector: GCC and Clang's vector types, which become WebAssembly SIMD under `-msimd128` and SSE natively;
 * - scalar (`AC_SCALAR`): a struct of four numbers and plain loops.
 * Every operation is the IEEE one lane by lane, and sums over lanes have one fixed order, so both versions give the
 * same bits (the build forbids contraction into fused multiply-adds).
 *
 * `AC_DOUBLE` makes `ac_real` a double (scalar version only): tests use it to compare gradients with differences.
 */
#ifndef AC_SIMD_H
#define AC_SIMD_H

#include <stdint.h>

#if defined(AC_DOUBLE)
#define AC_SCALAR 1
typedef double ac_real;
#else
typedef float ac_real;
#endif

#define AC_INLINE static inline __attribute__((always_inline))

/** Lanes of a vector. Row strides of activations are multiples of `AC_COLUMNS`, so kernels on rows have no tails. */
#define AC_LANES 4

#if !defined(AC_SCALAR)

typedef float ac_v4 __attribute__((vector_size(16)));
typedef float ac_v4_unaligned __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t ac_i4 __attribute__((vector_size(16)));

/* Loads and stores take adjacent numbers at any alignment; the rest does lane by lane what its name says. */
AC_INLINE ac_v4 ac_load(const ac_real *p) { return *(const ac_v4_unaligned *)p; }
AC_INLINE void ac_store(ac_real *p, ac_v4 v) { *(ac_v4_unaligned *)p = v; }
AC_INLINE ac_v4 ac_splat(ac_real x) { return (ac_v4){x, x, x, x}; }
AC_INLINE ac_v4 ac_add(ac_v4 a, ac_v4 b) { return a + b; }
AC_INLINE ac_v4 ac_sub(ac_v4 a, ac_v4 b) { return a - b; }
AC_INLINE ac_v4 ac_mul(ac_v4 a, ac_v4 b) { return a * b; }
AC_INLINE ac_v4 ac_div(ac_v4 a, ac_v4 b) { return a / b; }
AC_INLINE ac_real ac_lane(ac_v4 v, int i) { return v[i]; }

/** `a < b ? x : y` in each lane; false where either is NaN. ac_min: `a < b ? a : b`; ac_max: `b < a ? a : b`. */
AC_INLINE ac_v4 ac_select_less(ac_v4 a, ac_v4 b, ac_v4 x, ac_v4 y) {
  ac_i4 mask = a < b;
  return (ac_v4)(((ac_i4)x & mask) | ((ac_i4)y & ~mask));
}

/* WebAssembly's "pseudo-minimum" is one instruction of this meaning on every machine. */
#if defined(__wasm_simd128__)
AC_INLINE ac_v4 ac_min(ac_v4 a, ac_v4 b) { return __builtin_wasm_pmin_f32x4(b, a); }
AC_INLINE ac_v4 ac_max(ac_v4 a, ac_v4 b) { return __builtin_wasm_pmax_f32x4(b, a); }
#else
AC_INLINE ac_v4 ac_min(ac_v4 a, ac_v4 b) { return ac_select_less(a, b, a, b); }
AC_INLINE ac_v4 ac_max(ac_v4 a, ac_v4 b) { return ac_select_less(b, a, a, b); }
#endif

AC_INLINE ac_v4 ac_abs(ac_v4 v) { return (ac_v4)((ac_i4)v & (ac_i4){INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX}); }

/** The magnitude of `magnitude` with the sign of `sign`. */
AC_INLINE ac_v4 ac_copy_sign(ac_v4 magnitude, ac_v4 sign) {
  ac_i4 bit = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};
  return (ac_v4)(((ac_i4)magnitude & ~bit) | ((ac_i4)sign & bit));
}

AC_INLINE ac_v4 ac_sqrt(ac_v4 v) {
  return (ac_v4){__builtin_sqrtf(v[0]), __builtin_sqrtf(v[1]), __builtin_sqrtf(v[2]), __builtin_sqrtf(v[3])};
}

#if defined(__clang__)
#define AC_SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define AC_SHUFFLE(a, b, i, j, k, l) __builtin_shuffle(a, b, (ac_i4){i, j, k, l})
#endif

/** Transposes four vectors, the rows of a square. */
AC_INLINE void ac_transpose(ac_v4 v[AC_LANES]) {
  const ac_v4 low01 = AC_SHUFFLE(v[0], v[1], 0, 4, 1, 5), high01 = AC_SHUFFLE(v[0], v[1], 2, 6, 3, 7);
  const ac_v4 low23 = AC_SHUFFLE(v[2], v[3], 0, 4, 1, 5), high23 = AC_SHUFFLE(v[2], v[3], 2, 6, 3, 7);
  v[0] = AC_SHUFFLE(low01, low23, 0, 1, 4, 5);
  v[1] = AC_SHUFFLE(low01, low23, 2, 3, 6, 7);
  v[2] = AC_SHUFFLE(high01, high23, 0, 1, 4, 5);
  v[3] = AC_SHUFFLE(high01, high23, 2, 3, 6, 7);
}

/** v · 2ⁿ for n given as the low bits of the float 12582912 + n; the result must be a normal number. */
AC_INLINE ac_v4 ac_scale_by_shifted(ac_v4 v, ac_v4 shifted) {
  ac_i4 n = (ac_i4)shifted << 23;
  return v * (ac_v4)(n + (ac_i4){0x3f800000, 0x3f800000, 0x3f800000, 0x3f800000});
}

#else

typedef struct ac_v4 {
  ac_real lane[AC_LANES];
} ac_v4;

#define AC_EACH_LANE(expression)       \
  ac_v4 out;                           \
  for (int i = 0; i < AC_LANES; i++) { \
    out.lane[i] = (expression);        \
  }                                    \
  return out

AC_INLINE ac_v4 ac_load(const ac_real *p) { AC_EACH_LANE(p[i]); }
AC_INLINE void ac_store(ac_real *p, ac_v4 v) {
  for (int i = 0; i < AC_LANES; i++) {
    p[i] = v.lane[i];
  }
}
AC_INLINE ac_v4 ac_splat(ac_real x) { AC_EACH_LANE(x); }
AC_INLINE ac_v4 ac_add(ac_v4 a, ac_v4 b) { AC_EACH_LANE(a.lane[i] + b.lane[i]); }
AC_INLINE ac_v4 ac_sub(ac_v4 a, ac_v4 b) { AC_EACH_LANE(a.lane[i] - b.lane[i]); }
AC_INLINE ac_v4 ac_mul(ac_v4 a, ac_v4 b) { AC_EACH_LANE(a.lane[i] * b.lane[i]); }
AC_INLINE ac_v4 ac_div(ac_v4 a, ac_v4 b) { AC_EACH_LANE(a.lane[i] / b.lane[i]); }
AC_INLINE ac_real ac_lane(ac_v4 v, int i) { return v.lane[i]; }
AC_INLINE ac_v4 ac_select_less(ac_v4 a, ac_v4 b, ac_v4 x, ac_v4 y) {
  AC_EACH_LANE(a.lane[i] < b.lane[i] ? x.lane[i] : y.lane[i]);
}
AC_INLINE ac_v4 ac_min(ac_v4 a, ac_v4 b) { return ac_select_less(a, b, a, b); }
AC_INLINE ac_v4 ac_max(ac_v4 a, ac_v4 b) { return ac_select_less(b, a, a, b); }
AC_INLINE ac_v4 ac_abs(ac_v4 v) { AC_EACH_LANE((ac_real)__builtin_fabs(v.lane[i])); }
AC_INLINE ac_v4 ac_copy_sign(ac_v4 magnitude, ac_v4 sign) {
  AC_EACH_LANE((ac_real)__builtin_copysign(magnitude.lane[i], sign.lane[i]));
}
#if defined(AC_DOUBLE)
AC_INLINE ac_v4 ac_sqrt(ac_v4 v) { AC_EACH_LANE(__builtin_sqrt(v.lane[i])); }
#else
AC_INLINE ac_v4 ac_sqrt(ac_v4 v) { AC_EACH_LANE(__builtin_sqrtf(v.lane[i])); }
#endif
AC_INLINE void ac_transpose(ac_v4 v[AC_LANES]) {
  for (int i = 0; i < AC_LANES; i++) {
    for (int j = 0; j < i; j++) {
      const ac_real swap = v[i].lane[j];
      v[i].lane[j] = v[j].lane[i];
      v[j].lane[i] = swap;
    }
  }
}
AC_INLINE ac_v4 ac_scale_by_shifted(ac_v4 v, ac_v4 shifted) {
  ac_v4 out;
  for (int i = 0; i < AC_LANES; i++) {
    union {
      float number;
      uint32_t bits;
    } n = {(float)shifted.lane[i]};
    n.bits = (n.bits << 23) + 0x3f800000u;
    out.lane[i] = v.lane[i] * (ac_real)n.number;
  }
  return out;
}

#endif

/** a + b·c, rounded twice. */
AC_INLINE ac_v4 ac_multiply_add(ac_v4 a, ac_v4 b, ac_v4 c) { return ac_add(a, ac_mul(b, c)); }

/** Sum of the lanes, (0 + 1) + (2 + 3). */
AC_INLINE ac_real ac_sum_lanes(ac_v4 v) { return (ac_lane(v, 0) + ac_lane(v, 1)) + (ac_lane(v, 2) + ac_lane(v, 3)); }

/** Largest lane; NaN lanes may be skipped. */
AC_INLINE ac_real ac_max_lanes(ac_v4 v) {
  ac_real m = ac_lane(v, 0);
  for (int i = 1; i < AC_LANES; i++) {
    m = ac_lane(v, i) > m ? ac_lane(v, i) : m;
  }
  return m;
}

#endif
