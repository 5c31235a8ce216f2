#include "softmax.h"

#include "gemm.h"
#include "math.h"

/** The entropy's logarithm takes lower probabilities as this one. */
static const double LEAST_PROBABILITY = 1e-8;
static const double LN_LEAST = -18.420680743952367;

ac_softmax_result ac_softmax_row(int symbols, ac_real *logits, int target, ac_real *probabilities) {
  const int padded = ac_padded(symbols);
  /* Beyond the symbols: below every logit, whatever weights made it, so that the entropy is at most ln(symbols). */
  for (int i = symbols; i < padded; i++) {
    logits[i] = (ac_real)-__builtin_inf();
  }
  ac_v4 top = ac_load(logits);
  for (int i = AC_LANES; i < padded; i += AC_LANES) {
    top = ac_max(top, ac_load(logits + i));
  }
  const ac_real highest = ac_max_lanes(top);
  ac_softmax_result result = {0, 0, 0};
  while (result.best < symbols - 1 && logits[result.best] != highest) {
    result.best++;
  }

  const ac_v4 shift = ac_splat(highest);
  ac_v4 sum = ac_splat(0);
  for (int i = 0; i < padded; i += AC_LANES) {
    ac_v4 e = ac_exp(ac_sub(ac_load(logits + i), shift));
    ac_store(probabilities + i, e);
    sum = ac_add(sum, e);
  }
  const ac_real total = ac_sum_lanes(sum);
  const ac_real log_total = (ac_real)ac_log((double)total);

  const ac_v4 log_sum = ac_splat(log_total), least = ac_splat((ac_real)LN_LEAST);
  const ac_v4 scale = ac_splat(1 / total);
  ac_v4 entropy = ac_splat(0);
  for (int i = 0; i < padded; i += AC_LANES) {
    ac_v4 p = ac_mul(ac_load(probabilities + i), scale);
    entropy = ac_sub(entropy, ac_mul(p, ac_max(least, ac_sub(ac_sub(ac_load(logits + i), shift), log_sum))));
    ac_store(probabilities + i, p);
  }
  for (int i = symbols; i < padded; i++) {
    probabilities[i] = 0;
  }
  result.entropy = ac_sum_lanes(entropy);
  result.cross_entropy = target >= 0 ? log_total - (logits[target] - highest) : 0;
  return result;
}

/** The derivative of p·ln max(p, 1e-8) by p. */
static double entropy_slope(double p) { return p < LEAST_PROBABILITY ? LN_LEAST : ac_log(p) + 1; }

void ac_softmax_gradient(int symbols, ac_real *row, int target, ac_real ce_weight, ac_real entropy_weight) {
  if (entropy_weight == 0) {
    const ac_v4 weight = ac_splat(ce_weight);
    for (int i = 0; i < ac_padded(symbols); i += AC_LANES) {
      ac_store(row + i, ac_mul(ac_load(row + i), weight));
    }
  } else {
    double mean = 0;
    for (int i = 0; i < symbols; i++) {
      mean += (double)row[i] * entropy_slope((double)row[i]);
    }
    for (int i = 0; i < symbols; i++) {
      double p = (double)row[i];
      row[i] = (ac_real)(p * ((double)ce_weight - (double)entropy_weight * (entropy_slope(p) - mean)));
    }
  }
  row[target] -= ce_weight;
}
