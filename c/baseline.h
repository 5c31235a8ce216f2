/** The baseline: a stack of residual GRU blocks with as many parameters as the adaptive model. */
#ifndef AC_BASELINE_H
#define AC_BASELINE_H

#include "kinds.h"

extern const ac_kind ac_baseline_kind;

#endif
