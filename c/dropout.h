/** Dropout: which numbers of a state are left out in a training pass. */
#ifndef AC_DROPOUT_H
#define AC_DROPOUT_H

#include "gru_layer.h"
#include "rows.h"

/**
 * Inverted dropout of packed rows, x [N][padded] to out [N][padded], which may be x; a copy where nothing is dropped, which
 * is so unless `training`. It is its own gradient, since the mask is the same each time: it depends on the seed, the
 * training step, the `place` in the model and on where the row stands in the whole batch, not on how rows are packed or
 * dealt out to replicas.
 */
void ac_dropout_rows(const ac_shared *shared, int64_t padded, int32_t place, const ac_rows *rows, bool training,
                     const ac_real *x, ac_real *out);

#endif
