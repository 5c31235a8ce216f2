/* The baseline: x = embedding; x = x + block_k(x) for each block; logits from x. */
#include "baseline.h"

#include "adaptive.h"
#include "kernels/vector.h"
#include "model_parts.h"
#include "stream_parts.h"

static int64_t baseline_parameters(int64_t h, int64_t blocks) {
  return AC_SYMBOLS * h + AC_SYMBOLS * h + AC_SYMBOLS + blocks * ac_gru_parameters(h);
}

/** The most blocks that keep the baseline no larger than the adaptive model. */
static int32_t baseline_blocks(int64_t h, int32_t levels) {
  int32_t blocks = 1;
  while (blocks < 8 * levels && baseline_parameters(h, blocks + 1) <= ac_adaptive_parameters(h, levels)) {
    blocks++;
  }
  return blocks;
}

static const char *const BLOCK_GRU[8] = AC_GRU_NAMES(".gru_block.gru");

static void add_tensors(const ac_config *config, ac_tensor_builder *b) {
  const int32_t h = config->hidden_size, levels = config->num_levels;
  ac_tensor_table *t = b->table;
  t->blocks = baseline_blocks(h, levels);
  b->reach = -1;
  const int64_t pad = ac_adaptive_parameters(h, levels) - baseline_parameters(h, t->blocks);
  ac_add_tensor(b, "parameter_match_pad", -1, "", (int32_t)pad, 0, AC_START_ZERO);
  b->reach = 0;
  t->embedding = ac_add_tensor(b, "byte_embedding.weight", -1, "", AC_SYMBOLS, h, AC_START_NORMAL);
  for (int k = 0; k < t->blocks; k++) {
    t->block[k] = ac_add_gru(b, "blocks.", k, BLOCK_GRU, h);
  }
  t->decoder_head = ac_add_linear(b, "byte_head", -1, ".weight", ".bias", AC_SYMBOLS, h);
}

static void layout(const ac_room *room, ac_model *m) {
  const int64_t p = m->shared.padded;
  /* A stream remembers the states of the blocks, [K][2][P]. */
  m->memory_width = m->table.blocks * 2 * p;
  ac_level *level = &m->level[0];
  level->room = (int64_t)m->sequences * m->config.sequence_length;
  ac_rows_layout(room->work, m->sequences, m->config.sequence_length, level->room, &level->rows);
  for (int k = 0; k < m->table.blocks; k++) {
    ac_gru_layout(room, &m->shared, &m->table.block[k], k, level->room, m->config.dropout > 0, &m->block[k].gru);
  }
  ac_gru_read_embedding(room, &m->shared, m->table.embedding, m->symbols, &m->block[0].gru);
  for (int k = 0; k <= m->table.blocks; k++) {
    m->block[k].x = AC_TAKE(room->work, ac_real, level->room * p);
  }
  m->output_gradient = AC_TAKE(room->training, ac_real, level->room * p);
  level->dx = AC_TAKE(room->training, ac_real, level->room * p);
  ac_head_layout(room, &m->shared, &m->table.decoder_head, &m->decoder_head);
}

static void pack(ac_model *m, bool backward) {
  for (int k = 0; k < m->table.blocks; k++) {
    ac_gru_pack(&m->shared, &m->block[k].gru, backward);
  }
  ac_linear_pack(&m->shared, &m->decoder_head.linear, backward);
}

static void forward(ac_model *m, bool training, const ac_outputs *outputs) {
  const ac_rows *rows = &m->level[0].rows;
  const int64_t n = (int64_t)rows->total * m->shared.padded;
  ac_embed(m, m->block[0].x);
  for (int k = 0; k < m->table.blocks; k++) {
    ac_baseline_block *block = &m->block[k];
    ac_gru_forward(&m->shared, &block->gru, rows, block->x, training);
    ac_copy(n, block->x, block[1].x);
    ac_add_to(n, block->gru.hidden[1], block[1].x);
  }
  m->sums.tokens[0] = rows->total;
  ac_head_pass pass = ac_model_head_pass(m, training, 1);
  pass.hidden = m->block[m->table.blocks].x;
  pass.gradient = m->output_gradient;
  pass.entropy = m->entropy;
  pass.best = m->best;
  if (outputs) {
    pass.out = outputs->decoder_logits;
    pass.out_from = outputs->from;
  }
  m->sums.decoder = ac_head_run(&m->shared, &m->decoder_head, &pass, NULL);
  m->sums.encoder = m->sums.decoder;
}

static void backward(ac_model *m) {
  const ac_rows *rows = &m->level[0].rows;
  const int64_t n = (int64_t)rows->total * m->shared.padded;
  ac_real *dx = m->output_gradient, *dy = m->level[0].dx;
  for (int k = m->table.blocks - 1; k >= 0; k--) {
    ac_copy(n, dx, dy);
    ac_gru_backward(&m->shared, &m->block[k].gru, rows, m->block[k].x, dy, dx);
  }
  ac_embed_backward(m, dx);
}

static void losses(const ac_config *config, const ac_sums *sums, ac_losses *out) {
  (void)config;
  out->byte_encoder = sums->encoder / sums->bytes;
  out->byte_decoder = sums->decoder / sums->bytes;
  out->total = out->byte_decoder;
}

static void stream_feed(ac_stream *s, int32_t target, int wants) {
  ac_model *m = s->model;
  const int64_t p = m->shared.padded;
  for (int k = 0; k < m->table.blocks; k++) {
    if (k == 0) {
      ac_gru_step_symbol(&m->shared, &m->block[k].gru, s->symbol, s->memory.states, s->work, s->output);
    } else {
      ac_gru_step(&m->shared, &m->block[k].gru, s->input, s->memory.states + k * 2 * p, s->work, s->output);
    }
    /* In the order of the full pass: input plus block. */
    ac_add_to(p, s->output, s->input);
  }
  s->outcome.token[0] = (ac_token){.source = s->level[0].rule->count++, .realised = (ac_real)__builtin_nan("")};
  if (wants & (AC_WANT_ENCODER | AC_WANT_DECODER)) {
    ac_stream_predict(s, &m->decoder_head, s->input, target, &s->outcome.decoder);
    s->outcome.encoder = s->outcome.decoder;
    s->outcome.token[0].score = s->outcome.decoder.entropy;
  }
}

static const ac_real *stream_state(const ac_stream *s, int32_t kind, int32_t level, int32_t layer) {
  const bool there = kind == AC_STATE_BLOCK && level >= 0 && level < s->model->table.blocks && layer >= 0 && layer <= 1;
  return there ? s->memory.states + (2 * level + layer) * s->model->shared.padded : NULL;
}

const ac_kind ac_baseline_kind = {
    .model_type = AC_BASELINE,
    .hierarchy = false,
    .tensors = add_tensors,
    .layout = layout,
    .pack = pack,
    .forward = forward,
    .backward = backward,
    .losses = losses,
    .stream_feed = stream_feed,
    .stream_state = stream_state,
};
