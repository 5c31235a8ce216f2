#include "decoder_input.h"

#include "kernels/vector.h"

void ac_decoder_input(int64_t p, const ac_real *x, const ac_real *parent, ac_real *out) {
  if (out != x) {
    ac_copy(p, x, out);
  }
  ac_add_to(p, parent, out);
}

void ac_decoder_input_backward(int64_t p, const ac_real *dout, ac_real *dparent) { ac_add_to(p, dout, dparent); }
