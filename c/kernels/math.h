/**
 * The project's own elementary functions, so that the module and a native build give the same bits whatever
 * libm is at hand. Vector functions are good to a few units in the last place of a float; in a double build they
 * are libm's.
 */
#ifndef AC_MATH_H
#define AC_MATH_H

#include "simd.h"

/** Natural logarithm of a positive, normal number (double precision, within 2 ulp); infinity and NaN stay. */
double ac_log(double x);

/** ln(1 + eˣ), accurate for every x. */
double ac_softplus(double x);

/** 1 / (1 + e⁻ˣ), the derivative of `ac_softplus`. */
double ac_logistic(double x);

/** eˣ in double precision; 0 below −708, e⁷⁰⁹ above 709. */
double ac_exp_scalar(double x);

/** Square root, correctly rounded. */
double ac_sqrt_scalar(double x);

#if defined(AC_DOUBLE)

#include <math.h>
/* The same contract as those below. */
AC_INLINE ac_v4 ac_exp(ac_v4 x) { AC_EACH_LANE(exp(x.lane[i])); }
AC_INLINE ac_v4 ac_tanh(ac_v4 x) { AC_EACH_LANE(tanh(x.lane[i])); }
AC_INLINE ac_v4 ac_sigmoid(ac_v4 x) { AC_EACH_LANE(1 / (1 + exp(-x.lane[i]))); }

#else

/**
 * The reduction behind eˣ: x = n·ln 2 + r with n whole and |r| ≤ ½ ln 2. Returns eʳ − 1 by the polynomial of
 * degree 6 whose error is the least over this range (3e-9); `shifted` gets 12582912 + n.
 */
AC_INLINE ac_v4 ac_exp_reduced(ac_v4 x, ac_v4 *shifted) {
  /* Adding and subtracting 1.5·2²³ rounds to the nearest whole number and leaves it in the low bits. */
  const ac_v4 shift = ac_splat(12582912.0f);
  *shifted = ac_multiply_add(shift, x, ac_splat(1.44269504f));
  ac_v4 n = ac_sub(*shifted, shift);
  ac_v4 r = ac_multiply_add(x, n, ac_splat(-0.693359375f));
  r = ac_multiply_add(r, n, ac_splat(2.12194440e-4f));
  /* Estrin's scheme: short chains of dependent operations. */
  const ac_v4 r2 = ac_mul(r, r);
  const ac_v4 low = ac_multiply_add(ac_splat(0.49999993f), ac_splat(0.1666652f), r);
  const ac_v4 middle = ac_multiply_add(ac_splat(0.04166839f), ac_splat(0.0083687505f), r);
  const ac_v4 p = ac_multiply_add(low, ac_multiply_add(middle, ac_splat(0.0013814529f), r2), r2);
  return ac_multiply_add(r, p, r2);
}

/** eˣ in each lane, within 2 ulp for x in [−87, 88]; clamped to that range, NaN stays NaN. */
AC_INLINE ac_v4 ac_exp(ac_v4 x) {
  ac_v4 shifted, p = ac_exp_reduced(ac_min(ac_splat(88.0f), ac_max(ac_splat(-87.0f), x)), &shifted);
  return ac_scale_by_shifted(ac_add(p, ac_splat(1.0f)), shifted);
}

/** 1 / (1 + e⁻ˣ) in each lane, within 3 ulp for x ≥ −87. */
AC_INLINE ac_v4 ac_sigmoid(ac_v4 x) {
  const ac_v4 one = ac_splat(1.0f), minus = ac_sub(ac_splat(0.0f), x);
  ac_v4 shifted, p = ac_exp_reduced(ac_min(ac_splat(88.0f), ac_max(ac_splat(-87.0f), minus)), &shifted);
  ac_v4 power = ac_scale_by_shifted(one, shifted);
  return ac_div(one, ac_multiply_add(ac_add(one, power), power, p));
}

/** tanh x in each lane, within 3 ulp: d / (d + 2) with d = e²ˣ − 1, which is 2ⁿ(eʳ − 1) + (2ⁿ − 1) without cancelling. */
AC_INLINE ac_v4 ac_tanh(ac_v4 x) {
  const ac_v4 one = ac_splat(1.0f), magnitude = ac_abs(x);
  /* From 10 on the result is 1 to the last bit. */
  ac_v4 shifted, p = ac_exp_reduced(ac_min(ac_splat(20.0f), ac_add(magnitude, magnitude)), &shifted);
  ac_v4 power = ac_scale_by_shifted(one, shifted);
  ac_v4 d = ac_multiply_add(ac_sub(power, one), power, p);
  return ac_copy_sign(ac_div(d, ac_add(d, ac_splat(2.0f))), x);
}

#endif

#endif
