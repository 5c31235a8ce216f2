/** Drawing the next symbol from logits. */
#ifndef AC_SAMPLING_H
#define AC_SAMPLING_H

#include "config.h"
#include "kernels/simd.h"
#include "random.h"

/**
 * Draws one of the first `symbols` symbols (AC_SYMBOLS, or AC_EOS to leave the end of the text out): logits over
 * temperature (> 0), the `top_k` likeliest (0: all; ties with the last of them stay), softmax.
 * `logits` [AC_SYMBOLS], `work` [2·ac_padded(AC_SYMBOLS)].
 */
int32_t ac_sample(const ac_real *logits, int32_t symbols, double temperature, int32_t top_k, ac_random *random,
                  ac_real *work);

#endif
