/**
 * Elementary functions of the project's own, so that the module and a native build give the same bits whatever
 * libm is at hand. Vector functions are good to a few units in the last place of a float; in a double build they
 * are libm's.
 */
#ifndef AC_MATH_H
#define AC_MATH_H

#include "simd.h"

/** Natural logarithm of a positive, normal number (double precision, within 2 ulp). */
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
AC_INLINE ac_v4 ac_exp(ac_v4 x) { AC_EACH_LANE(exp(x.lane[i])); }
AC_INLINE ac_v4 ac_tanh(ac_v4 x) { AC_EACH_LANE(tanh(x.lane[i])); }

#else

/**
 * eˣ in each lane, within 2 ulp for x in [−87, 88]; clamped to that range, NaN stays NaN.
 * x = n·ln 2 + r with n whole, eʳ by a polynomial (coefficients: Cephes, expf), then scaled by 2ⁿ.
 */
AC_INLINE ac_v4 ac_exp(ac_v4 x) {
  const ac_v4 low = ac_splat(-87.0f), high = ac_splat(88.0f);
  /* Adding and subtracting 1.5·2²³ rounds to the nearest whole number and leaves it in the low bits. */
  const ac_v4 shift = ac_splat(12582912.0f);
  x = ac_select_less(x, low, low, x);
  x = ac_select_less(high, x, high, x);
  ac_v4 shifted = ac_multiply_add(shift, x, ac_splat(1.44269504f));
  ac_v4 n = ac_sub(shifted, shift);
  ac_v4 r = ac_multiply_add(x, n, ac_splat(-0.693359375f));
  r = ac_multiply_add(r, n, ac_splat(2.12194440e-4f));
  ac_v4 p = ac_multiply_add(ac_splat(1.3981999507e-3f), ac_splat(1.9875691500e-4f), r);
  p = ac_multiply_add(ac_splat(8.3334519073e-3f), p, r);
  p = ac_multiply_add(ac_splat(4.1665795894e-2f), p, r);
  p = ac_multiply_add(ac_splat(1.6666665459e-1f), p, r);
  p = ac_multiply_add(ac_splat(5.0000001201e-1f), p, r);
  p = ac_add(ac_multiply_add(r, p, ac_mul(r, r)), ac_splat(1.0f));
  return ac_scale_by_shifted(p, shifted);
}

/**
 * tanh x in each lane, within 3 ulp. Near 0 an odd polynomial (coefficients: Cephes, tanhf), where
 * 1 − 2/(e²ˣ + 1), used elsewhere, would cancel.
 */
AC_INLINE ac_v4 ac_tanh(ac_v4 x) {
  const ac_v4 one = ac_splat(1.0f);
  ac_v4 magnitude = ac_abs(x);
  ac_v4 z = ac_mul(x, x);
  ac_v4 p = ac_multiply_add(ac_splat(2.06390887954e-2f), ac_splat(-5.70498872745e-3f), z);
  p = ac_multiply_add(ac_splat(-5.37397155531e-2f), p, z);
  p = ac_multiply_add(ac_splat(1.33314422036e-1f), p, z);
  p = ac_multiply_add(ac_splat(-3.33332819422e-1f), p, z);
  ac_v4 near = ac_multiply_add(x, ac_mul(p, z), x);
  ac_v4 e = ac_exp(ac_add(magnitude, magnitude));
  ac_v4 far = ac_copy_sign(ac_sub(one, ac_div(ac_splat(2.0f), ac_add(e, one))), x);
  return ac_select_less(magnitude, ac_splat(0.625f), near, far);
}

#endif

/** 1 / (1 + e⁻ˣ) in each lane. */
AC_INLINE ac_v4 ac_sigmoid(ac_v4 x) {
  const ac_v4 one = ac_splat(1);
  return ac_div(one, ac_add(one, ac_exp(ac_sub(ac_splat(0), x))));
}

#endif
