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

void ac_gru_read_embedding(ac_arena *arena, const ac_shared *m, int32_t embedding, const int32_t *symbols,
                           ac_gru *gru) {
  gru->embedding = embedding;
  gru->symbols = symbols;
  gru->products = AC_TAKE(arena, ac_real, (int64_t)AC_SYMBOLS * 3 * m->padded);
  gru->known = AC_TAKE(arena, bool, AC_SYMBOLS);
  gru->place = AC_TAKE(arena, int32_t, AC_SYMBOLS);
  gru->first = AC_TAKE(arena, int32_t, AC_SYMBOLS);
}

/** Forgets the products of symbols. */
static void forget_products(ac_gru *gru) {
  for (int i = 0; gru->symbols && i < AC_SYMBOLS; i++) {
    gru->known[i] = false;
  }
}

/** The input product of a symbol, [3P]. */
static const ac_real *symbol_product(const ac_shared *m, ac_gru *gru, int32_t symbol) {
  const int h = m->hidden, p = m->padded;
  ac_real *product = gru->products + (int64_t)symbol * 3 * p;
  if (!gru->known[symbol]) {
    const ac_real *x = ac_parameters_of(m, gru->embedding) + (int64_t)symbol * h;
    ac_gemm(1, 3 * p, h, x, h, gru->layer[0].ih_forward, gru->layer[0].ih_bias, product, 3 * p);
    gru->known[symbol] = true;
  }
  return product;
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
  forget_products(gru);
}

/** Rows whose gates stay in the second-level cache while everything is done with them. */
#define CHUNK_ROWS 256

/** Time steps from `from` up to `to`, and their rows. */
typedef struct chunk {
  int from, to;
  int first, count;
} chunk;

/** Lengthens a chunk that is empty at `from` forward, or at `to` backward, to at least one time step. */
static void fill_chunk(const ac_rows *rows, bool backward, chunk *c) {
  c->count = 0;
  while (backward ? c->from > 0 : c->to < rows->steps) {
    const int more = rows->count[backward ? c->from - 1 : c->to];
    if (c->count > 0 && c->count + more > CHUNK_ROWS) {
      break;
    }
    c->count += more;
    *(backward ? &c->from : &c->to) += backward ? -1 : 1;
  }
  c->first = rows->first[c->from];
}

/** The input products of a chunk. */
static void input_products(const ac_shared *m, ac_gru *gru, int i, const chunk *c, const ac_real *x) {
  const int h = m->hidden, p = m->padded;
  ac_real *gates = gru->gates[i] + (int64_t)c->first * 4 * p;
  if (i == 0 && gru->symbols) {
    for (int64_t r = 0; r < c->count; r++) {
      ac_copy(3 * p, symbol_product(m, gru, gru->symbols[c->first + r]), gates + r * 4 * p);
    }
  } else {
    ac_gemm(c->count, 3 * p, h, x + (int64_t)c->first * p, p, gru->layer[i].ih_forward, gru->layer[i].ih_bias, gates,
            4 * p);
  }
}

/** The recurrent products and gates of a time step. */
static void step_forward(const ac_shared *m, ac_gru *gru, int i, const ac_rows *rows, int t) {
  const int h = m->hidden, p = m->padded;
  const ac_gru_layer *layer = &gru->layer[i];
  ac_real *gates = gru->gates[i], *hidden = gru->hidden[i];
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

/** Input products of many rows at once, then the recurrent ones a time step. */
static void layer_forward(const ac_shared *m, ac_gru *gru, int i, const ac_rows *rows, const ac_real *x) {
  for (chunk c = {0}; c.to < rows->steps; c.from = c.to) {
    fill_chunk(rows, false, &c);
    input_products(m, gru, i, &c, x);
    for (int t = c.from; t < c.to; t++) {
      step_forward(m, gru, i, rows, t);
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
  layer_forward(m, gru, 0, rows, x);
  const ac_real *between = gru->hidden[0];
  if (training && m->dropout > 0) {
    drop(m, gru, rows, between, gru->dropped);
    between = gru->dropped;
  }
  layer_forward(m, gru, 1, rows, between);
}

/** Gradients of the input weight [3H][H] and its bias from `rows` rows of gate gradients; see ac_gemm_gradient. */
static void input_gradient(const ac_shared *m, const ac_gru *gru, int i, int rows, const ac_real *gates, int ld,
                           const ac_real *x, const int32_t *index) {
  const int h = m->hidden, p = m->padded;
  for (int gate = 0; gate < 3; gate++) {
    const ac_real *part = gates + IH_PLACE[gate] * p;
    ac_gemm_gradient(rows, part, ld, h, x, index, p, h,
                     ac_gradients_of(m, gru->tensors.weight_ih[i]) + (int64_t)gate * h * h, m->scratch);
    ac_add_columns(rows, h, part, ld, ac_gradients_of(m, gru->tensors.bias_ih[i]) + gate * h);
  }
}

/** Likewise of the recurrent weight, from the gate gradients of a chunk. */
static void recurrent_gradient(const ac_shared *m, const ac_gru *gru, int i, const ac_rows *rows, const chunk *c) {
  const int h = m->hidden, p = m->padded;
  /* Rows of step 0 have no row before them. */
  const int first = c->from == 0 ? rows->count[0] : c->first, end = c->first + c->count;
  for (int gate = 0; gate < 3; gate++) {
    const ac_real *part = gru->gates[i] + (HH_PLACE[gate] + 1) * p;
    ac_gemm_gradient(end - first, part + (int64_t)first * 4 * p, 4 * p, h, gru->hidden[i], rows->before + first, p, h,
                     ac_gradients_of(m, gru->tensors.weight_hh[i]) + (int64_t)gate * h * h, m->scratch);
    ac_add_columns(c->count, h, part + (int64_t)c->first * 4 * p, 4 * p,
                   ac_gradients_of(m, gru->tensors.bias_hh[i]) + gate * h);
  }
}

/** Sums the gate gradients a symbol, in the place of the products; returns how many symbols there are. */
static int sum_symbols(const ac_shared *m, ac_gru *gru, const ac_rows *rows) {
  const int64_t p = m->padded;
  int count = 0;
  forget_products(gru);
  for (int64_t r = 0; r < rows->total; r++) {
    const int32_t symbol = gru->symbols[r];
    const ac_real *gates = gru->gates[0] + r * 4 * p;
    if (gru->known[symbol]) {
      ac_add_to(3 * p, gates, gru->products + gru->place[symbol] * 3 * p);
    } else {
      gru->known[symbol] = true;
      gru->place[symbol] = count;
      gru->first[count] = (int32_t)r;
      ac_copy(3 * p, gates, gru->products + count++ * 3 * p);
    }
  }
  forget_products(gru);
  return count;
}

/** Gradients of the first layer's input weights and of the embedding that it reads. `work` [N][P]. */
static void embedding_gradient(const ac_shared *m, ac_gru *gru, const ac_rows *rows, const ac_real *x, ac_real *work) {
  const int h = m->hidden, p = m->padded;
  const int count = sum_symbols(m, gru, rows);
  input_gradient(m, gru, 0, count, gru->products, 3 * p, x, gru->first);
  ac_zero((int64_t)count * p, work);
  ac_gemm(count, p, 3 * p, gru->products, 3 * p, gru->layer[0].ih_backward, NULL, work, p);
  for (int64_t i = 0; i < count; i++) {
    ac_add_columns(1, h, work + i * p, p,
                   ac_gradients_of(m, gru->embedding) + (int64_t)gru->symbols[gru->first[i]] * h);
  }
}

/** A time step backward: gate gradients, and what goes to the step before. */
static void step_backward(const ac_shared *m, ac_gru *gru, int i, const ac_rows *rows, int t, ac_real *dy) {
  const int p = m->padded;
  ac_real *gates = gru->gates[i] + (int64_t)rows->first[t] * 4 * p, *hidden = gru->hidden[i];
  const int64_t first = rows->first[t], count = rows->count[t], previous = t ? rows->first[t - 1] : 0;
  for (int64_t r = 0; r < count; r++) {
    ac_gates_backward(p, gates + r * 4 * p, t ? hidden + (previous + r) * p : NULL, dy + (first + r) * p,
                      t ? dy + (previous + r) * p : NULL);
  }
  if (t) {
    ac_gemm((int)count, p, 3 * p, gates + p, 4 * p, gru->layer[i].hh_backward, NULL, dy + previous * p, p);
  }
}

/** Back through time; the gates become the gradients of the pre-activations, `dy` is used up. */
static void layer_backward(const ac_shared *m, ac_gru *gru, int i, const ac_rows *rows, const ac_real *x, ac_real *dy,
                           ac_real *dx) {
  const int p = m->padded;
  const bool embedded = i == 0 && gru->symbols;
  for (chunk c = {.from = rows->steps, .to = rows->steps}; c.from > 0; c.to = c.from) {
    fill_chunk(rows, true, &c);
    for (int t = c.to - 1; t >= c.from; t--) {
      step_backward(m, gru, i, rows, t, dy);
    }
    recurrent_gradient(m, gru, i, rows, &c);
    if (!embedded) {
      const int64_t first = c.first;
      const ac_real *gates = gru->gates[i] + first * 4 * p;
      input_gradient(m, gru, i, c.count, gates, 4 * p, x + first * p, NULL);
      ac_gemm(c.count, p, 3 * p, gates, 4 * p, gru->layer[i].ih_backward, NULL, dx + first * p, p);
    }
  }
  if (embedded) {
    embedding_gradient(m, gru, rows, x, dy);
  }
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

/** One layer's step from its input products, which stand in the gates of `work`. */
static void layer_step(const ac_shared *m, const ac_gru_layer *layer, ac_real *hidden, ac_real *work) {
  const int h = m->hidden, p = m->padded;
  ac_gemm(1, 3 * p, h, hidden, p, layer->hh_forward, layer->hh_bias, work + 4 * p, 3 * p);
  ac_gates_forward(p, work, work + 4 * p, hidden, hidden);
}

static void input_step(const ac_shared *m, const ac_gru_layer *layer, const ac_real *x, ac_real *work) {
  ac_gemm(1, 3 * m->padded, m->hidden, x, m->padded, layer->ih_forward, layer->ih_bias, work, 4 * m->padded);
}

/** The second layer's step; the first layer's is done. */
static void second_step(const ac_shared *m, const ac_gru *gru, ac_real *state, ac_real *work, ac_real *y) {
  input_step(m, &gru->layer[1], state, work);
  layer_step(m, &gru->layer[1], state + m->padded, work);
  ac_copy(m->padded, state + m->padded, y);
}

void ac_gru_step(const ac_shared *m, const ac_gru *gru, const ac_real *x, ac_real *state, ac_real *work, ac_real *y) {
  input_step(m, &gru->layer[0], x, work);
  layer_step(m, &gru->layer[0], state, work);
  second_step(m, gru, state, work, y);
}

void ac_gru_step_symbol(const ac_shared *m, ac_gru *gru, int32_t symbol, ac_real *state, ac_real *work, ac_real *y) {
  ac_copy(3 * m->padded, symbol_product(m, gru, symbol), work);
  layer_step(m, &gru->layer[0], state, work);
  second_step(m, gru, state, work, y);
}
