#include "model.h"

#include "kernels/gemm.h"
#include "kernels/math.h"
#include "kernels/vector.h"
#include "model_parts.h"
#include "random.h"

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/** Lays everything out; while counting, `m` may be a copy that is thrown away. */
static void layout(const ac_config *config, int32_t sequences, const ac_room *room, ac_model *m) {
  *m = (ac_model){.kind = ac_kind_of(config), .config = *config, .sequences = sequences};
  ac_shared *s = &m->shared;
  s->hidden = config->hidden_size;
  s->padded = ac_padded(config->hidden_size);
  s->dropout = config->dropout;
  s->seed = config->seed;
  for (int l = 0; l < config->num_levels; l++) {
    m->widest = (int32_t)larger(ac_padded(ac_config_level(config, l).width), m->widest);
  }
  ac_tensor_table_build(config, room->work, &m->table);
  s->tensors = m->table.rows;
  const int64_t rows = (int64_t)sequences * config->sequence_length, p = m->widest;
  m->packed = AC_TAKE(room->weights, bool, 1);
  s->parameters = AC_TAKE(room->weights, ac_real, m->table.parameters);
  s->gradients = AC_TAKE(room->training, ac_real, m->table.dense);
  m->first = AC_TAKE(room->training, ac_real, m->table.parameters);
  m->second = AC_TAKE(room->training, ac_real, m->table.parameters);
  m->updates = AC_TAKE(room->training, int32_t, m->table.count);
  s->scratch = AC_TAKE(room->training, ac_real, ac_gradient_scratch((int)larger(p, AC_SYMBOLS), (int)p));
  s->between = AC_TAKE(room->training, ac_real, rows * p);
  s->zeros = AC_TAKE(room->work, ac_real, 4 * p);
  s->recurrent = AC_TAKE(room->work, ac_real, (int64_t)sequences * 3 * p);
  m->lengths = AC_TAKE(room->work, int32_t, sequences);
  m->symbols = AC_TAKE(room->work, int32_t, rows);
  m->level[0].mark = AC_TAKE(room->work, uint8_t, rows);
  m->targets = AC_TAKE(room->work, int32_t, rows);
  m->entropy = AC_TAKE(room->work, ac_real, rows);
  m->best = AC_TAKE(room->work, int32_t, rows);
  m->kind->layout(room, m);
}

/** What a model is made of, and how many bytes each part takes. */
typedef struct sizes {
  uint64_t weights, work, training;
} sizes;

/** Counts a valid configuration's; `counted` gets its shape. */
static sizes count(const ac_config *config, int32_t sequences, ac_model *counted) {
  ac_arena weights = {NULL, 0}, work = {NULL, 0}, training = {NULL, 0};
  ac_take(&work, 1, sizeof *counted);
  layout(config, sequences, &(ac_room){&weights, &work, &training}, counted);
  return (sizes){weights.used, work.used, training.used};
}

/** A model in `block`, whose weights lie there as well unless `lender` has them. */
static ac_model *make(const ac_config *config, int32_t sequences, bool trains, const ac_model *lender,
                      unsigned char *block, uint64_t bytes) {
  ac_model counted;
  const sizes size = count(config, sequences, &counted);
  /* Padding must start as zeros, and stays so. */
  for (uint64_t i = 0; i < bytes / sizeof(uint64_t); i++) {
    ((uint64_t *)block)[i] = 0;
  }
  ac_arena work = {block, 0}, training = {trains ? block + size.work : NULL, 0};
  ac_arena weights = {lender ? lender->weights : block + bytes - size.weights, 0};
  ac_model *m = ac_take(&work, 1, sizeof *m);
  unsigned char *lent = weights.base;
  layout(config, sequences, &(ac_room){&weights, &work, &training}, m);
  m->weights = lent;
  for (int l = 0; l < config->num_levels; l++) {
    m->thresholds[l] = ac_config_level(config, l).threshold;
  }
  return m;
}

uint64_t ac_model_bytes(const ac_config *config, int32_t sequences) {
  if (ac_config_check(config) != AC_OK || sequences < 1 || sequences > config->batch_size) {
    return 0;
  }
  ac_model counted;
  const sizes size = count(config, sequences, &counted);
  return size.work + size.training + size.weights;
}

ac_status ac_model_init(const ac_config *config, int32_t sequences, int32_t first_sequence, void *block, uint64_t bytes,
                        ac_model **out) {
  const uint64_t needed = ac_model_bytes(config, sequences);
  if (needed == 0 || first_sequence < 0 || first_sequence > AC_MAX_BATCH) {
    return AC_BAD_SETTING;
  }
  if (needed > SIZE_MAX) {
    return AC_TOO_BIG;
  }
  if (bytes < needed) {
    return AC_SMALL_BLOCK;
  }
  ac_model *m = make(config, sequences, true, NULL, block, needed);
  m->shared.first_sequence = first_sequence;
  ac_model_reset(m);
  *out = m;
  return AC_OK;
}

/** Whether the tensors of two models, which follow from their kinds and shapes, are the same. */
static bool same_tensors(const ac_config *config, const ac_model *m) {
  const ac_config *own = &m->config;
  bool same = ac_kind_of(config) == m->kind && config->num_levels == own->num_levels &&
              config->ngram_order == own->ngram_order && config->ngram_rows == own->ngram_rows &&
              config->span_order == own->span_order && config->token_embeddings == own->token_embeddings &&
              config->recall == own->recall && config->encoder_scores == own->encoder_scores;
  for (int l = 0; same && l < own->num_levels; l++) {
    same = ac_config_level(config, l).width == ac_config_level(own, l).width &&
           config->level[l].blocks == own->level[l].blocks;
  }
  return same;
}

uint64_t ac_reader_bytes(const ac_config *config, int32_t sequences, const ac_model *lender) {
  if (ac_config_check(config) != AC_OK || sequences < 0 || sequences > config->batch_size ||
      (lender && !same_tensors(config, lender))) {
    return 0;
  }
  ac_model counted;
  const sizes size = count(config, sequences, &counted);
  return size.work + (lender ? 0 : size.weights);
}

ac_status ac_reader_init(const ac_config *config, int32_t sequences, ac_model *lender, void *block, uint64_t bytes,
                         ac_model **out) {
  const uint64_t needed = ac_reader_bytes(config, sequences, lender);
  if (needed == 0) {
    return AC_BAD_SETTING;
  }
  if (needed > SIZE_MAX) {
    return AC_TOO_BIG;
  }
  if (bytes < needed) {
    return AC_SMALL_BLOCK;
  }
  *out = make(config, sequences, false, lender, block, needed);
  return AC_OK;
}

const ac_config *ac_model_config(const ac_model *m) { return &m->config; }
const ac_tensor_table *ac_model_tensors(const ac_model *m) { return &m->table; }
bool ac_model_trains(const ac_model *m) { return m->shared.gradients; }
int64_t ac_model_size(const ac_model *m) { return m->table.parameters; }
int64_t ac_model_dense_size(const ac_model *m) { return m->table.dense; }
ac_real *ac_model_parameters(ac_model *m) { return m->shared.parameters; }
ac_real *ac_model_gradients(ac_model *m) { return m->shared.gradients; }
ac_real *ac_model_first_moments(ac_model *m) { return m->first; }
ac_real *ac_model_second_moments(ac_model *m) { return m->second; }
int32_t *ac_model_updates(ac_model *m) { return m->updates; }
const ac_sums *ac_model_sums(const ac_model *m) { return &m->sums; }
void ac_model_set_step(ac_model *m, uint32_t step) { m->shared.dropout_step = step; }

void ac_model_parameters_changed(ac_model *m) { *m->packed = m->packed_backward = m->trained = m->reached = false; }

static void start_tensor(const ac_tensor *t, ac_random *random, ac_real *parameters) {
  for (int64_t i = 0; i < t->size; i++) {
    double x = 0;
    switch (t->start) {
    case AC_START_NORMAL:
      x = ac_random_normal(random);
      break;
    case AC_START_SMALL_NORMAL:
      x = 0.02 * ac_random_normal(random);
      break;
    case AC_START_UNIFORM:
      x = t->bound * (2 * ac_random_uniform(random) - 1);
      break;
    default:
      break;
    }
    parameters[t->offset + i] = (ac_real)x;
  }
}

void ac_model_reset(ac_model *m) {
  for (int32_t i = 0; i < m->table.count; i++) {
    /* One random stream per tensor: another level leaves the tensors before it as they were. */
    ac_random random = ac_random_make(m->config.seed, (uint64_t)i);
    start_tensor(&m->table.rows[i], &random, m->shared.parameters);
  }
  if (ac_model_trains(m)) {
    for (int32_t i = 0; i < m->table.count; i++) {
      m->updates[i] = 0;
    }
    ac_zero(m->table.dense, m->shared.gradients);
    ac_model_clear_sparse(m);
    ac_zero(m->table.parameters, m->first);
    ac_zero(m->table.parameters, m->second);
  }
  for (int l = 0; l < m->config.num_levels; l++) {
    m->thresholds[l] = ac_config_level(&m->config, l).threshold;
  }
  ac_model_forget(m, AC_TRAIN);
  ac_model_forget(m, AC_EVALUATE);
  ac_model_parameters_changed(m);
}

void ac_model_pack(ac_model *m, bool backward) {
  if (*m->packed && (m->packed_backward || !backward)) {
    return;
  }
  m->kind->pack(m, backward);
  *m->packed = true;
  m->packed_backward = backward;
}

void ac_embed(const ac_model *m, ac_real *x) {
  const ac_shared *s = &m->shared;
  const ac_real *embedding = ac_parameters_of(s, m->table.embedding);
  for (int64_t i = 0; i < m->level[0].rows.total; i++) {
    ac_copy(s->hidden, embedding + (int64_t)m->symbols[i] * s->hidden, x + i * s->padded);
  }
}

void ac_embed_backward(const ac_model *m, const ac_real *dx) {
  const ac_shared *s = &m->shared;
  ac_real *embedding = ac_gradients_of(s, m->table.embedding);
  for (int64_t i = 0; i < m->level[0].rows.total; i++) {
    ac_add_columns(1, s->hidden, dx + i * s->padded, s->padded, embedding + (int64_t)m->symbols[i] * s->hidden);
  }
}

double ac_model_batch_bytes(const ac_model *m) { return (double)m->config.batch_size * m->level[0].rows.steps; }

ac_head_pass ac_model_head_pass(const ac_model *m, bool training, double weight) {
  ac_head_pass pass = {.rows = &m->level[0].rows, .targets = m->targets, .training = training};
  pass.ce_weight = (ac_real)(weight / ac_model_batch_bytes(m));
  return pass;
}

ac_head_pass ac_model_encoder_pass(const ac_model *m, bool training, const ac_outputs *outputs) {
  ac_head_pass pass = ac_model_head_pass(m, training, (double)m->config.encoder_loss_weight);
  if (outputs) {
    pass.out = outputs->encoder_logits;
    pass.out_from = outputs->from;
  }
  return pass;
}

/** Symbols, marks and targets of every row of level 0. */
static void take_bytes(ac_model *m, const uint8_t *bytes, const int32_t *next, int32_t sequences, int32_t length) {
  for (int32_t s = 0; s < sequences; s++) {
    m->lengths[s] = length;
  }
  const ac_rows *rows = &m->level[0].rows;
  ac_rows_build(&m->level[0].rows, sequences, m->lengths);
  for (int64_t i = 0; i < rows->total; i++) {
    const int64_t place = (int64_t)rows->sequence[i] * length + rows->time[i];
    const uint8_t *from = bytes + place;
    m->symbols[i] = from[0];
    m->level[0].mark[i] = m->marks ? m->marks[place] : 0;
    const int32_t end = next ? next[rows->sequence[i]] : AC_EOS;
    m->targets[i] = rows->time[i] == length - 1 ? end : from[1];
  }
}

static ac_status run(ac_model *m, const uint8_t *bytes, const int32_t *next, int32_t sequences, int32_t length,
                     ac_purpose purpose, const ac_outputs *outputs) {
  const bool training = purpose == AC_TRAIN;
  if (training && !ac_model_trains(m)) {
    return AC_READS_ONLY;
  }
  if (sequences < 1 || sequences > m->sequences || length < 1 || length > m->config.sequence_length ||
      (outputs && (outputs->from < 0 || outputs->from >= length))) {
    return AC_BAD_INPUT;
  }
  for (int32_t s = 0; next && s < sequences; s++) {
    if (next[s] < 0 || next[s] >= AC_SYMBOLS) {
      return AC_BAD_INPUT;
    }
  }
  ac_model_pack(m, training);
  m->trained = m->reached = false;
  m->purpose = purpose;
  m->sums = (ac_sums){.sequences = sequences, .bytes = (double)sequences * length};
  take_bytes(m, bytes, next, sequences, length);
  if (!next) {
    ac_model_forget(m, purpose);
  }
  if (training) {
    ac_zero(m->table.dense, m->shared.gradients);
    ac_model_clear_sparse(m);
  }
  m->kind->forward(m, training, outputs);
  ac_losses losses;
  ac_losses_from_sums(&m->config, &m->sums, &losses);
  if (!ac_is_finite(losses.total)) {
    return AC_NOT_FINITE;
  }
  m->trained = training;
  return AC_OK;
}

ac_status ac_model_forward(ac_model *m, const uint8_t *bytes, int32_t sequences, int32_t length, ac_purpose purpose,
                           const ac_outputs *outputs) {
  return run(m, bytes, NULL, sequences, length, purpose, outputs);
}

ac_status ac_model_continue(ac_model *m, const uint8_t *bytes, const int32_t *next, int32_t sequences, int32_t length,
                            ac_purpose purpose, const ac_outputs *outputs) {
  return m->kind->carries ? run(m, bytes, next, sequences, length, purpose, outputs) : AC_BAD_SETTING;
}

ac_memory *ac_model_memory(ac_model *m, ac_purpose purpose) { return &m->memory[purpose == AC_TRAIN]; }

void ac_model_forget(ac_model *m, ac_purpose purpose) { ac_memory_forget(ac_model_memory(m, purpose)); }

void ac_model_set_marks(ac_model *m, const uint8_t *marks) { m->marks = marks; }

void ac_model_set_without(ac_model *m, const uint32_t *without) { m->without = without; }

float *ac_model_thresholds(ac_model *m) { return m->thresholds; }

int32_t ac_model_steps(const ac_model *m, int32_t level) {
  return level >= 0 && level < m->config.num_levels ? m->level[level].rows.steps : 0;
}

void ac_model_border_mask(const ac_model *m, int32_t level, uint8_t *mask) {
  if (!m->kind->hierarchy || level < 0 || level >= m->config.num_levels - 1) {
    return;
  }
  const ac_level *l = &m->level[level];
  for (int64_t i = 0; i < (int64_t)l->rows.sequences * l->rows.steps; i++) {
    mask[i] = 0;
  }
  for (int64_t i = 0; i < l->rows.total; i++) {
    mask[(int64_t)l->rows.sequence[i] * l->rows.steps + l->rows.time[i]] = l->links.mask[i];
  }
}

void ac_losses_from_sums(const ac_config *config, const ac_sums *sums, ac_losses *losses) {
  *losses = (ac_losses){0};
  ac_kind_of(config)->losses(config, sums, losses);
}

ac_status ac_model_backward(ac_model *m, const ac_sums *total) {
  if (!m->trained) {
    return AC_WRONG_ORDER;
  }
  m->trained = false;
  m->total = *total;
  m->kind->backward(m);
  m->reached = true;
  return AC_OK;
}

ac_status ac_model_add_gradients(ac_model *m, int64_t from, int64_t count, const ac_real *gradients) {
  if (!ac_model_trains(m)) {
    return AC_READS_ONLY;
  }
  if (from < 0 || count < 0 || from > m->table.dense || count > m->table.dense - from) {
    return AC_BAD_INPUT;
  }
  ac_add_to(count, gradients, m->shared.gradients + from);
  return AC_OK;
}

bool ac_model_reaches(const ac_model *m, const ac_tensor *tensor) {
  for (int32_t l = 0; l < tensor->reach; l++) {
    if (m->total.conditioned[l] == 0) {
      return false;
    }
  }
  return tensor->reach >= 0;
}
