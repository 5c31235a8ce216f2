/** The gates of a GRU and the softmax of a row against their formulas in double precision. */
#ifndef ROWS_TESTS_H
#define ROWS_TESTS_H

#include "../../../c/kernels/gates.h"
#include "../../../c/kernels/softmax.h"
#include "arrays.h"

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

/** Gates and states are at most 1 in size, so tolerances are absolute. */
static void check_gates(int padded, bool first) {
  const size_t p = (size_t)padded;
  ac_real *inputs = filled(3 * p, 4), *recurrent = filled(3 * p, 4), *before = filled(p, 1), *gates = test_reals(4 * p);
  ac_real *after = test_reals(p);
  memcpy(gates, inputs, 3 * p * sizeof *gates);
  ac_gates_forward(padded, gates, recurrent, first ? NULL : before, after);
  ac_real *expected = test_reals(5 * p);
  for (size_t i = 0; i < p; i++) {
    const double q = (double)recurrent[2 * p + i], h = first ? 0 : (double)before[i];
    const double r = sigmoid((double)inputs[p + i] + (double)recurrent[i]);
    const double z = sigmoid((double)inputs[2 * p + i] + (double)recurrent[p + i]);
    const double n = tanh((double)inputs[i] + r * q);
    const double values[5] = {n, r, z, q, (1 - z) * n + z * h};
    for (size_t k = 0; k < 5; k++) {
      expected[k * p + i] = (ac_real)values[k];
    }
  }
  CHECK_ALL_NEAR(4 * p, gates, expected, 1e-6, 0, "gates of %d, first step %d", padded, first);
  CHECK_ALL_NEAR(p, after, expected + 4 * p, 1e-6, 0, "state of %d, first step %d", padded, first);
  if (!first) {
    /* The generator advances a state in place. */
    ac_real *state = copied(p, before);
    memcpy(gates, inputs, 3 * p * sizeof *gates);
    ac_gates_forward(padded, gates, recurrent, state, state);
    CHECK_SAME(state, after, p * sizeof *state, "state of %d in place", padded);
  }

  ac_real *gradient = filled(p, 2), *carry = filled(p, 2), *carried = copied(p, carry);
  for (size_t i = 0; i < p; i++) {
    const double n = (double)gates[i], r = (double)gates[p + i], z = (double)gates[2 * p + i];
    const double q = (double)gates[3 * p + i], dh = (double)gradient[i], h = first ? 0 : (double)before[i];
    const double dn = dh * (1 - z) * (1 - n * n);
    const double values[5] = {dn, dn * q * r * (1 - r), dh * (h - n) * z * (1 - z), dn * r, (double)carry[i] + dh * z};
    for (size_t k = 0; k < 5; k++) {
      expected[k * p + i] = (ac_real)values[k];
    }
  }
  ac_gates_backward(padded, gates, first ? NULL : before, gradient, first ? NULL : carry);
  CHECK_ALL_NEAR(4 * p, gates, expected, 1e-6, 1e-6, "gate gradients of %d, first step %d", padded, first);
  if (first) {
    CHECK_SAME(carry, carried, p * sizeof *carry, "nothing is carried before the first step");
  } else {
    CHECK_ALL_NEAR(p, carry, expected + 4 * p, 1e-6, 1e-6, "carried gradient of %d", padded);
  }
}

/** Softmax, cross-entropy and entropy of a row; its gradient by the formula of the header. */
static void check_softmax(const char *name, int symbols, const ac_real *row, int target) {
  const size_t padded = (size_t)ac_padded(symbols);
  ac_real *logits = test_reals(padded), *p = test_reals(padded);
  memcpy(logits, row, (size_t)symbols * sizeof *row);
  const ac_softmax_result result = ac_softmax_row(symbols, logits, target, p);
  int best = 0;
  for (int i = 1; i < symbols; i++) {
    best = row[i] > row[best] ? i : best;
  }
  double total = 0, entropy = 0;
  for (int i = 0; i < symbols; i++) {
    total += exp((double)row[i] - (double)row[best]);
  }
  bool close = true;
  for (int i = 0; i < symbols; i++) {
    const double below = (double)row[i] - (double)row[best], exact = exp(below) / total;
    entropy -= exact * log(fmax(exact, 1e-8));
    /* The difference of logits is rounded, and exp turns its rounding error into a relative one. */
    close = close && fabs((double)p[i] - exact) <= 1e-30 + (2e-6 - below * ROUNDING) * exact;
  }
  const double cross = target < 0 ? 0 : log(total) + ((double)row[best] - (double)row[target]);
  CHECK(close, "%s: softmax of %d", name, symbols);
  CHECK(result.best == best, "%s: the likeliest of %d", name, symbols);
  CHECK_NEAR((double)result.entropy, entropy, 5e-6 * (1 + entropy), "%s: entropy of %d", name, symbols);
  CHECK_NEAR((double)result.cross_entropy, cross, 2e-6 + 1e-6 * fabs(cross), "%s: cross-entropy of %d", name, symbols);
  CHECK_SAME(logits, row, (size_t)symbols * sizeof *row, "%s: the logits stay", name);
  for (size_t i = (size_t)symbols; i < padded; i++) {
    CHECK(p[i] == 0, "%s: no probability beyond %d symbols", name, symbols);
  }
  if (target < 0) {
    return;
  }
  for (int with_entropy = 0; with_entropy < 2; with_entropy++) {
    const double ce = 0.75, weight = with_entropy ? -0.5 : 0;
    ac_real *gradient = copied(padded, p), *expected = test_reals(padded);
    double mean = 0;
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < symbols; i++) {
        const double x = (double)p[i], slope = log(fmax(x, 1e-8)) + (x >= 1e-8);
        mean += pass ? 0 : x * slope;
        expected[i] = (ac_real)(ce * (x - (i == target)) - weight * x * (slope - mean));
      }
    }
    ac_softmax_gradient(symbols, gradient, target, (ac_real)ce, (ac_real)weight);
    CHECK_ALL_NEAR(padded, gradient, expected, 2e-7, 1e-5, "%s: gradient of %d, entropy %d", name, symbols,
                   with_entropy);
  }
}

static void check_softmax_rows(int symbols) {
  const size_t n = (size_t)symbols;
  const int targets[] = {-1, 0, symbols / 2, symbols - 1};
  for (size_t t = 0; t < 4; t++) {
    check_softmax("middling", symbols, filled(n, 5), targets[t]);
    check_softmax("peaked", symbols, filled(n, 60), targets[t]);
    check_softmax("extreme", symbols, filled(n, 10000), targets[t]);
    ac_real *row = test_reals(n);
    check_softmax("zeros", symbols, row, targets[t]);
    row[symbols - 1] = (ac_real)1e9;
    check_softmax("one far above", symbols, row, targets[t]);
    row[symbols - 1] = (ac_real)-1e9;
    check_softmax("one far below", symbols, row, targets[t]);
    fill(n, 1, row);
    row[symbols / 3] = row[symbols - 1] = 2;
    check_softmax("a tie", symbols, row, targets[t]);
    for (size_t i = 0; i < n; i++) {
      row[i] -= (ac_real)3000;
    }
    check_softmax("all far below zero", symbols, row, targets[t]);
    for (size_t i = 0; i < n; i++) {
      row[i] = (ac_real)-3e38;
    }
    check_softmax("all as low as can be", symbols, row, targets[t]);
  }
}

static void check_rows(void) {
  static const int SYMBOLS[] = {1, 2, 3, 4, 7, 8, 9, 15, 256, 257};
  check_group("gates");
  for (int padded = AC_COLUMNS; padded <= 6 * AC_COLUMNS; padded += AC_COLUMNS) {
    for (int times = 0; times < 20; times++) {
      check_gates(padded, false);
      check_gates(padded, true);
    }
  }
  test_free_all();
  check_group("softmax");
  for (size_t i = 0; i < sizeof SYMBOLS / sizeof *SYMBOLS; i++) {
    check_softmax_rows(SYMBOLS[i]);
    test_free_all();
  }
}

#endif
