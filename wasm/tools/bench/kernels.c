/*
 * The kernels on their own, and what they are measured against: exported beside the core in a module that only the
 * bench loads. Each function does its work `times` times over and returns how much that was: floating-point operations
 * of products, bytes of a stream, numbers of anything else.
 */
#include "../../../c/head.h"
#include "../../../c/kernels/gates.h"
#include "../../../c/kernels/gemm.h"
#include "../../../c/kernels/softmax.h"
#include "../../../c/kernels/vector.h"

#define EXPORT(name) __attribute__((export_name(#name), used)) double name

/** Where results go, so that no work is left out. */
static volatile ac_real sink;

/** Chains of the peak loop: enough to hide the latency of a multiplication and an addition, few enough for registers. */
#define CHAINS 12

/** Multiplications and additions that wait for nothing but registers: what the machine can do at most. */
EXPORT(acb_peak)(int32_t times) {
  const ac_v4 factor = ac_splat(sink * 0 + (ac_real)0.999), term = ac_splat((ac_real)0.001);
  ac_v4 chain[CHAINS];
  for (int i = 0; i < CHAINS; i++) {
    chain[i] = ac_splat((ac_real)i);
  }
  for (int32_t t = 0; t < times; t++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < CHAINS; i++) {
      chain[i] = ac_add(ac_mul(chain[i], factor), term);
    }
  }
  ac_real sum = 0;
  for (int i = 0; i < CHAINS; i++) {
    sum += ac_sum_lanes(chain[i]);
  }
  sink = sum;
  return (double)times * CHAINS * AC_LANES * 2;
}

/** Vectors that the reading loop takes in one turn, each with a running sum: as many as registers and latency allow. */
#define READERS 6

/** Reads x [n], n a multiple of READERS · AC_LANES, from wherever it lies in the caches. */
EXPORT(acb_stream)(int32_t times, int32_t n, const ac_real *x) {
  for (int32_t t = 0; t < times; t++) {
    ac_v4 sum[READERS];
    for (int j = 0; j < READERS; j++) {
      sum[j] = ac_splat(0);
    }
#pragma clang loop unroll(disable)
    for (int32_t i = 0; i < n; i += READERS * AC_LANES) {
#pragma clang loop unroll(full)
      for (int j = 0; j < READERS; j++) {
        sum[j] = ac_add(sum[j], ac_load(x + i + j * AC_LANES));
      }
    }
    for (int j = 0; j < READERS; j++) {
      sink = ac_sum_lanes(sum[j]);
    }
  }
  return (double)times * n * (double)sizeof(ac_real);
}

/** What the length of a stream is a multiple of. */
EXPORT(acb_stream_step)(void) { return READERS * AC_LANES; }

/** Rows of logits that a head takes at a time. */
EXPORT(acb_head_rows)(void) { return AC_HEAD_ROWS; }

/** Numbers of scratch for acb_gradient. */
EXPORT(acb_gradient_scratch)(int32_t m, int32_t n) { return (double)ac_gradient_scratch(m, n); }

EXPORT(acb_gemm)
(int32_t times, int32_t m, int32_t n, int32_t k, const ac_real *a, int32_t lda, const ac_real *packed,
 const ac_real *bias, ac_real *c, int32_t ldc) {
  for (int32_t t = 0; t < times; t++) {
    ac_gemm(m, n, k, a, lda, packed, bias, c, ldc);
  }
  return 2.0 * times * m * n * k;
}

EXPORT(acb_gradient)
(int32_t times, int32_t rows, const ac_real *a, int32_t lda, int32_t m, const ac_real *x, int32_t ldx, int32_t n,
 ac_real *c, ac_real *scratch) {
  for (int32_t t = 0; t < times; t++) {
    ac_gemm_gradient(rows, a, lda, m, x, NULL, ldx, n, c, scratch);
  }
  return 2.0 * times * m * n * rows;
}

EXPORT(acb_gates)
(int32_t times, int32_t rows, int32_t padded, ac_real *gates, const ac_real *recurrent, const ac_real *before,
 ac_real *after) {
  for (int32_t t = 0; t < times; t++) {
    for (int64_t r = 0; r < rows; r++) {
      ac_gates_forward(padded, gates + r * 4 * padded, recurrent + r * 3 * padded, before + r * padded,
                       after + r * padded);
    }
  }
  return (double)times * rows * padded;
}

EXPORT(acb_gates_back)
(int32_t times, int32_t rows, int32_t padded, ac_real *gates, const ac_real *before, const ac_real *gradient,
 ac_real *carry) {
  for (int32_t t = 0; t < times; t++) {
    for (int64_t r = 0; r < rows; r++) {
      ac_gates_backward(padded, gates + r * 4 * padded, before + r * padded, gradient + r * padded, carry + r * padded);
    }
  }
  return (double)times * rows * padded;
}

EXPORT(acb_softmax)(int32_t times, int32_t rows, int32_t symbols, ac_real *logits, ac_real *probabilities) {
  const int64_t ld = ac_padded(symbols);
  for (int32_t t = 0; t < times; t++) {
    for (int64_t r = 0; r < rows; r++) {
      sink = ac_softmax_row(symbols, logits + r * ld, 0, probabilities + r * ld).entropy;
      ac_softmax_gradient(symbols, probabilities + r * ld, 0, 1, 0);
    }
  }
  return (double)times * rows * symbols;
}

EXPORT(acb_adamw)
(int32_t times, int32_t n, const ac_real *gradient, ac_real *first, ac_real *second, ac_real *parameter) {
  const ac_adamw_constants constants = {(ac_real)0.999, (ac_real)0.9, (ac_real)0.999, (ac_real)1e-3, 1, (ac_real)1e-8};
  for (int32_t t = 0; t < times; t++) {
    ac_adamw(n, &constants, gradient, first, second, parameter);
  }
  return (double)times * n;
}

/** Both ways of packing a square matrix. */
EXPORT(acb_pack)(int32_t times, int32_t h, const ac_real *weight, ac_real *packed) {
  for (int32_t t = 0; t < times; t++) {
    ac_pack(weight, h, h, packed, h, 0);
    ac_pack_transposed(weight, h, h, packed, h, 0);
  }
  return 2.0 * times * h * h;
}
