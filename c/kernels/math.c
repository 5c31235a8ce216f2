#include "math.h"

typedef union ac_bits {
  double number;
  uint64_t bits;
} ac_bits;

static const double LN2 = 0.693147180559945309417;

double ac_log(double x) {
  if (x - x != 0) {
    return x;
  }
  /* x = m·2ᵏ with m in [√½, √2); ln m = 2·artanh(s), s = (m − 1)/(m + 1), |s| ≤ 0.1716. */
  ac_bits u = {x};
  int k = (int)(u.bits >> 52) - 1023;
  u.bits = (u.bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
  if (u.number > 1.41421356237309514547) {
    u.number *= 0.5;
    k++;
  }
  double s = (u.number - 1.0) / (u.number + 1.0), s2 = s * s, series = 0.0;
  for (int n = 21; n >= 3; n -= 2) {
    series = (series + 1.0 / n) * s2;
  }
  return k * LN2 + 2.0 * (s + s * series);
}

double ac_exp_scalar(double x) {
  if (x != x) {
    return x;
  }
  if (x < -708.0) {
    return 0.0;
  }
  x = x > 709.0 ? 709.0 : x;
  int n = (int)(x * (1.0 / LN2) + (x < 0.0 ? -0.5 : 0.5));
  double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
  double sum = 1.0;
  for (int i = 14; i >= 1; i--) {
    sum = 1.0 + r * sum / i;
  }
  ac_bits scale;
  scale.bits = (uint64_t)(1023 + n) << 52;
  return sum * scale.number;
}

double ac_softplus(double x) {
  if (x > 40.0) {
    return x;
  }
  double e = ac_exp_scalar(x < 0.0 ? x : -x);
  /* ln(1 + e) loses the digits of a small e. */
  double tail = e < 1e-5 ? e - 0.5 * e * e : ac_log(1.0 + e);
  return (x > 0.0 ? x : 0.0) + tail;
}

double ac_logistic(double x) {
  double e = ac_exp_scalar(x < 0.0 ? x : -x);
  return x < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
}

double ac_sqrt_scalar(double x) { return __builtin_sqrt(x); }
