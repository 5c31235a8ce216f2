#include "gru.h"

#include "kernels/vector.h"
#include "random.h"

void ac_gru_layout(const ac_room *room, const ac_shared *m, const ac_gru_tensors *tensors, int32_t number, int64_t rows,
                   bool dropout, ac_gru *gru) {
  *gru = (ac_gru){.number = number};
  for (int i = 0; i < 2; i++) {
    ac_gru_layer_layout(room, m, tensors, i, m->hidden, rows, &gru->layer[i]);
    gru->hidden[i] = gru->layer[i].hidden;
  }
  gru->dropped = dropout ? AC_TAKE(room->training, ac_real, rows * m->padded) : gru->hidden[0];
}

void ac_gru_read_embedding(const ac_room *room, const ac_shared *m, int32_t embedding, const int32_t *symbols,
                           ac_gru *gru) {
  ac_gru_layer_read_embedding(room, m, embedding, symbols, &gru->layer[0]);
}

void ac_gru_pack(const ac_shared *m, ac_gru *gru, bool backward) {
  ac_gru_layer_pack(m, &gru->layer[0], backward);
  ac_gru_layer_pack(m, &gru->layer[1], backward);
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
  ac_gru_layer_forward(m, &gru->layer[0], rows, x);
  const ac_real *between = gru->hidden[0];
  if (training && m->dropout > 0) {
    drop(m, gru, rows, between, gru->dropped);
    between = gru->dropped;
  }
  ac_gru_layer_forward(m, &gru->layer[1], rows, between);
}

void ac_gru_backward(const ac_shared *m, ac_gru *gru, const ac_rows *rows, const ac_real *x, ac_real *dy, ac_real *dx) {
  const bool dropout = m->dropout > 0;
  ac_zero((int64_t)rows->total * m->padded, m->between);
  ac_gru_layer_backward(m, &gru->layer[1], rows, dropout ? gru->dropped : gru->hidden[0], dy, m->between);
  if (dropout) {
    drop(m, gru, rows, m->between, m->between);
  }
  ac_gru_layer_backward(m, &gru->layer[0], rows, x, m->between, dx);
}

/** The second layer's step; the first layer's is done. */
static void second_step(const ac_shared *m, const ac_gru *gru, ac_real *state, ac_real *work, ac_real *y) {
  ac_gru_layer_step(m, &gru->layer[1], state, state + m->padded, work);
  ac_copy(m->padded, state + m->padded, y);
}

void ac_gru_step(const ac_shared *m, const ac_gru *gru, const ac_real *x, ac_real *state, ac_real *work, ac_real *y) {
  ac_gru_layer_step(m, &gru->layer[0], x, state, work);
  second_step(m, gru, state, work, y);
}

void ac_gru_step_symbol(const ac_shared *m, ac_gru *gru, int32_t symbol, ac_real *state, ac_real *work, ac_real *y) {
  ac_gru_layer_step_symbol(m, &gru->layer[0], symbol, state, work);
  second_step(m, gru, state, work, y);
}
