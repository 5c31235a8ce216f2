/**
 * The vector and the scalar version of the kernels give the same bits: both are compared with these numbers, hashes of
 * what they compute from the same inputs. An intended change of the core's arithmetic changes these numbers, too.
 */
#ifndef BITS_H
#define BITS_H

#include "../../../c/kernels/gates.h"
#include "../../../c/kernels/math.h"
#include "../../../c/kernels/softmax.h"
#include "../../../c/kernels/vector.h"
#include "arrays.h"

#define KERNEL_BITS 0x8277f34df867eee8u
#define ADAPTIVE_BITS 0xf7722662e76c7d4bu
#define BASELINE_BITS 0x28d84c5daa06e88eu

/** FNV-1a over the bits of n numbers. */
static void mix_bits(uint64_t *hash, size_t n, const ac_real *x) {
  for (size_t i = 0; i < n * sizeof *x; i++) {
    *hash = (*hash ^ ((const uint8_t *)x)[i]) * 0x100000001b3u;
  }
}

static uint64_t kernel_bits(void) {
  enum { N = 1000 * AC_COLUMNS };
  uint64_t hash = 0xcbf29ce484222325u;
  ac_real *x = filled(N, 30), *y = test_reals(N), *z = filled(N, 1);
  for (int i = 0; i < N; i += AC_LANES) {
    ac_store(y + i, ac_add(ac_exp(ac_load(x + i)), ac_mul(ac_tanh(ac_load(z + i)), ac_sigmoid(ac_load(x + i)))));
    ac_store(x + i, ac_min(ac_max(ac_load(x + i), ac_load(z + i)), ac_splat(20)));
  }
  mix_bits(&hash, N, y);
  mix_bits(&hash, N, x);
  const int m = 37, n = 40, k = 29;
  ac_real *c = filled((size_t)(m * n), 1);
  ac_gemm(m, n, k, z, ac_padded(k), x, z, c, n);
  mix_bits(&hash, (size_t)(m * n), c);
  ac_gemm_gradient(m, z, 16, 13, x, NULL, 16, 11, c, y);
  mix_bits(&hash, (size_t)(m * n), c);
  ac_gates_forward(40, x, z, z + 500, y);
  mix_bits(&hash, 160, x);
  ac_gates_backward(40, x, z + 500, y, z);
  mix_bits(&hash, 160, x);
  mix_bits(&hash, 40, z);
  for (int row = 0; row < 20; row++) {
    fill(N, 3 * row + 1, x);
    const ac_softmax_result result = ac_softmax_row(AC_SYMBOLS, x, row, y);
    mix_bits(&hash, 1, &result.cross_entropy);
    mix_bits(&hash, 1, &result.entropy);
    ac_softmax_gradient(AC_SYMBOLS, y, row, (ac_real)0.5, row % 2 ? (ac_real)-0.25 : 0);
    mix_bits(&hash, (size_t)ac_padded(AC_SYMBOLS), y);
  }
  fill(N, 1, x);
  const ac_real sums[2] = {ac_dot(N, x, z), (ac_real)ac_sum_squares(N - 3, x)};
  mix_bits(&hash, 2, sums);
  ac_add_columns(20, 43, z, 48, y);
  ac_dropout(N / 2, 12345, (ac_real)0.3, x, x);
  const ac_adamw_constants constants = {1, (ac_real)0.999, (ac_real)0.9, (ac_real)0.999, (ac_real)0.01,
                                        3, (ac_real)1e-8};
  fill(N, 1, y);
  ac_real *second = test_reals(N);
  ac_adamw(N - 1, &constants, x, z, second, y);
  mix_bits(&hash, N, y);
  mix_bits(&hash, N, second);
  return hash;
}

/** The weights after a few training steps that use all of a model, and so all the kernels. */
static uint64_t training_bits(int32_t model_type) {
  ac_config config = test_config(3, 9, 3, 31);
  config.model_type = model_type;
  config.byte_entropy_threshold = 12;
  config.entropy_floor = 5.6f;
  config.entropy_reg_weight = 0.5f;
  config.dropout = 0.2f;
  config.clip_norm = 1;
  config.learning_rate = 0.01f;
  ac_model *model = test_model(&config);
  uint8_t bytes[3 * 31];
  for (uint32_t step = 0; step < 5; step++) {
    for (size_t i = 0; i < sizeof bytes; i++) {
      bytes[i] = (uint8_t)ac_shuffled(3, step, 256, (uint32_t)i);
    }
    ac_model_set_step(model, step);
    test_train(model, bytes, 3, 31);
  }
  uint64_t hash = 0xcbf29ce484222325u;
  mix_bits(&hash, (size_t)ac_model_size(model), ac_model_parameters(model));
  mix_bits(&hash, (size_t)ac_model_size(model), ac_model_second_moments(model));
  return hash;
}

static void check_hash(const char *name, uint64_t hash, uint64_t expected) {
  CHECK(hash == expected, "%s: the bits hash to 0x%016llx instead of 0x%016llx", name, (unsigned long long)hash,
        (unsigned long long)expected);
}

static void check_bits(void) {
  check_group("the same bits from both versions");
  source = ac_random_make(5, 5);
  check_hash("kernels", kernel_bits(), KERNEL_BITS);
  check_hash("training of the adaptive model", training_bits(AC_ADAPTIVE), ADAPTIVE_BITS);
  check_hash("training of the baseline", training_bits(AC_BASELINE), BASELINE_BITS);
  test_free_all();
}

#endif
