#include "check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/** Failures that are printed in full. */
#define SHOWN 20

static const char *group;
static long passed, failed, passed_before;
static double worst; /* share of a tolerance that was needed, in this group */

static void end_group(void) {
  if (group && worst > 0) {
    printf("  %s: %ld checks, at worst %.3g of the tolerance\n", group, passed - passed_before, worst);
  } else if (group) {
    printf("  %s: %ld checks\n", group, passed - passed_before);
  }
  fflush(stdout);
}

void check_group(const char *name) {
  end_group();
  group = name;
  passed_before = passed;
  worst = 0;
}

static bool settle(bool holds, const char *file, int line, const char *format, va_list values) {
  if (holds) {
    passed++;
    return true;
  }
  if (failed++ < SHOWN) {
    fprintf(stderr, "%s:%d: FAILED (%s): ", file, line, group ? group : "no group");
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
  }
  return false;
}

bool check_that(bool holds, const char *file, int line, const char *format, ...) {
  va_list values;
  va_start(values, format);
  settle(holds, file, line, format, values);
  va_end(values);
  return holds;
}

/** Records the share of a tolerance that a difference took; false if it is too large, or NaN. */
static bool within(double value, double reference, double tolerance) {
  const double difference = fabs(value - reference);
  if (!(difference <= tolerance)) {
    return false;
  }
  if (difference > worst * tolerance) {
    worst = difference / tolerance;
  }
  return true;
}

bool check_near(double value, double reference, double tolerance, const char *file, int line, const char *format, ...) {
  const bool holds = within(value, reference, tolerance);
  va_list values;
  va_start(values, format);
  settle(holds, file, line, format, values);
  va_end(values);
  if (!holds && failed <= SHOWN) {
    fprintf(stderr, "    is %.17g, should be %.17g within %.3g\n", value, reference, tolerance);
  }
  return holds;
}

bool check_all_near(size_t n, const ac_real *values, const ac_real *references, double absolute, double relative,
                    const char *file, int line, const char *format, ...) {
  size_t i = 0;
  while (i < n && within((double)values[i], (double)references[i], absolute + relative * fabs((double)references[i]))) {
    i++;
  }
  va_list arguments;
  va_start(arguments, format);
  settle(i == n, file, line, format, arguments);
  va_end(arguments);
  if (i < n && failed <= SHOWN) {
    fprintf(stderr, "    number %zu of %zu is %.9g, should be %.9g\n", i, n, (double)values[i], (double)references[i]);
  }
  return i == n;
}

bool check_same(const void *a, const void *b, size_t bytes, const char *file, int line, const char *format, ...) {
  const bool same = memcmp(a, b, bytes) == 0;
  va_list values;
  va_start(values, format);
  settle(same, file, line, format, values);
  va_end(values);
  return same;
}

int check_finish(const char *name) {
  end_group();
  if (failed > 0) {
    printf("%s: %ld of %ld checks FAILED\n", name, failed, failed + passed);
  } else if (passed == 0) {
    printf("%s: FAILED, nothing was checked\n", name);
  } else {
    printf("%s: %ld checks passed\n", name, passed);
  }
  return failed > 0 || passed == 0;
}
