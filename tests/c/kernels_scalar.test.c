// tier: slow
// flags: -DAC_SCALAR -fno-sanitize-address-use-after-scope
/* Every kernel in its scalar version: the same checks, compared with the same bits. */
#include "kernels/all.h"

int main(void) { return check_kernels("kernels_scalar"); }
