/* The baseline: x = embedding; x = x + block_k(x) for each block; logits from x. */
#include "kernels/vector.h"
#include "model_parts.h"

void ac_baseline_layout(ac_arena *arena, ac_model *m) {
  const int64_t p = m->shared.padded;
  ac_level *level = &m->level[0];
  level->room = (int64_t)m->sequences * m->config.sequence_length;
  ac_rows_layout(arena, m->sequences, m->config.sequence_length, level->room, &level->rows);
  for (int k = 0; k < m->table.blocks; k++) {
    ac_gru_layout(arena, &m->shared, &m->table.block[k], k, level->room, m->config.dropout > 0, &m->residual[k].gru);
  }
  ac_gru_read_embedding(arena, &m->shared, m->table.embedding, m->symbols, &m->residual[0].gru);
  for (int k = 0; k <= m->table.blocks; k++) {
    m->residual[k].x = AC_TAKE(arena, ac_real, level->room * p);
  }
  m->output_gradient = AC_TAKE(arena, ac_real, level->room * p);
  level->dx = AC_TAKE(arena, ac_real, level->room * p);
  ac_head_layout(arena, &m->shared, &m->table.decoder_head, &m->decoder_head);
}

void ac_baseline_pack(ac_model *m, bool backward) {
  for (int k = 0; k < m->table.blocks; k++) {
    ac_gru_pack(&m->shared, &m->residual[k].gru, backward);
  }
  ac_linear_pack(&m->shared, &m->decoder_head.linear, backward);
}

void ac_baseline_forward(ac_model *m, bool training, const ac_outputs *outputs) {
  const ac_rows *rows = &m->level[0].rows;
  const int64_t n = (int64_t)rows->total * m->shared.padded;
  ac_embed(m, m->residual[0].x);
  for (int k = 0; k < m->table.blocks; k++) {
    ac_residual *block = &m->residual[k];
    ac_gru_forward(&m->shared, &block->gru, rows, block->x, training);
    ac_copy(n, block->x, block[1].x);
    ac_add_to(n, block->gru.hidden[1], block[1].x);
  }
  m->sums.tokens[0] = rows->total;
  m->sums.decoder = ac_model_head(m, true, training, outputs, m->residual[m->table.blocks].x, m->output_gradient);
  m->sums.encoder = m->sums.decoder;
}

void ac_baseline_backward(ac_model *m) {
  const ac_rows *rows = &m->level[0].rows;
  const int64_t n = (int64_t)rows->total * m->shared.padded;
  ac_real *dx = m->output_gradient, *dy = m->level[0].dx;
  for (int k = m->table.blocks - 1; k >= 0; k--) {
    ac_copy(n, dx, dy);
    ac_gru_backward(&m->shared, &m->residual[k].gru, rows, m->residual[k].x, dy, dx);
  }
  ac_embed_backward(m, dx);
}
