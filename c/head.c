#include "head.h"

#include "kernels/gemm.h"
#include "kernels/softmax.h"
#include "kernels/vector.h"

void ac_head_layout(const ac_room *room, const ac_shared *shared, const ac_linear_tensors *tensors, ac_head *head) {
  ac_linear_layout(room, shared, tensors, AC_SYMBOLS, &head->linear);
  head->logits = AC_TAKE(room->work, ac_real, AC_HEAD_ROWS * ac_padded(AC_SYMBOLS));
  head->probabilities = AC_TAKE(room->work, ac_real, AC_HEAD_ROWS * ac_padded(AC_SYMBOLS));
}

/** Copies the logits of row i to their place in the caller's array. */
static void copy_logits(const ac_head_pass *pass, int64_t i, const ac_real *logits) {
  const int64_t t = pass->rows->time[i], steps = pass->rows->steps - pass->out_from;
  if (t >= pass->out_from) {
    ac_copy(AC_SYMBOLS, logits, pass->out + (pass->rows->sequence[i] * steps + t - pass->out_from) * AC_SYMBOLS);
  }
}

double ac_head_run(const ac_shared *shared, ac_head *head, const ac_head_pass *pass, double *floor_sum) {
  const int ld = ac_padded(AC_SYMBOLS);
  double sum = 0;
  for (int64_t start = 0; start < pass->rows->total; start += AC_HEAD_ROWS) {
    const int64_t left = pass->rows->total - start;
    const int n = left < AC_HEAD_ROWS ? (int)left : AC_HEAD_ROWS;
    const ac_real *hidden = pass->hidden + start * shared->padded;
    ac_linear_forward(shared, &head->linear, n, hidden, head->logits);
    for (int i = 0; i < n; i++) {
      const int64_t row = start + i;
      ac_real *logits = head->logits + i * ld, *probabilities = head->probabilities + i * ld;
      const int target = pass->targets[row];
      const ac_softmax_result r = ac_softmax_row(AC_SYMBOLS, logits, target, probabilities);
      const ac_real below = pass->floor > r.entropy ? pass->floor - r.entropy : 0;
      sum += (double)r.cross_entropy;
      if (floor_sum) {
        *floor_sum += (double)below * (double)below;
      }
      if (pass->entropy) {
        pass->entropy[row] = r.entropy;
      }
      if (pass->best) {
        pass->best[row] = r.best;
      }
      if (pass->costs) {
        pass->costs[(int64_t)pass->rows->sequence[row] * pass->rows->steps + pass->rows->time[row]] = r.cross_entropy;
      }
      if (pass->out) {
        copy_logits(pass, row, logits);
      }
      if (pass->training) {
        ac_softmax_gradient(AC_SYMBOLS, probabilities, target, pass->ce_weight, -2 * below * pass->floor_weight);
      }
    }
    if (pass->training) {
      ac_real *gradient = pass->gradient + start * shared->padded;
      ac_zero((int64_t)n * shared->padded, gradient);
      ac_linear_backward(shared, &head->linear, n, hidden, head->probabilities, gradient);
    }
  }
  return sum;
}
