/**
 * Logistic mixing of predictions of a bit (Mahoney, "Adaptive weighing of context models for lossless data compression",
 * 2005): predictions enter as log-odds (“stretched”, in nats), a set of weights for each of several small contexts adds
 * them up, and the sets' answers are mixed once more. The weights are learned on the way, by the gradient of the bit's cost.
 * Everything is plain floating point in a fixed order.
 */
#ifndef AC_MIX_H
#define AC_MIX_H

#include "arena.h"
#include "kernels/simd.h"

/** Most sets of weights in a layer. */
#define AC_MIX_SETS 8

/** Log-odds are kept within ±this. */
#define AC_MIX_LIMIT 11.9f

/** Numbers of a table that turns a probability of 2⁻¹² into log-odds. */
#define AC_STRETCH 4096

/** `table` [AC_STRETCH] = ln((i + ½) / (AC_STRETCH − i − ½)). */
void ac_stretch_fill(ac_real *table);

/** One layer: for each set a row of weights for each value of its context. */
typedef struct ac_mix_layer {
  int32_t sets, inputs, padded; /* padded: the stride of a row */
  int32_t size[AC_MIX_SETS];    /* values of each set's context */
  ac_real *weights[AC_MIX_SETS];
  int32_t chosen[AC_MIX_SETS]; /* the contexts' values at this bit */
  ac_real odds[AC_MIX_SETS];   /* log-odds that each set came to; 0 beyond the sets */
  ac_real p[AC_MIX_SETS];      /* and as probabilities */
} ac_mix_layer;

/** Takes the weights of a layer, whose sets, inputs and sizes are filled in, from an arena. */
void ac_mix_layout(ac_arena *arena, ac_mix_layer *layer);

/** Sets each row of weights to `row` [inputs]. */
void ac_mix_fill(ac_mix_layer *layer, const ac_real *row);

/** Mixes `inputs` [padded], by the contexts in `chosen`, to `odds` and `p`. */
void ac_mix_predict(ac_mix_layer *layer, const ac_real *inputs);

/** Learns from the bit that came: weights += rate · (bit − p) · `inputs` [padded]. */
void ac_mix_learn(ac_mix_layer *layer, const ac_real *inputs, int bit, ac_real rate);

/** Adaptive maps from a probability and a context to a better probability, between fixed points (“SSE”). */
#define AC_MAP_POINTS 33

typedef struct ac_map {
  int32_t contexts;
  uint16_t *points; /* [contexts][AC_MAP_POINTS], of 2⁻¹⁶ */
  uint16_t *at;     /* the two points between which the latest answer lay */
  ac_real share;    /* of the upper one */
} ac_map;

/** Takes a map's points from an arena and, unless that only counts, makes each row the identity. */
void ac_map_layout(ac_arena *arena, ac_map *map, int32_t contexts);

/** The probability that the map has for log-odds in a context. */
ac_real ac_map_predict(ac_map *map, int32_t context, ac_real odds);

/** Moves the two points towards the bit that came. */
void ac_map_learn(ac_map *map, int bit);

#endif
