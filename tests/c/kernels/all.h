/** All checks of the kernels, for the programs that run them on the vector and on the scalar version. */
#ifndef ALL_H
#define ALL_H

#include "bits.h"
#include "elementary.h"
#include "products.h"
#include "rows.h"
#include "vectors.h"

static int check_kernels(const char *name) {
  check_products();
  check_elementary();
  check_rows();
  check_vectors();
  check_bits();
  return check_finish(name);
}

#endif
