/* Every kernel in its vector version. */
#include "kernels/all.h"

int main(void) { return check_kernels("kernels"); }
