/** y = x Wᵀ + b over packed rows, and its gradients. A layer without a bias has −1 for its tensor. */
#ifndef AC_LINEAR_H
#define AC_LINEAR_H

#include "gru.h"

typedef struct ac_linear {
  ac_linear_tensors tensors;
  int32_t outputs, out; /* and padded */
  ac_real *forward;     /* [H][out] */
  ac_real *backward;    /* [outputs][P] */
  ac_real *bias;        /* [out] */
} ac_linear;

/** Lays out the packed weights of a layer with `outputs` outputs and H inputs. */
void ac_linear_layout(const ac_room *room, const ac_shared *shared, const ac_linear_tensors *tensors, int32_t outputs,
                      ac_linear *linear);

/** Packs the weights as they are now; `backward` also those of the backward pass. */
void ac_linear_pack(const ac_shared *shared, ac_linear *linear, bool backward);

/** y [n][out] = x [n][P] Wᵀ + b. */
void ac_linear_forward(const ac_shared *shared, const ac_linear *linear, int n, const ac_real *x, ac_real *y);

/** Adds the gradients of weight and bias from x [n][P] and dL/dy `dy` [n][out], and adds dy W to dx [n][P]. */
void ac_linear_backward(const ac_shared *shared, const ac_linear *linear, int n, const ac_real *x, const ac_real *dy,
                        ac_real *dx);

#endif
