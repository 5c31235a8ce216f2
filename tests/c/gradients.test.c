// flags: -DAC_DOUBLE -fno-sanitize-address-use-after-scope
/* Every part's backward pass, and whole models', against central differences in double precision. */
#include "gradients/parts.h"
#include "gradients/whole.h"

int main(void) {
  source = ac_random_make(1, 1);
  check_parts();
  check_models();
  return check_finish("gradients");
}
