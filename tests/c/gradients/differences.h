/**
 * Gradients against central differences, in double precision. With a step of 1e-5 the difference is off by about
 * 1e-10 of the third derivative and by 1e-11 of the loss (rounding): hence the tolerance of 1e-6 relative, with a floor.
 */
#ifndef DIFFERENCES_H
#define DIFFERENCES_H

#include <math.h>
#include <string.h>

#include "../../../c/random.h"
#include "../support/check.h"
#include "../support/models.h"

#define STEP 1e-5
#define RELATIVE 1e-6
#define FLOOR 1e-9

/** Gradient arrays start from this value, since backward passes add to them. */
#define START 0.25

static ac_random source;

static double uniform(double low, double high) { return low + (high - low) * ac_random_uniform(&source); }

static void fill(size_t n, double range, ac_real *x) {
  for (size_t i = 0; i < n; i++) {
    x[i] = uniform(-range, range);
  }
}

static void fill_with(size_t n, double value, ac_real *x) {
  for (size_t i = 0; i < n; i++) {
    x[i] = value;
  }
}

/** Rows `stride` apart of `width` numbers each, zeros beyond. */
static void fill_rows(int32_t rows, int width, int stride, double range, ac_real *x) {
  memset(x, 0, (size_t)rows * (size_t)stride * sizeof *x);
  for (int32_t r = 0; r < rows; r++) {
    fill((size_t)width, range, x + (ptrdiff_t)r * stride);
  }
}

/** A loss as a function of the numbers that it reads; `context` belongs to the test. */
typedef double (*loss_function)(void *context);

static double difference_of(loss_function loss, void *context, ac_real *x) {
  const ac_real kept = *x;
  *x = kept + STEP;
  const double above = loss(context);
  *x = kept - STEP;
  const double below = loss(context);
  *x = kept;
  return (above - below) / (2 * STEP);
}

static void check_derivative(double gradient, double difference, const char *what, size_t i) {
  CHECK_NEAR(gradient, difference, RELATIVE * fabs(difference) + FLOOR, "%s, number %zu", what, i);
}

/** Compares the gradient of each of n numbers, or of `sampled` random ones if that is fewer. */
static void check_numbers(const char *what, loss_function loss, void *context, size_t n, ac_real *x,
                          const ac_real *gradient, double start, size_t sampled) {
  for (size_t k = 0; k < n && k < sampled; k++) {
    const size_t i = sampled < n ? ac_random_bits(&source) % n : k;
    check_derivative((double)gradient[i] - start, difference_of(loss, context, x + i), what, i);
  }
}

#endif
