#include "linear.h"

#include "kernels/gemm.h"
#include "kernels/vector.h"

void ac_linear_layout(const ac_room *room, const ac_shared *shared, const ac_linear_tensors *tensors, int32_t outputs,
                      ac_linear *linear) {
  *linear = (ac_linear){.tensors = *tensors, .outputs = outputs, .out = ac_padded(outputs)};
  linear->forward = AC_TAKE(room->weights, ac_real, (int64_t)shared->hidden * linear->out);
  linear->backward = AC_TAKE(room->training, ac_real, (int64_t)outputs * shared->padded);
  linear->bias = AC_TAKE(room->weights, ac_real, linear->out);
}

void ac_linear_pack(const ac_shared *shared, ac_linear *linear, bool backward) {
  const ac_real *weight = ac_parameters_of(shared, linear->tensors.weight);
  ac_pack_transposed(weight, linear->outputs, shared->hidden, linear->forward, shared->hidden, 0);
  if (backward) {
    ac_pack(weight, linear->outputs, shared->hidden, linear->backward, linear->outputs, 0);
  }
  if (linear->tensors.bias >= 0) {
    ac_copy(linear->outputs, ac_parameters_of(shared, linear->tensors.bias), linear->bias);
  }
}

void ac_linear_forward(const ac_shared *shared, const ac_linear *linear, int n, const ac_real *x, ac_real *y) {
  ac_gemm(n, linear->out, shared->hidden, x, shared->padded, linear->forward, linear->bias, y, linear->out);
}

void ac_linear_backward(const ac_shared *shared, const ac_linear *linear, int n, const ac_real *x, const ac_real *dy,
                        ac_real *dx) {
  ac_gemm_gradient(n, dy, linear->out, linear->outputs, x, NULL, shared->padded, shared->hidden,
                   ac_gradients_of(shared, linear->tensors.weight), shared->scratch);
  if (linear->tensors.bias >= 0) {
    ac_add_columns(n, linear->outputs, dy, linear->out, ac_gradients_of(shared, linear->tensors.bias));
  }
  ac_gemm(n, shared->padded, linear->outputs, dy, linear->out, linear->backward, NULL, dx, shared->padded);
}
