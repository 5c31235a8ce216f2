#include "mix.h"

#include <stddef.h>

#include "kernels/math.h"
#include "kernels/vector.h"

void ac_stretch_fill(ac_real *table) {
  for (int i = 0; i < AC_STRETCH; i++) {
    table[i] = (ac_real)ac_log((i + 0.5) / (AC_STRETCH - i - 0.5));
  }
}

void ac_mix_layout(ac_arena *arena, ac_mix_layer *layer) {
  layer->padded = (layer->inputs + AC_LANES - 1) / AC_LANES * AC_LANES;
  for (int s = 0; s < layer->sets; s++) {
    layer->weights[s] = AC_TAKE(arena, ac_real, (int64_t)layer->size[s] * layer->padded);
  }
}

void ac_mix_fill(ac_mix_layer *layer, const ac_real *row) {
  for (int s = 0; s < layer->sets; s++) {
    ac_real *w = layer->weights[s];
    for (int32_t c = 0; c < layer->size[s]; c++, w += layer->padded) {
      ac_copy(layer->inputs, row, w);
      ac_zero(layer->padded - layer->inputs, w + layer->inputs);
    }
  }
  ac_zero(AC_MIX_SETS, layer->odds);
}

/** Σ w·x in two running sums of four lanes: the order is the contract. */
AC_INLINE ac_real dot(int32_t n, const ac_real *w, const ac_real *x) {
  ac_v4 a = ac_splat(0), b = ac_splat(0);
  int32_t i = 0;
  for (; i + 2 * AC_LANES <= n; i += 2 * AC_LANES) {
    a = ac_multiply_add(a, ac_load(w + i), ac_load(x + i));
    b = ac_multiply_add(b, ac_load(w + i + AC_LANES), ac_load(x + i + AC_LANES));
  }
  for (; i < n; i += AC_LANES) {
    a = ac_multiply_add(a, ac_load(w + i), ac_load(x + i));
  }
  return ac_sum_lanes(ac_add(a, b));
}

void ac_mix_predict(ac_mix_layer *layer, const ac_real *inputs) {
  const ac_v4 limit = ac_splat((ac_real)AC_MIX_LIMIT), under = ac_splat(-(ac_real)AC_MIX_LIMIT);
  for (int s = 0; s < layer->sets; s++) {
    const ac_real *w = layer->weights[s] + (int64_t)layer->chosen[s] * layer->padded;
    layer->odds[s] = dot(layer->padded, w, inputs);
  }
  for (int s = 0; s < layer->sets; s += AC_LANES) {
    const ac_v4 odds = ac_max(under, ac_min(limit, ac_load(layer->odds + s)));
    ac_store(layer->odds + s, odds);
    ac_store(layer->p + s, ac_sigmoid(odds));
  }
}

void ac_mix_learn(ac_mix_layer *layer, const ac_real *inputs, int bit, ac_real rate) {
  for (int s = 0; s < layer->sets; s++) {
    ac_real *w = layer->weights[s] + (int64_t)layer->chosen[s] * layer->padded;
    const ac_v4 change = ac_splat(rate * ((ac_real)bit - layer->p[s]));
    for (int32_t i = 0; i < layer->padded; i += AC_LANES) {
      ac_store(w + i, ac_multiply_add(ac_load(w + i), change, ac_load(inputs + i)));
    }
  }
}

/** The point of even odds, and log-odds between two points. */
enum { MIDDLE = AC_MAP_POINTS / 2 };
#define MAP_STEP 0.5f

void ac_map_layout(ac_arena *arena, ac_map *map, int32_t contexts) {
  map->contexts = contexts;
  map->points = AC_TAKE(arena, uint16_t, (int64_t)contexts * AC_MAP_POINTS);
  if (map->points == NULL) {
    return;
  }
  for (int i = 0; i < AC_MAP_POINTS; i++) {
    const double p = ac_logistic((i - MIDDLE) * (double)MAP_STEP);
    for (int32_t c = 0; c < contexts; c++) {
      map->points[c * AC_MAP_POINTS + i] = (uint16_t)(65535.0 * p);
    }
  }
  map->at = map->points;
  map->share = 0;
}

ac_real ac_map_predict(ac_map *map, int32_t context, ac_real odds) {
  ac_real place = odds * (ac_real)(1 / MAP_STEP) + MIDDLE;
  place = place < 0 ? 0 : place;
  place = place > (ac_real)(AC_MAP_POINTS - 1.001) ? (ac_real)(AC_MAP_POINTS - 1.001) : place;
  const int32_t below = (int32_t)place;
  map->at = map->points + (int64_t)context * AC_MAP_POINTS + below;
  map->share = place - (ac_real)below;
  return ((ac_real)map->at[0] * (1 - map->share) + (ac_real)map->at[1] * map->share) * (ac_real)(1.0 / 65536);
}

void ac_map_learn(ac_map *map, int bit) {
  const ac_real target = bit ? 65535 : 0;
  const ac_real rate = (ac_real)0.02;
  const ac_real shares[2] = {1 - map->share, map->share};
  for (int i = 0; i < 2; i++) {
    const ac_real from = map->at[i];
    map->at[i] = (uint16_t)(from + rate * shares[i] * (target - from) + (ac_real)0.5);
  }
}
