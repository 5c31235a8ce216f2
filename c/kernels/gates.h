/**
 * The element-wise part of a GRU time step (PyTorch's GRU: gates r, z, n), forward and backward.
 *
 * A row of gates is 4·P numbers, P = ac_padded(H): n | r | z | q, where q = W_hn h + b_hn. The input products stand in
 * n | r | z before the step, the gates' values after it, the gradients of the pre-activations after the backward step.
 * So n | r | z are together what the input weights see and r | z | q what the recurrent weights see.
 */
#ifndef AC_GATES_H
#define AC_GATES_H

#include "simd.h"

/**
 * One row forward. `gates` [4P] comes with the input products (biases included) in n | r | z; `recurrent` [3P] holds
 * W_h h + b_h in the order r | z | q; `before` [P] is h (NULL: zeros). Writes the gates and `after` [P] = h'.
 */
void ac_gates_forward(int padded, ac_real *gates, const ac_real *recurrent, const ac_real *before, ac_real *after);

/**
 * One row backward. `gates` [4P] as the forward step left them; `gradient` [P] is dL/dh'. Replaces the gates by the
 * gradients of their pre-activations and adds to `carry` [P] the part of dL/dh that does not go through the recurrent
 * weights; `before` and `carry` are NULL at the first time step.
 */
void ac_gates_backward(int padded, ac_real *gates, const ac_real *before, const ac_real *gradient, ac_real *carry);

#endif
