#include "kinds.h"

#include <stddef.h>

#include "adaptive.h"
#include "baseline.h"
#include "residual_parts.h"

static const ac_kind *const KINDS[] = {&ac_adaptive_kind, &ac_baseline_kind, &ac_residual_kind, &ac_flat_kind};

const ac_kind *ac_kind_of(const ac_config *config) {
  for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
    const bool wired = config->model_type != AC_ADAPTIVE || KINDS[i]->wiring == config->wiring;
    if (KINDS[i]->model_type == config->model_type && wired) {
      return KINDS[i];
    }
  }
  return NULL;
}
