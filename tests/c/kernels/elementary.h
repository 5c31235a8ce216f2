/** Elementary functions over their whole range against libm in a wider type, in units of the last place. */
#ifndef ELEMENTARY_H
#define ELEMENTARY_H

#include "../../../c/kernels/math.h"
#include "arrays.h"

/** The step from one float tried to the next: half a million of each sign, in every binade. */
#define STRIDE 4099

typedef ac_v4 (*lanes_function)(ac_v4);
static ac_v4 exp_lanes(ac_v4 x) { return ac_exp(x); }
static ac_v4 tanh_lanes(ac_v4 x) { return ac_tanh(x); }
static ac_v4 sigmoid_lanes(ac_v4 x) { return ac_sigmoid(x); }
static double sigmoid_exact(double x) { return 1 / (1 + exp(-x)); }

static float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/** The distance of a float from an exact value, in units of the last place of the exact one. */
static double float_ulps(ac_real value, double exact) {
  const double size = fmax(fabs(exact), 0x1p-126);
  return fabs((double)value - exact) / (ldexp(1, ilogb(size)) * 0x1p-23);
}

/** All lanes of a function, from `low` to `high`, within `bound` units of the last place. */
static void check_lanes(const char *name, lanes_function function, double (*exact)(double), double low, double high,
                        double bound) {
  double worst = 0;
  float at = 0;
  for (uint32_t sign = 0; sign < 2; sign++) {
    for (uint32_t bits = 0; bits < 0x7f800000u - AC_LANES * STRIDE; bits += AC_LANES * STRIDE) {
      ac_real x[AC_LANES], y[AC_LANES];
      for (uint32_t i = 0; i < AC_LANES; i++) {
        x[i] = (ac_real)float_of((sign << 31) | (bits + i * STRIDE));
      }
      ac_store(y, function(ac_load(x)));
      for (int i = 0; i < AC_LANES; i++) {
        const double ulps = (double)x[i] < low || (double)x[i] > high ? 0 : float_ulps(y[i], exact((double)x[i]));
        if (!(ulps <= worst)) {
          worst = ulps;
          at = (float)x[i];
        }
      }
    }
  }
  CHECK_NEAR(worst, 0, bound, "%s is within %g ulp (worst at %.9g)", name, bound, (double)at);
}

static ac_real one_lane(lanes_function function, ac_real x) { return ac_lane(function(ac_splat(x)), 2); }

static void check_ends(void) {
  const ac_real nan = (ac_real)NAN, infinity = (ac_real)INFINITY, zero = 0;
  CHECK(isnan((double)one_lane(exp_lanes, nan)) && isnan((double)one_lane(tanh_lanes, nan)) &&
            isnan((double)one_lane(sigmoid_lanes, nan)),
        "NaN stays NaN");
  CHECK(one_lane(exp_lanes, 0) == 1 && one_lane(exp_lanes, -zero) == 1, "exp 0 is 1");
  CHECK(one_lane(exp_lanes, -infinity) == one_lane(exp_lanes, -87) && one_lane(exp_lanes, -87) > 0,
        "exp is clamped at its lower end");
  CHECK(one_lane(exp_lanes, infinity) == one_lane(exp_lanes, 88) && isfinite((double)one_lane(exp_lanes, 88)),
        "exp is clamped at its upper end");
  CHECK(one_lane(tanh_lanes, infinity) == 1 && one_lane(tanh_lanes, -infinity) == -1, "tanh at infinity");
  CHECK(one_lane(sigmoid_lanes, infinity) == 1 && one_lane(sigmoid_lanes, 0) == (ac_real)0.5, "sigmoid at its ends");
  CHECK((double)one_lane(sigmoid_lanes, -infinity) < 1e-37, "sigmoid at minus infinity");
  for (int i = 0; i < 1000; i++) {
    ac_real x;
    fill(1, 10, &x);
    CHECK(one_lane(tanh_lanes, x) == -one_lane(tanh_lanes, -x), "tanh is odd at %g", (double)x);
  }
}

static double double_ulps(double value, long double exact) {
  const double size = fmax(fabs((double)exact), 0x1p-1022);
  return (double)fabsl((long double)value - exact) / ldexp(1, ilogb(size) - 52);
}

/** The scalar functions in double precision against libm in long double. */
static void check_doubles(void) {
  double log_worst = 0, exp_worst = 0, softplus_worst = 0, logistic_worst = 0;
  for (int i = 0; i < 300000; i++) {
    const double u = ac_random_uniform(&source), x = 1500 * u - 750, near = 40 * u - 20;
    const double positive = i % 2 ? ldexp(1 + u, (int)(ac_random_bits(&source) % 2045u) - 1022) : 0.5 + u;
    log_worst = fmax(log_worst, double_ulps(ac_log(positive), logl((long double)positive)));
    if (x > -708 && x < 709) {
      exp_worst = fmax(exp_worst, double_ulps(ac_exp_scalar(x), expl((long double)x)));
    }
    const double y = i % 2 ? x : near;
    if (y > -708) {
      const long double e = expl(-fabsl((long double)y)), softplus = (y > 0 ? (long double)y : 0) + log1pl(e);
      softplus_worst = fmax(softplus_worst, (double)fabsl((long double)ac_softplus(y) / softplus - 1));
      const long double logistic = y > 0 ? 1 / (1 + e) : e / (1 + e);
      logistic_worst = fmax(logistic_worst, (double)fabsl((long double)ac_logistic(y) / logistic - 1));
    }
  }
  CHECK_NEAR(log_worst, 0, 2, "log is within 2 ulp");
  CHECK_NEAR(exp_worst, 0, 4, "exp in double precision is within 4 ulp");
  CHECK_NEAR(softplus_worst, 0, 4e-11, "softplus is within 4e-11 relative");
  CHECK_NEAR(logistic_worst, 0, 1e-15, "logistic is within 1e-15 relative");
  CHECK(ac_log(1) == 0 && ac_exp_scalar(0) == 1 && ac_logistic(0) == 0.5, "exact values");
  CHECK(ac_exp_scalar(-709) == 0 && ac_exp_scalar(1e9) == ac_exp_scalar(709) && isnan(ac_exp_scalar(NAN)),
        "exp in double precision at its ends");
  CHECK(ac_softplus(-1e9) == 0 && ac_softplus(1e9) == 1e9 && isnan(ac_softplus(NAN)), "softplus at its ends");
  CHECK(ac_logistic(-1e9) == 0 && ac_logistic(1e9) == 1 && isnan(ac_logistic(NAN)), "logistic at its ends");
  CHECK(ac_sqrt_scalar(2) == sqrt(2), "the square root is the correctly rounded one");
  /* A loss of NaN must not come out of a logarithm as a number. */
  CHECK(!isfinite(ac_log(NAN)) && !isfinite(ac_log(INFINITY)), "the log of a number that is not finite is not finite");
}

static void check_elementary(void) {
  check_group("elementary functions of lanes");
  check_lanes("exp", exp_lanes, exp, -87, 88, 2);
  check_lanes("tanh", tanh_lanes, tanh, -INFINITY, INFINITY, 3);
  check_lanes("sigmoid", sigmoid_lanes, sigmoid_exact, -87, INFINITY, 3);
  check_ends();
  check_group("elementary functions in double precision");
  check_doubles();
}

#endif
