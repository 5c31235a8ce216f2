#include "meta.h"

#include "kernels/math.h"
#include "kernels/vector.h"

void ac_meta_layout(const ac_room *room, const ac_shared *shared, const ac_linear_tensors *predictor,
                    const ac_linear_tensors *uncertainty, int32_t eos, int64_t rows, ac_meta *meta) {
  *meta = (ac_meta){.uncertainty = *uncertainty, .eos = eos};
  ac_linear_layout(room, shared, predictor, shared->hidden, &meta->predictor);
  meta->weight = AC_TAKE(room->weights, ac_real, shared->padded);
  meta->end = AC_TAKE(room->weights, ac_real, shared->padded);
  meta->difference = AC_TAKE(room->work, ac_real, rows * shared->padded);
  meta->score = AC_TAKE(room->work, ac_real, rows);
  meta->error = AC_TAKE(room->work, ac_real, rows);
  meta->logit = AC_TAKE(room->work, ac_real, rows);
}

void ac_meta_pack(const ac_shared *shared, ac_meta *meta, bool backward) {
  ac_linear_pack(shared, &meta->predictor, backward);
  ac_copy(shared->hidden, ac_parameters_of(shared, meta->uncertainty.weight), meta->weight);
  ac_copy(shared->hidden, ac_parameters_of(shared, meta->eos), meta->end);
}

ac_real ac_meta_score(const ac_shared *shared, const ac_meta *meta, const ac_real *hidden, ac_real *logit) {
  const ac_real a = ac_dot(shared->padded, hidden, meta->weight) + *ac_parameters_of(shared, meta->uncertainty.bias);
  if (logit) {
    *logit = a;
  }
  return (ac_real)ac_softplus((double)a);
}

ac_real ac_meta_error(const ac_shared *shared, ac_real *prediction, const ac_real *target) {
  for (int i = 0; i < shared->padded; i += AC_LANES) {
    ac_store(prediction + i, ac_sub(ac_load(prediction + i), ac_load(target + i)));
  }
  return ac_dot(shared->padded, prediction, prediction) / (ac_real)shared->hidden;
}

void ac_meta_forward(const ac_shared *shared, ac_meta *meta, const ac_rows *rows, const ac_real *hidden,
                     const ac_real *x) {
  const int64_t p = shared->padded;
  ac_linear_forward(shared, &meta->predictor, rows->total, hidden, meta->difference);
  meta->squared = meta->distance = 0;
  for (int64_t i = 0; i < rows->total; i++) {
    const int64_t next = rows->after[i];
    const ac_real s = ac_meta_error(shared, meta->difference + i * p, next >= 0 ? x + next * p : meta->end);
    const ac_real u = ac_meta_score(shared, meta, hidden + i * p, &meta->logit[i]);
    meta->error[i] = s;
    meta->score[i] = u;
    meta->squared += (double)s;
    meta->distance += ((double)u - (double)s) * ((double)u - (double)s);
  }
}

void ac_meta_backward(const ac_shared *shared, ac_meta *meta, const ac_rows *rows, ac_real squared_weight,
                      ac_real distance_weight, const ac_real *hidden, ac_real *dhidden, ac_real *dx) {
  const int64_t h = shared->hidden, p = shared->padded;
  ac_real *end = ac_gradients_of(shared, meta->eos), *weight = ac_gradients_of(shared, meta->uncertainty.weight);
  ac_real *bias = ac_gradients_of(shared, meta->uncertainty.bias);
  const ac_v4 scale = ac_splat(2 * squared_weight / (ac_real)h);
  for (int64_t i = 0; i < rows->total; i++) {
    ac_real *dm = meta->difference + i * p;
    const ac_real *state = hidden + i * p;
    const ac_real da =
        2 * distance_weight * (meta->score[i] - meta->error[i]) * (ac_real)ac_logistic((double)meta->logit[i]);
    const ac_v4 slope = ac_splat(da);
    ac_real *target = rows->after[i] >= 0 ? dx + rows->after[i] * p : NULL;
    for (int64_t j = 0; j < p; j += AC_LANES) {
      const ac_v4 d = ac_mul(scale, ac_load(dm + j));
      ac_store(dm + j, d);
      ac_store(dhidden + i * p + j, ac_multiply_add(ac_load(dhidden + i * p + j), slope, ac_load(meta->weight + j)));
      if (target) {
        ac_store(target + j, ac_sub(ac_load(target + j), d));
      }
    }
    for (int64_t j = 0; j < h; j++) {
      weight[j] += da * state[j];
      end[j] -= target ? 0 : dm[j];
    }
    *bias += da;
  }
  ac_linear_backward(shared, &meta->predictor, rows->total, hidden, meta->difference, dhidden);
}
