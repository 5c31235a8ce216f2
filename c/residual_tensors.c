/* The tensors of the residual stream, in the order of the table. */
#include "kernels/math.h"
#include "residual_parts.h"

static const char *const LAYER[4] = {".weight_ih_l0", ".weight_hh_l0", ".bias_ih_l0", ".bias_hh_l0"};

static ac_gru_tensors add_layer(ac_tensor_builder *b, const char *prefix, int number, int32_t inputs, int32_t h) {
  ac_gru_tensors g = {{0}, {0}, {0}, {0}};
  g.weight_ih[0] = ac_add_tensor(b, prefix, number, LAYER[0], 3 * h, inputs, AC_START_UNIFORM);
  g.weight_hh[0] = ac_add_tensor(b, prefix, number, LAYER[1], 3 * h, h, AC_START_UNIFORM);
  g.bias_ih[0] = ac_add_tensor(b, prefix, number, LAYER[2], 3 * h, 0, AC_START_UNIFORM);
  g.bias_hh[0] = ac_add_tensor(b, prefix, number, LAYER[3], 3 * h, 0, AC_START_UNIFORM);
  return g;
}

/** Encoder and blocks of a level. */
static void add_level(const ac_config *c, ac_tensor_builder *b, int l) {
  char encoder[] = "levels.0.encoder", block[] = "levels.0.blocks.";
  encoder[7] = block[7] = (char)('0' + l);
  ac_stage_tensors *stage = &b->table->stage[l];
  const int32_t h = ac_config_level(c, l).width, inputs = l ? ac_config_level(c, l - 1).width : h;
  b->bound = 1 / ac_sqrt_scalar((double)h);
  stage->encoder = add_layer(b, encoder, -1, inputs, h);
  for (int k = 0; k < ac_residual_blocks_of(c, l); k++) {
    stage->block[k] = add_layer(b, block, k, h, h);
  }
}

/**
 * What a level below the top scores its positions with, and the projection of its parents. The rates of that and of an
 * uncertainty head are small.
 */
static void add_border(const ac_config *c, ac_tensor_builder *b, int l) {
  char head[] = "levels.0.uncertainty_head", projection[] = "levels.0.parent_projection";
  head[7] = projection[7] = (char)('0' + l);
  ac_stage_tensors *stage = &b->table->stage[l];
  const int32_t h = ac_config_level(c, l).width, above = ac_config_level(c, l + 1).width;
  b->bound = 1 / ac_sqrt_scalar((double)h);
  if (l < ac_residual_first_uncertain(c)) {
    b->table->encoder_head = ac_add_linear(b, "byte_encoder_head", -1, ".weight", ".bias", AC_SYMBOLS, h);
  } else {
    b->rate = 0.3F;
    stage->uncertainty = ac_add_linear(b, head, -1, ".weight", ".bias", 1, h);
  }
  b->bound = 0.1 / ac_sqrt_scalar((double)above);
  b->rate = 0.1F;
  stage->projection = (ac_linear_tensors){.bias = -1};
  stage->projection.weight = ac_add_tensor(b, projection, -1, ".weight", h, above, AC_START_UNIFORM);
}

/* Level 0 first, so that a flat model of its size starts from the same numbers. */
void ac_residual_tensors(const ac_config *c, ac_tensor_builder *b) {
  ac_tensor_table *t = b->table;
  const int32_t h = ac_config_level(c, 0).width;
  for (int l = 0; l <= ac_residual_top_of(c); l++) {
    const float factor = c->level[l].learning_rate_factor;
    b->rate = factor >= 0 ? factor : l > 0 ? 0.2F : 1;
    b->reach = l;
    if (l == 0) {
      t->embedding = ac_add_tensor(b, "byte_embedding.weight", -1, "", AC_SYMBOLS, h, AC_START_NORMAL);
    }
    add_level(c, b, l);
    if (l == 0) {
      t->decoder_head = ac_add_linear(b, "byte_head", -1, ".weight", ".bias", AC_SYMBOLS, h);
    }
    if (l < ac_residual_top_of(c)) {
      add_border(c, b, l);
    }
  }
  ac_ngrams_tensors(c, b);
}
