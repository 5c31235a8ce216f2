#include "dropout.h"

#include "kernels/vector.h"
#include "random.h"

void ac_dropout_rows(const ac_shared *shared, int64_t padded, int32_t place, const ac_rows *rows, bool training,
                     const ac_real *x, ac_real *out) {
  if (!training || shared->dropout <= 0) {
    if (x != out) {
      ac_copy(rows->total * padded, x, out);
    }
    return;
  }
  const uint64_t mask = ((uint64_t)(place >> 8) << 40) | (shared->dropout_step << 8) | (uint64_t)(place & 255);
  for (int64_t i = 0; i < rows->total; i++) {
    const uint64_t row = ((uint64_t)(shared->first_sequence + rows->sequence[i]) << 32) | (uint64_t)rows->time[i];
    ac_dropout((int)padded, ac_hash3(shared->seed, mask, row), shared->dropout, x + i * padded, out + i * padded);
  }
}
