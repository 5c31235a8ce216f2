/* The adaptive model: encoders upward, borders between levels, decoders back down. */
#include "adaptive.h"

#include "decoder_input.h"
#include "kernels/gemm.h"
#include "kernels/vector.h"
#include "model_parts.h"

/** No entropy over the symbols exceeds ln 257 = 5.5492, but for rounding. */
static const double MOST_ENTROPY = 5.56;

int64_t ac_adaptive_parameters(int64_t h, int64_t levels) {
  const int64_t embedding = AC_SYMBOLS * h, head = AC_SYMBOLS * h + AC_SYMBOLS;
  const int64_t above = h * h + h /* predictor */ + h + 1 /* uncertainty */ + h * h + h /* projection */ + h /* EOS */;
  return embedding + 2 * head + levels * ac_gru_parameters(h) + (levels - 1) * (above + ac_gru_parameters(h));
}

static const char *const ENCODER_GRU[8] = AC_GRU_NAMES(".gru");
static const char *const DECODER_GRU[8] = AC_GRU_NAMES(".gru.gru");

static void add_tensors(const ac_config *c, ac_tensor_builder *b) {
  const int32_t h = c->hidden_size;
  const int levels = c->num_levels;
  ac_tensor_table *t = b->table;
  b->rate = ac_config_level(c, 0).learning_rate_factor;
  t->embedding = ac_add_tensor(b, "byte_embedding.weight", -1, "", AC_SYMBOLS, h, AC_START_NORMAL);
  for (int l = 0; l < levels; l++) {
    b->rate = ac_config_level(c, l).learning_rate_factor;
    t->encoder[l] = ac_add_gru(b, "encoder_blocks.", l, ENCODER_GRU, h);
  }
  for (int l = 0; l < levels - 1; l++) {
    b->rate = ac_config_level(c, l + 1).learning_rate_factor;
    t->predictor[l] = ac_add_linear(b, "meta_predictors.", l, ".weight", ".bias", h, h);
  }
  for (int l = 0; l < levels - 1; l++) {
    b->rate = ac_config_level(c, l + 1).learning_rate_factor;
    t->uncertainty[l] = ac_add_linear(b, "meta_uncertainty_heads.", l, ".weight", ".bias", 1, h);
  }
  for (int l = 0; l < levels - 1; l++) {
    b->reach = l;
    b->rate = ac_config_level(c, l).learning_rate_factor;
    t->projection[l] =
        ac_add_linear(b, "decoder_blocks.", l, ".parent_projection.weight", ".parent_projection.bias", h, h);
    t->decoder[l] = ac_add_gru(b, "decoder_blocks.", l, DECODER_GRU, h);
  }
  b->reach = 0;
  b->rate = ac_config_level(c, 0).learning_rate_factor;
  t->encoder_head = ac_add_linear(b, "byte_encoder_head", -1, ".weight", ".bias", AC_SYMBOLS, h);
  t->decoder_head = ac_add_linear(b, "byte_decoder_head", -1, ".weight", ".bias", AC_SYMBOLS, h);
  for (int l = 0; l < levels - 1; l++) {
    b->rate = ac_config_level(c, l + 1).learning_rate_factor;
    t->meta_eos[l] = ac_add_tensor(b, "meta_eos_embeddings.", l, "", h, 0, AC_START_SMALL_NORMAL);
  }
}

/** All states have one width, blocks have two layers, and thresholds stay where they are. */
static ac_status check(const ac_config *config) {
  for (int32_t l = 0; l < config->num_levels; l++) {
    const ac_level_config level = ac_config_level(config, l);
    if (level.width != config->hidden_size || level.blocks != 0 || level.target_rate != 0) {
      return AC_BAD_SETTING;
    }
  }
  return AC_OK;
}

/** The most positions that the next level can have in a sequence of `positions` positions at `level`. */
static int32_t most_borders(const ac_config *c, int level, int32_t positions) {
  const ac_level_config own = ac_config_level(c, level);
  return ac_rule_most(ac_rule_at(own.rule), positions, (double)own.threshold,
                      level ? (double)__builtin_inff() : MOST_ENTROPY);
}

static void layout(const ac_room *room, ac_model *m) {
  m->memory_width = ac_adaptive_memory(m);
  const int levels = m->config.num_levels, top = levels - 1;
  const int64_t p = m->shared.padded;
  const ac_tensor_table *t = &m->table;
  const bool dropout = m->config.dropout > 0;
  int32_t steps = m->config.sequence_length;
  for (int l = 0; l < levels; l++) {
    ac_level *level = &m->level[l];
    level->room = (int64_t)m->sequences * steps;
    ac_rows_layout(room->work, m->sequences, steps, level->room, &level->rows);
    ac_gru_layout(room, &m->shared, &t->encoder[l], l, level->room, dropout, &level->encoder);
    level->symbol = l ? AC_TAKE(room->work, int32_t, level->room) : m->symbols;
    if (l == 0) {
      ac_gru_read_embedding(room, &m->shared, t->embedding, m->symbols, &level->encoder);
    } else {
      level->mark = AC_TAKE(room->work, uint8_t, level->room);
    }
    level->x = AC_TAKE(room->work, ac_real, level->room * p);
    level->dx = AC_TAKE(room->training, ac_real, level->room * p);
    level->dhidden = AC_TAKE(room->training, ac_real, level->room * p);
    if (l > 0) {
      level->ddecoder = l == top ? level->dhidden : AC_TAKE(room->training, ac_real, level->room * p);
      ac_meta_layout(room, &m->shared, &t->predictor[l - 1], &t->uncertainty[l - 1], t->meta_eos[l - 1], level->room,
                     &level->meta);
    } else {
      level->ddecoder = AC_TAKE(room->training, ac_real, level->room * p);
    }
    if (l < top) {
      ac_gru_layout(room, &m->shared, &t->decoder[l], AC_MAX_LEVELS + l, level->room, dropout, &level->decoder);
      ac_linear_layout(room, &m->shared, &t->projection[l], m->shared.hidden, &level->projection);
      level->decoder_x = AC_TAKE(room->work, ac_real, level->room * p);
      const int64_t lower = level->room;
      steps = most_borders(&m->config, l, steps);
      ac_links_layout(room->work, lower, (int64_t)m->sequences * steps, &level->links);
      level->projected = AC_TAKE(room->work, ac_real, ((int64_t)m->sequences * steps + 1) * p);
    }
  }
  ac_head_layout(room, &m->shared, &t->encoder_head, &m->encoder_head);
  ac_head_layout(room, &m->shared, &t->decoder_head, &m->decoder_head);
}

static void pack(ac_model *m, bool backward) {
  const int levels = m->config.num_levels;
  for (int l = 0; l < levels; l++) {
    ac_gru_pack(&m->shared, &m->level[l].encoder, backward);
    if (l > 0) {
      ac_meta_pack(&m->shared, &m->level[l].meta, backward);
    }
    if (l < levels - 1) {
      ac_gru_pack(&m->shared, &m->level[l].decoder, backward);
      ac_linear_pack(&m->shared, &m->level[l].projection, backward);
    }
  }
  ac_linear_pack(&m->shared, &m->encoder_head.linear, backward);
  ac_linear_pack(&m->shared, &m->decoder_head.linear, backward);
}

/** Marks the borders of a level below the top by its rule. */
static void find_borders(const ac_model *m, int l) {
  const ac_level *level = &m->level[l];
  const ac_level_config own = ac_config_level(&m->config, l);
  ac_border_inputs inputs = {.level = l, .threshold = (ac_real)own.threshold, .seed = m->config.seed};
  inputs.symbol = level->symbol;
  inputs.mark = level->mark;
  inputs.score = l ? level->meta.score : m->entropy;
  if (l) {
    inputs.error = level->meta.error;
  } else {
    inputs.best = m->best;
    inputs.target = m->targets;
  }
  ac_borders_mark(&level->rows, ac_rule_at(own.rule), &inputs, level->links.mask);
}

/** The encoder's prediction of the next byte, with the entropies that borders of level 0 come from. */
static double run_encoder_head(ac_model *m, bool training, const ac_outputs *outputs, const ac_real *hidden,
                               ac_real *gradient) {
  const ac_config *c = &m->config;
  ac_head_pass pass = ac_model_encoder_pass(m, training, outputs);
  pass.hidden = hidden;
  pass.gradient = gradient;
  pass.floor = c->entropy_floor;
  pass.floor_weight = (ac_real)((double)c->entropy_reg_weight / ac_model_batch_bytes(m));
  pass.entropy = m->entropy;
  pass.best = m->best;
  return ac_head_run(&m->shared, &m->encoder_head, &pass, &m->sums.entropy_floor);
}

/** Encoders from the bytes up; each level's borders make the next level's rows. */
static void encode(ac_model *m, bool training, const ac_outputs *outputs) {
  const int levels = m->config.num_levels;
  const int64_t p = m->shared.padded;
  ac_embed(m, m->level[0].x);
  for (int l = 0; l < levels; l++) {
    ac_level *level = &m->level[l];
    ac_gru_forward(&m->shared, &level->encoder, &level->rows, level->x, training);
    const ac_real *hidden = level->encoder.hidden[1];
    if (l == 0) {
      m->sums.encoder = run_encoder_head(m, training, outputs, hidden, level->dhidden);
    } else {
      ac_meta_forward(&m->shared, &level->meta, &level->rows, hidden, level->x);
      m->sums.squared[l] = level->meta.squared;
      m->sums.distance[l] = level->meta.distance;
    }
    m->sums.tokens[l] = level->rows.total;
    if (l < levels - 1) {
      ac_level *above = &m->level[l + 1];
      find_borders(m, l);
      m->sums.conditioned[l] = (double)ac_links_build(&level->rows, &level->links, &above->rows, m->lengths);
      for (int64_t i = 0; i < above->rows.total; i++) {
        ac_copy(p, hidden + level->links.source[i] * p, above->x + i * p);
        above->symbol[i] = level->symbol[level->links.source[i]];
        above->mark[i] = level->mark[level->links.source[i]];
      }
    }
  }
}

/** The output of a level's decoder; at the top, of its encoder. */
static const ac_real *decoded(const ac_model *m, int l) {
  const ac_level *level = &m->level[l];
  return l == m->config.num_levels - 1 ? level->encoder.hidden[1] : level->decoder.hidden[1];
}

/** Decoders from the top down: each reads its level's inputs plus what the parents project. */
static void decode(ac_model *m, bool training) {
  const int64_t p = m->shared.padded;
  for (int l = m->config.num_levels - 2; l >= 0; l--) {
    ac_level *level = &m->level[l];
    const int64_t above = m->level[l + 1].rows.total;
    /* Many positions have the same parent, or none. */
    ac_linear_forward(&m->shared, &level->projection, (int)above, decoded(m, l + 1), level->projected);
    ac_linear_forward(&m->shared, &level->projection, 1, m->shared.zeros, level->projected + above * p);
    for (int64_t i = 0; i < level->rows.total; i++) {
      const int64_t parent = level->links.parent[i];
      ac_decoder_input(p, level->x + i * p, level->projected + (parent >= 0 ? parent : above) * p,
                       level->decoder_x + i * p);
    }
    ac_gru_forward(&m->shared, &level->decoder, &level->rows, level->decoder_x, training);
  }
}

static void forward(ac_model *m, bool training, const ac_outputs *outputs) {
  encode(m, training, outputs);
  decode(m, training);
  ac_head_pass pass = ac_model_head_pass(m, training, (double)m->config.decoder_loss_weight);
  pass.hidden = decoded(m, 0);
  pass.gradient = m->level[0].ddecoder;
  if (outputs) {
    pass.out = outputs->decoder_logits;
    pass.out_from = outputs->from;
  }
  m->sums.decoder = ac_head_run(&m->shared, &m->decoder_head, &pass, NULL);
}

/** Decoders from the bytes up: gradients of the inputs, and of the parents' states above. */
static void decode_backward(ac_model *m) {
  const int64_t p = m->shared.padded;
  for (int l = 0; l < m->config.num_levels - 1; l++) {
    ac_level *level = &m->level[l], *above = &m->level[l + 1];
    const int64_t n = level->rows.total;
    ac_gru_backward(&m->shared, &level->decoder, &level->rows, level->decoder_x, level->ddecoder, level->dx);
    ac_real *bias = ac_gradients_of(&m->shared, level->projection.tensors.bias);
    ac_zero(above->rows.total * p, level->projected);
    for (int64_t i = 0; i < n; i++) {
      const int64_t parent = level->links.parent[i];
      if (parent >= 0) {
        ac_decoder_input_backward(p, level->dx + i * p, level->projected + parent * p);
      } else {
        ac_add_columns(1, m->shared.hidden, level->dx + i * p, (int)p, bias);
      }
    }
    ac_linear_backward(&m->shared, &level->projection, above->rows.total, decoded(m, l + 1), level->projected,
                       above->ddecoder);
  }
}

/**
 * Encoders from the top down: gradients of the inputs go to the border states below, and at the bottom to the embedding
 * (the decoder's share here; the encoder, which reads the embedding, adds its own).
 */
static void encode_backward(ac_model *m) {
  const ac_config *c = &m->config;
  const int64_t p = m->shared.padded;
  for (int l = c->num_levels - 1; l >= 0; l--) {
    ac_level *level = &m->level[l];
    if (l > 0) {
      const double means = (double)(c->num_levels - 1) * m->total.tokens[l];
      ac_meta_backward(&m->shared, &level->meta, &level->rows, (ac_real)((double)c->meta_loss_weight / means),
                       (ac_real)((double)c->uncertainty_loss_weight / means), level->encoder.hidden[1], level->dhidden,
                       level->dx);
    }
    ac_gru_backward(&m->shared, &level->encoder, &level->rows, level->x, level->dhidden, level->dx);
    if (l > 0) {
      ac_level *below = &m->level[l - 1];
      for (int64_t i = 0; i < level->rows.total; i++) {
        ac_add_to(p, level->dx + i * p, below->dhidden + below->links.source[i] * p);
      }
    }
  }
  ac_embed_backward(m, m->level[0].dx);
}

static void backward(ac_model *m) {
  const int levels = m->config.num_levels;
  const int64_t p = m->shared.padded;
  for (int l = 0; l < levels; l++) {
    ac_level *level = &m->level[l];
    ac_zero(level->rows.total * p, level->dx);
    if (l > 0) {
      ac_zero(level->rows.total * p, level->dhidden);
      if (level->ddecoder != level->dhidden) {
        ac_zero(level->rows.total * p, level->ddecoder);
      }
    }
  }
  if (levels == 1) {
    /* The decoder head reads the encoder's states. */
    ac_add_to(m->level[0].rows.total * p, m->level[0].ddecoder, m->level[0].dhidden);
  }
  decode_backward(m);
  encode_backward(m);
}

static void losses(const ac_config *c, const ac_sums *sums, ac_losses *out) {
  out->byte_encoder = sums->encoder / sums->bytes;
  out->byte_decoder = sums->decoder / sums->bytes;
  out->entropy_reg = c->entropy_floor > 0 ? sums->entropy_floor / sums->bytes : 0;
  const int above = c->num_levels - 1;
  for (int l = 1; l <= above; l++) {
    out->meta += sums->squared[l] / sums->tokens[l] / above;
    out->uncertainty += sums->distance[l] / sums->tokens[l] / above;
    out->borders[l - 1] = sums->tokens[l] / sums->sequences;
  }
  out->total = (double)c->encoder_loss_weight * out->byte_encoder + (double)c->decoder_loss_weight * out->byte_decoder +
               (double)c->meta_loss_weight * out->meta + (double)c->uncertainty_loss_weight * out->uncertainty +
               (double)c->entropy_reg_weight * out->entropy_reg;
}

const ac_kind ac_adaptive_kind = {
    .model_type = AC_ADAPTIVE,
    .wiring = AC_MIRROR,
    .hierarchy = true,
    .check = check,
    .tensors = add_tensors,
    .layout = layout,
    .pack = pack,
    .forward = forward,
    .backward = backward,
    .losses = losses,
    .stream_layout = ac_adaptive_stream_layout,
    .stream_derive = ac_adaptive_stream_derive,
    .stream_feed = ac_adaptive_stream_feed,
    .stream_state = ac_adaptive_stream_state,
};
