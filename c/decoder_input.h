/**
 * What a decoder reads at a position of a level below the top: the position's own vector x and the projection of its parent.
 * The passes and streams of both wirings read through here, and the gradient is beside it: to make decoders read something
 * else, change this file.
 */
#ifndef AC_DECODER_INPUT_H
#define AC_DECODER_INPUT_H

#include "kernels/simd.h"

/** out [P] = x [P] + parent [P]; `out` may be `x`. */
void ac_decoder_input(int64_t p, const ac_real *x, const ac_real *parent, ac_real *out);

/** Adds the gradient that `dout` [P] gives the parent's projection to `dparent` [P]. That of x is `dout` itself. */
void ac_decoder_input_backward(int64_t p, const ac_real *dout, ac_real *dparent);

#endif
