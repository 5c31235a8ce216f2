#include "gru.h"

#include "kernels/gates.h"
#include "kernels/gemm.h"
#include "kernels/vector.h"
#include "random.h"

/* Where PyTorch's row blocks r, z, n of a weight stand among the columns n | r | z and r | z | q. */
static const int IH_PLACE[3] = {1, 2, 0};
static const int HH_PLACE[3] = {0, 1, 2};

void ac_gru_layout(ac_arena *arena, const ac_shared *m, const ac_gru_tensors *tensors, int32_t number, int64_t rows,
                   bool dropout, ac_gru *gru) {
  const int64_t h = m->hidden, p = m->padded;
  *gru = (ac_gru){.tensors = *tensors, .number = number};
  for (int i = 0; i < 2; i++) {
    ac_gru_layer *layer = &gru->layer[i];
    layer->ih_forward = AC_TAKE(arena, ac_real, h * 3 * p);
    layer->hh_forward = AC_TAKE(arena, ac_real, h * 3 * p);
    layer->ih_backward = AC_TAKE(arena, ac_real, 3 * p * p);
    layer->hh_backward = AC_TAKE(arena, ac_real, 3 * p * p);
    layer->ih_bias = AC_TAKE(arena, ac_real, 3 * p);
    layer->hh_bias = AC_TAKE(arena, ac_real, 3 * p);
    gru->gates[i] = AC_TAKE(arena, ac_real, rows * 4 * p);
    gru->hidden[i] = AC_TAKE(arena, ac_real, rows * p);
  }
  gru->dropped = dropout ? AC_TAKE(arena, ac_real, rows * p) : gru->hidden[0];
}

static void pack_weight(const ac_shared *m, int32_t tensor, const int place[3], ac_real *forward, ac_real *backward) {
  const int h = m->hidden, p = m->padded;
  for (int gate = 0; gate < 3; gate++) {
    const ac_real *w = ac_parameters_of(m, tensor) + (int64_t)gate * h * h;
    ac_pack_transposed(w, h, h, forward, h, place[gate] * p);
    if (backward) {
      ac_pack(w, h, h, backward, 3 * p, place[gate] * p);
    }
  }
}

static void pack_bias(const ac_shared *m, int32_t tensor, const int place[3], ac_real *bias) {
  for (int gate = 0; gate < 3; gate++) {
    ac_copy(m->hidden, ac_parameters_of(m, tensor) + gate * m->hidden, bias + place[gate] * m->padded);
  }
}

void ac_gru_pack(const ac_shared *m, ac_gru *gru, bool backward) {
  for (int i = 0; i < 2; i++) {
    ac_gru_layer *layer = &gru->layer[i];
    pack_weight(m, gru->tensors.weight_ih[i], IH_PLACE, layer->ih_forward, backward ? layer->ih_backward : NULL);
    pack_weight(m, gru->tensors.weight_hh[i], HH_PLACE, layer->hh_forward, backward ? layer->hh_backward : NULL);
    pack_bias(m, gru->tensors.bias_ih[i], IH_PLACE, layer->ih_bias);
    pack_bias(m, gru->tensors.bias_hh[i], HH_PLACE, layer->hh_bias);
  }
}

/** Input products of every row at once, then the recurrent ones a time step. */
static void layer_forward(const ac_shared *m, const ac_gru_layer *layer, const ac_rows *rows, const ac_real *x,
                          ac_real *gates, ac_real *hidden) {
  const int h = m->hidden, p = m->padded;
  ac_gemm(rows->total, 3 * p, h, x, p, layer->ih_forward, layer->ih_bias, gates, 4 * p);
  for (int t = 0; t < rows->steps; t++) {
    const int64_t first = rows->first[t], count = rows->count[t];
    const ac_real *before = t ? hidden + (int64_t)rows->first[t - 1] * p : NULL;
    if (before) {
      ac_gemm((int)count, 3 * p, h, before, p, layer->hh_forward, layer->hh_bias, m->step, 3 * p);
    }
    for (int64_t r = 0; r < count; r++) {
      ac_gates_forward(p, gates + (first + r) * 4 * p, before ? m->step + r * 3 * p : layer->hh_bias,
                       before ? before + r * p : NULL, hidden + (first + r) * p);
    }
  }
}

/** Masks depend on the step, the block and the place of the row in the whole batch, not on how rows are packed. */
static void drop(const ac_shared *m, const ac_gru *gru, const ac_rows *rows, const ac_real *x, ac_real *out) {
  const uint64_t mask = (m->dropout_step << 8) | (uint64_t)gru->number;
  for (int64_t i = 0; i < rows->total; i++) {
    const uint64_t place = ((uint64_t)(m->first_sequence + rows->sequence[i]) << 32) | (uint64_t)rows->time[i];
    ac_dropout(m->padded, ac_hash3(m->seed, mask, place), m->dropout, x + i * m->padded, out + i * m->padded);
  }
}

void ac_gru_forward(const ac_shared *m, ac_gru *gru, const ac_rows *rows, const ac_real *x, bool training) {
  layer_forward(m, &gru->layer[0], rows, x, gru->gates[0], gru->hidden[0]);
  const ac_real *between = gru->hidden[0];
  if (training && m->dropout > 0) {
    drop(m, gru, rows, between, gru->dropped);
    between = gru->dropped;
  }
  layer_forward(m, &gru->layer[1], rows, between, gru->gates[1], gru->hidden[1]);
}

/** Gradients of a weight [3H][H] and its bias, from the gate gradients that start at column 0 of `gates`. */
static void weight_gradient(const ac_shared *m, int32_t weight, int32_t bias, const int place[3], const ac_rows *rows,
                            const ac_real *gates, const ac_real *x, bool recurrent) {
  const int h = m->hidden, p = m->padded;
  /* Rows of step 0 come first and have no row before them. */
  const int skip = recurrent ? rows->count[0] : 0;
  for (int gate = 0; gate < 3; gate++) {
    const ac_real *part = gates + place[gate] * p;
    ac_gemm_gradient(rows->total - skip, part + (int64_t)skip * 4 * p, 4 * p, h, x,
                     recurrent ? rows->before + skip : NULL, p, h, ac_gradients_of(m, weight) + (int64_t)gate * h * h,
                     m->scratch);
    ac_add_columns(rows->total, h, part, 4 * p, ac_gradients_of(m, bias) + gate * h);
  }
}

/** Back through time; `gates` become the gradients of the pre-activations, `dy` is used up. */
static void layer_backward(const ac_shared *m, ac_gru *gru, int i, const ac_rows *rows, const ac_real *x, ac_real *dy,
                           ac_real *dx) {
  const int p = m->padded;
  const ac_gru_layer *layer = &gru->layer[i];
  ac_real *gates = gru->gates[i], *hidden = gru->hidden[i];
  for (int t = rows->steps - 1; t >= 0; t--) {
    const int64_t first = rows->first[t], count = rows->count[t], previous = t ? rows->first[t - 1] : 0;
    for (int64_t r = 0; r < count; r++) {
      ac_gates_backward(p, gates + (first + r) * 4 * p, t ? hidden + (previous + r) * p : NULL, dy + (first + r) * p,
                        t ? dy + (previous + r) * p : NULL);
    }
    if (t) {
      ac_gemm((int)count, p, 3 * p, gates + first * 4 * p + p, 4 * p, layer->hh_backward, NULL, dy + previous * p, p);
    }
  }
  weight_gradient(m, gru->tensors.weight_ih[i], gru->tensors.bias_ih[i], IH_PLACE, rows, gates, x, false);
  weight_gradient(m, gru->tensors.weight_hh[i], gru->tensors.bias_hh[i], HH_PLACE, rows, gates + p, hidden, true);
  ac_gemm(rows->total, p, 3 * p, gates, 4 * p, layer->ih_backward, NULL, dx, p);
}

void ac_gru_backward(const ac_shared *m, ac_gru *gru, const ac_rows *rows, const ac_real *x, ac_real *dy, ac_real *dx) {
  const bool dropout = m->dropout > 0;
  ac_zero((int64_t)rows->total * m->padded, m->between);
  layer_backward(m, gru, 1, rows, dropout ? gru->dropped : gru->hidden[0], dy, m->between);
  if (dropout) {
    drop(m, gru, rows, m->between, m->between);
  }
  layer_backward(m, gru, 0, rows, x, m->between, dx);
}

void ac_gru_step(const ac_shared *m, const ac_gru *gru, const ac_real *x, ac_real *state, ac_real *work, ac_real *y) {
  const int h = m->hidden, p = m->padded;
  for (int i = 0; i < 2; i++) {
    const ac_gru_layer *layer = &gru->layer[i];
    ac_real *hidden = state + i * p, *gates = work, *recurrent = work + 4 * p;
    ac_gemm(1, 3 * p, h, x, p, layer->ih_forward, layer->ih_bias, gates, 4 * p);
    ac_gemm(1, 3 * p, h, hidden, p, layer->hh_forward, layer->hh_bias, recurrent, 3 * p);
    ac_gates_forward(p, gates, recurrent, hidden, hidden);
    x = hidden;
  }
  ac_copy(p, x, y);
}
