#include "gru_layer.h"

#include "kernels/gates.h"
#include "kernels/gemm.h"
#include "kernels/vector.h"

/* Where PyTorch's row blocks r, z, n of a weight stand among the columns n | r | z and r | z | q. */
static const int IH_PLACE[3] = {1, 2, 0};
static const int HH_PLACE[3] = {0, 1, 2};

void ac_gru_layer_layout(const ac_room *room, const ac_shared *shared, const ac_gru_tensors *tensors, int i,
                         int32_t inputs, int64_t rows, ac_gru_layer *layer) {
  const int64_t h = shared->hidden, p = shared->padded, in = ac_padded(inputs);
  *layer = (ac_gru_layer){.inputs = inputs, .in = (int32_t)in};
  layer->weight_ih = tensors->weight_ih[i];
  layer->weight_hh = tensors->weight_hh[i];
  layer->bias_ih = tensors->bias_ih[i];
  layer->bias_hh = tensors->bias_hh[i];
  layer->ih_forward = AC_TAKE(room->weights, ac_real, inputs * 3 * p);
  layer->hh_forward = AC_TAKE(room->weights, ac_real, h * 3 * p);
  layer->ih_backward = AC_TAKE(room->training, ac_real, 3 * p * in);
  layer->hh_backward = AC_TAKE(room->training, ac_real, 3 * p * p);
  layer->ih_bias = AC_TAKE(room->weights, ac_real, 3 * p);
  layer->hh_bias = AC_TAKE(room->weights, ac_real, 3 * p);
  layer->gates = AC_TAKE(room->work, ac_real, rows * 4 * p);
  layer->hidden = AC_TAKE(room->work, ac_real, rows * p);
}

void ac_gru_layer_carry(ac_arena *arena, const ac_shared *shared, int32_t sequences, ac_gru_layer *layer) {
  layer->start = AC_TAKE(arena, ac_real, (int64_t)sequences * shared->padded);
}

void ac_gru_layer_read_embedding(const ac_room *room, const ac_shared *shared, int32_t embedding,
                                 const int32_t *symbols, ac_gru_layer *layer) {
  layer->embedding = embedding;
  layer->symbols = symbols;
  layer->products = AC_TAKE(room->weights, ac_real, (int64_t)AC_SYMBOLS * 3 * shared->padded);
  layer->known = AC_TAKE(room->weights, bool, AC_SYMBOLS);
  layer->place = AC_TAKE(room->training, int32_t, AC_SYMBOLS);
  layer->first = AC_TAKE(room->training, int32_t, AC_SYMBOLS);
}

/** Forgets the products of symbols. */
static void forget_products(ac_gru_layer *layer) {
  for (int i = 0; layer->symbols && i < AC_SYMBOLS; i++) {
    layer->known[i] = false;
  }
}

/** The input product of a symbol, [3P]. */
static const ac_real *symbol_product(const ac_shared *shared, ac_gru_layer *layer, int32_t symbol) {
  const int in = layer->inputs, p = shared->padded;
  ac_real *product = layer->products + (int64_t)symbol * 3 * p;
  if (!layer->known[symbol]) {
    const ac_real *x = ac_parameters_of(shared, layer->embedding) + (int64_t)symbol * in;
    ac_gemm(1, 3 * p, in, x, in, layer->ih_forward, layer->ih_bias, product, 3 * p);
    layer->known[symbol] = true;
  }
  return product;
}

static void pack_weight(const ac_shared *shared, int32_t tensor, int inputs, const int place[3], ac_real *forward,
                        ac_real *backward) {
  const int h = shared->hidden, p = shared->padded;
  for (int gate = 0; gate < 3; gate++) {
    const ac_real *w = ac_parameters_of(shared, tensor) + (int64_t)gate * h * inputs;
    ac_pack_transposed(w, h, inputs, forward, inputs, place[gate] * p);
    if (backward) {
      ac_pack(w, h, inputs, backward, 3 * p, place[gate] * p);
    }
  }
}

static void pack_bias(const ac_shared *shared, int32_t tensor, const int place[3], ac_real *bias) {
  for (int gate = 0; gate < 3; gate++) {
    ac_copy(shared->hidden, ac_parameters_of(shared, tensor) + gate * shared->hidden,
            bias + place[gate] * shared->padded);
  }
}

void ac_gru_layer_pack(const ac_shared *shared, ac_gru_layer *layer, bool backward) {
  pack_weight(shared, layer->weight_ih, layer->inputs, IH_PLACE, layer->ih_forward,
              backward ? layer->ih_backward : NULL);
  pack_weight(shared, layer->weight_hh, shared->hidden, HH_PLACE, layer->hh_forward,
              backward ? layer->hh_backward : NULL);
  pack_bias(shared, layer->bias_ih, IH_PLACE, layer->ih_bias);
  pack_bias(shared, layer->bias_hh, HH_PLACE, layer->hh_bias);
  forget_products(layer);
}

void ac_gru_layer_begin(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows, const ac_real *states,
                        int64_t stride) {
  const int32_t alive = rows->steps > 0 ? rows->count[0] : 0;
  for (int64_t r = 0; r < alive; r++) {
    ac_copy(shared->padded, states + rows->sequence[r] * stride, layer->start + r * shared->padded);
  }
}

void ac_gru_layer_end(const ac_shared *shared, const ac_gru_layer *layer, const ac_rows *rows, ac_real *states,
                      int64_t stride) {
  for (int64_t i = 0; i < rows->total; i++) {
    if (rows->after[i] < 0) {
      ac_copy(shared->padded, layer->hidden + i * shared->padded, states + rows->sequence[i] * stride);
    }
  }
}

/** Rows whose gates stay in the second-level cache while everything is done with them. */
#define CHUNK_ROWS 256

/** Time steps from `from` up to `to`, and their rows. */
typedef struct chunk {
  int from, to;
  int first, count;
} chunk;

/** Grows an empty chunk, forward from `from` or backward from `to`, to at least one time step. */
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
static void input_products(const ac_shared *shared, ac_gru_layer *layer, const chunk *c, const ac_real *x) {
  const int p = shared->padded;
  ac_real *gates = layer->gates + (int64_t)c->first * 4 * p;
  if (layer->symbols) {
    for (int64_t r = 0; r < c->count; r++) {
      ac_copy(3 * p, symbol_product(shared, layer, layer->symbols[c->first + r]), gates + r * 4 * p);
    }
  } else {
    ac_gemm(c->count, 3 * p, layer->inputs, x + (int64_t)c->first * layer->in, layer->in, layer->ih_forward,
            layer->ih_bias, gates, 4 * p);
  }
}

/** The recurrent products and gates of a time step. */
static void step_forward(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows, int t) {
  const int h = shared->hidden, p = shared->padded;
  ac_real *gates = layer->gates, *hidden = layer->hidden;
  const int64_t first = rows->first[t], count = rows->count[t];
  const ac_real *before = t ? hidden + (int64_t)rows->first[t - 1] * p : layer->start;
  if (before) {
    ac_gemm((int)count, 3 * p, h, before, p, layer->hh_forward, layer->hh_bias, shared->recurrent, 3 * p);
  }
  for (int64_t r = 0; r < count; r++) {
    ac_gates_forward(p, gates + (first + r) * 4 * p, before ? shared->recurrent + r * 3 * p : layer->hh_bias,
                     before ? before + r * p : NULL, hidden + (first + r) * p);
  }
}

/** Input products of many rows at once, then the recurrent ones a time step. */
void ac_gru_layer_forward(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows, const ac_real *x) {
  for (chunk c = {0}; c.to < rows->steps; c.from = c.to) {
    fill_chunk(rows, false, &c);
    input_products(shared, layer, &c, x);
    for (int t = c.from; t < c.to; t++) {
      step_forward(shared, layer, rows, t);
    }
  }
}

/** Gradients of the input weight [3H][I] and its bias from `rows` rows of gate gradients; see ac_gemm_gradient. */
static void input_gradient(const ac_shared *shared, const ac_gru_layer *layer, int rows, const ac_real *gates, int ld,
                           const ac_real *x, const int32_t *index) {
  const int h = shared->hidden, p = shared->padded, in = layer->inputs;
  for (int gate = 0; gate < 3; gate++) {
    const ac_real *part = gates + IH_PLACE[gate] * p;
    ac_gemm_gradient(rows, part, ld, h, x, index, layer->in, in,
                     ac_gradients_of(shared, layer->weight_ih) + (int64_t)gate * h * in, shared->scratch);
    ac_add_columns(rows, h, part, ld, ac_gradients_of(shared, layer->bias_ih) + gate * h);
  }
}

/** Likewise of the recurrent weight, from the gate gradients of a chunk. */
static void recurrent_gradient(const ac_shared *shared, const ac_gru_layer *layer, const ac_rows *rows,
                               const chunk *c) {
  const int h = shared->hidden, p = shared->padded;
  /* Rows of step 0 have no row before them. */
  const int first = c->from == 0 ? rows->count[0] : c->first, end = c->first + c->count;
  for (int gate = 0; gate < 3; gate++) {
    const ac_real *part = layer->gates + (HH_PLACE[gate] + 1) * p;
    ac_real *gradient = ac_gradients_of(shared, layer->weight_hh) + (int64_t)gate * h * h;
    ac_gemm_gradient(end - first, part + (int64_t)first * 4 * p, 4 * p, h, layer->hidden, rows->before + first, p, h,
                     gradient, shared->scratch);
    if (c->from == 0 && layer->start) {
      ac_gemm_gradient(first, part, 4 * p, h, layer->start, NULL, p, h, gradient, shared->scratch);
    }
    ac_add_columns(c->count, h, part + (int64_t)c->first * 4 * p, 4 * p,
                   ac_gradients_of(shared, layer->bias_hh) + gate * h);
  }
}

/** Sums the gate gradients of each symbol, in place of its product; returns the number of symbols. */
static int sum_symbols(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows) {
  const int64_t p = shared->padded;
  int count = 0;
  forget_products(layer);
  for (int64_t r = 0; r < rows->total; r++) {
    const int32_t symbol = layer->symbols[r];
    const ac_real *gates = layer->gates + r * 4 * p;
    if (layer->known[symbol]) {
      ac_add_to(3 * p, gates, layer->products + layer->place[symbol] * 3 * p);
    } else {
      layer->known[symbol] = true;
      layer->place[symbol] = count;
      layer->first[count] = (int32_t)r;
      ac_copy(3 * p, gates, layer->products + count++ * 3 * p);
    }
  }
  forget_products(layer);
  return count;
}

/** Gradients of the first layer's input weights and of the embedding that it reads. `work` [N][P]. */
static void embedding_gradient(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows, const ac_real *x,
                               ac_real *work) {
  const int in = layer->inputs, p = shared->padded, ld = layer->in;
  const int count = sum_symbols(shared, layer, rows);
  input_gradient(shared, layer, count, layer->products, 3 * p, x, layer->first);
  ac_zero((int64_t)count * ld, work);
  ac_gemm(count, ld, 3 * p, layer->products, 3 * p, layer->ih_backward, NULL, work, ld);
  for (int64_t i = 0; i < count; i++) {
    ac_add_columns(1, in, work + i * ld, ld,
                   ac_gradients_of(shared, layer->embedding) + (int64_t)layer->symbols[layer->first[i]] * in);
  }
}

/** A time step backward: gate gradients, and what goes to the step before. */
static void step_backward(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows, int t, ac_real *dy) {
  const int p = shared->padded;
  ac_real *gates = layer->gates + (int64_t)rows->first[t] * 4 * p;
  const int64_t first = rows->first[t], count = rows->count[t], previous = t ? rows->first[t - 1] : 0;
  const ac_real *before = t ? layer->hidden + previous * p : layer->start;
  for (int64_t r = 0; r < count; r++) {
    ac_gates_backward(p, gates + r * 4 * p, before ? before + r * p : NULL, dy + (first + r) * p,
                      t ? dy + (previous + r) * p : NULL);
  }
  if (t) {
    ac_gemm((int)count, p, 3 * p, gates + p, 4 * p, layer->hh_backward, NULL, dy + previous * p, p);
  }
}

/* Back through time; the gates become the gradients of the pre-activations. */
void ac_gru_layer_backward(const ac_shared *shared, ac_gru_layer *layer, const ac_rows *rows, const ac_real *x,
                           ac_real *dy, ac_real *dx) {
  const int p = shared->padded;
  for (chunk c = {.from = rows->steps, .to = rows->steps}; c.from > 0; c.to = c.from) {
    fill_chunk(rows, true, &c);
    for (int t = c.to - 1; t >= c.from; t--) {
      step_backward(shared, layer, rows, t, dy);
    }
    recurrent_gradient(shared, layer, rows, &c);
    if (!layer->symbols) {
      const int64_t first = c.first;
      const ac_real *gates = layer->gates + first * 4 * p;
      input_gradient(shared, layer, c.count, gates, 4 * p, x + first * layer->in, NULL);
      ac_gemm(c.count, layer->in, 3 * p, gates, 4 * p, layer->ih_backward, NULL, dx + first * layer->in, layer->in);
    }
  }
  if (layer->symbols) {
    embedding_gradient(shared, layer, rows, x, dy);
  }
}

static void input_step(const ac_shared *shared, const ac_gru_layer *layer, const ac_real *x, ac_real *work) {
  ac_gemm(1, 3 * shared->padded, layer->inputs, x, layer->in, layer->ih_forward, layer->ih_bias, work,
          4 * shared->padded);
}

/** A step from its input products, which stand in the gates of `work`. */
static void finish_step(const ac_shared *shared, const ac_gru_layer *layer, ac_real *state, ac_real *work) {
  const int h = shared->hidden, p = shared->padded;
  ac_gemm(1, 3 * p, h, state, p, layer->hh_forward, layer->hh_bias, work + 4 * p, 3 * p);
  ac_gates_forward(p, work, work + 4 * p, state, state);
}

void ac_gru_layer_step(const ac_shared *shared, const ac_gru_layer *layer, const ac_real *x, ac_real *state,
                       ac_real *work) {
  input_step(shared, layer, x, work);
  finish_step(shared, layer, state, work);
}

void ac_gru_layer_step_symbol(const ac_shared *shared, ac_gru_layer *layer, int32_t symbol, ac_real *state,
                              ac_real *work) {
  ac_copy(3 * shared->padded, symbol_product(shared, layer, symbol), work);
  finish_step(shared, layer, state, work);
}
