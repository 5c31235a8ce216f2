/**
 * Checks for the native tests: each is counted, each failure prints one line, and a test ends with a summary.
 *
 *   int main(void) {
 *     check_group("sums");
 *     CHECK(1 + 1 == 2, "one and one is %d", 1 + 1);
 *     CHECK_NEAR(sum, 2.0, 1e-6, "the sum at size %d", n);
 *     return check_finish("numbers");
 *   }
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../c/kernels/simd.h"

/** Starts a group of checks, whose line is printed when the next one starts. */
void check_group(const char *name);

/** The condition holds; the message says what was checked. Returns whether it does. */
#define CHECK(holds, ...) check_that((holds), __FILE__, __LINE__, __VA_ARGS__)

/** |value − reference| ≤ tolerance; NaN fails. The group's line tells how much of the tolerance was needed at most. */
#define CHECK_NEAR(value, reference, tolerance, ...) \
  check_near((value), (reference), (tolerance), __FILE__, __LINE__, __VA_ARGS__)

/** Every one of n numbers is within absolute + relative·|reference| of its reference; one check. */
#define CHECK_ALL_NEAR(n, values, references, absolute, relative, ...) \
  check_all_near((n), (values), (references), (absolute), (relative), __FILE__, __LINE__, __VA_ARGS__)

/** Two blocks have the same bits; one check. */
#define CHECK_SAME(a, b, bytes, ...) check_same((a), (b), (bytes), __FILE__, __LINE__, __VA_ARGS__)

#define CHECK_PRINTS(text, values) __attribute__((format(printf, text, values)))

bool check_that(bool holds, const char *file, int line, const char *format, ...) CHECK_PRINTS(4, 5);
bool check_near(double value, double reference, double tolerance, const char *file, int line, const char *format, ...)
    CHECK_PRINTS(6, 7);
bool check_all_near(size_t n, const ac_real *values, const ac_real *references, double absolute, double relative,
                    const char *file, int line, const char *format, ...) CHECK_PRINTS(8, 9);
bool check_same(const void *a, const void *b, size_t bytes, const char *file, int line, const char *format, ...)
    CHECK_PRINTS(6, 7);

/** Prints the summary and returns what main must: 1 if a check failed or there was none. */
int check_finish(const char *name);

#endif
