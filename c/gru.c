#include "gru.h"

#include "dropout.h"
#include "kernels/vector.h"

void ac_gru_layout(const ac_room *room, const ac_shared *shared, const ac_gru_tensors *tensors, int32_t number,
                   int64_t rows, bool dropout, ac_gru *gru) {
  *gru = (ac_gru){.number = number};
  for (int i = 0; i < 2; i++) {
    ac_gru_layer_layout(room, shared, tensors, i, shared->hidden, rows, &gru->layer[i]);
    gru->hidden[i] = gru->layer[i].hidden;
  }
  gru->dropped = dropout ? AC_TAKE(room->training, ac_real, rows * shared->padded) : gru->hidden[0];
}

void ac_gru_read_embedding(const ac_room *room, const ac_shared *shared, int32_t embedding, const int32_t *symbols,
                           ac_gru *gru) {
  ac_gru_layer_read_embedding(room, shared, embedding, symbols, &gru->layer[0]);
}

void ac_gru_pack(const ac_shared *shared, ac_gru *gru, bool backward) {
  ac_gru_layer_pack(shared, &gru->layer[0], backward);
  ac_gru_layer_pack(shared, &gru->layer[1], backward);
}

void ac_gru_forward(const ac_shared *shared, ac_gru *gru, const ac_rows *rows, const ac_real *x, bool training) {
  ac_gru_layer_forward(shared, &gru->layer[0], rows, x);
  const ac_real *between = gru->hidden[0];
  if (training && shared->dropout > 0) {
    ac_dropout_rows(shared, shared->padded, gru->number, rows, true, between, gru->dropped);
    between = gru->dropped;
  }
  ac_gru_layer_forward(shared, &gru->layer[1], rows, between);
}

void ac_gru_backward(const ac_shared *shared, ac_gru *gru, const ac_rows *rows, const ac_real *x, ac_real *dy,
                     ac_real *dx) {
  ac_zero((int64_t)rows->total * shared->padded, shared->between);
  ac_gru_layer_backward(shared, &gru->layer[1], rows, gru->dropped, dy, shared->between);
  ac_dropout_rows(shared, shared->padded, gru->number, rows, true, shared->between, shared->between);
  ac_gru_layer_backward(shared, &gru->layer[0], rows, x, shared->between, dx);
}

/** The second layer's step; the first layer's is done. */
static void second_step(const ac_shared *shared, const ac_gru *gru, ac_real *state, ac_real *work, ac_real *y) {
  ac_gru_layer_step(shared, &gru->layer[1], state, state + shared->padded, work);
  ac_copy(shared->padded, state + shared->padded, y);
}

void ac_gru_step(const ac_shared *shared, const ac_gru *gru, const ac_real *x, ac_real *state, ac_real *work,
                 ac_real *y) {
  ac_gru_layer_step(shared, &gru->layer[0], x, state, work);
  second_step(shared, gru, state, work, y);
}

void ac_gru_step_symbol(const ac_shared *shared, ac_gru *gru, int32_t symbol, ac_real *state, ac_real *work,
                        ac_real *y) {
  ac_gru_layer_step_symbol(shared, &gru->layer[0], symbol, state, work);
  second_step(shared, gru, state, work, y);
}
