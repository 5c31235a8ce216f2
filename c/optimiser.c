/* AdamW: what ac_model_update does with the gradients. */
#include "kernels/math.h"
#include "kernels/vector.h"
#include "model_parts.h"

/** xᵏ by squaring, so that it needs no libm. */
static double power(double x, int32_t k) {
  double result = 1;
  for (; k > 0; k >>= 1, x *= x) {
    result = k & 1 ? result * x : result;
  }
  return result;
}

ac_status ac_model_update(ac_model *m, double learning_rate, double *norm) {
  if (!m->reached) {
    return AC_WRONG_ORDER;
  }
  *norm = ac_sqrt_scalar(ac_sum_squares(m->table.dense, m->shared.gradients) + ac_ngrams_squares(m));
  if (!ac_is_finite(*norm) || !ac_is_finite(learning_rate)) {
    return AC_NOT_FINITE;
  }
  const double clip = (double)m->config.clip_norm;
  for (int32_t i = 0; i < m->table.count; i++) {
    const ac_tensor *t = &m->table.rows[i];
    if (!ac_model_reaches(m, t)) {
      continue;
    }
    const int32_t k = ++m->updates[i];
    const double rate = learning_rate * (double)t->rate;
    const ac_adamw_constants constants = {
        .scale = (ac_real)(clip > 0 && *norm > clip ? clip / *norm : 1),
        .decay = (ac_real)(t->sparse ? 1 : 1 - rate * (double)m->config.weight_decay),
        .beta1 = (ac_real)0.9,
        .beta2 = (ac_real)0.999,
        .step = (ac_real)(rate / (1 - power(0.9, k))),
        .root = (ac_real)(1 / ac_sqrt_scalar(1 - power(0.999, k))),
        .epsilon = (ac_real)1e-8,
    };
    if (t->sparse) {
      ac_ngrams_update(m, t, &constants);
      continue;
    }
    ac_adamw(t->size, &constants, m->shared.gradients + t->offset, m->first + t->offset, m->second + t->offset,
             m->shared.parameters + t->offset);
  }
  if (m->kind->steer) {
    m->kind->steer(m);
  }
  ac_model_parameters_changed(m);
  return AC_OK;
}

ac_status ac_model_set_optimiser(ac_model *m, float weight_decay, float clip_norm) {
  ac_config changed = m->config;
  changed.weight_decay = weight_decay;
  changed.clip_norm = clip_norm;
  const ac_status status = ac_config_check(&changed);
  if (status == AC_OK) {
    m->config = changed;
  }
  return status;
}
