#include "ngrams.h"

#include "kernels/gemm.h"
#include "model_parts.h"
#include "recall.h"

static int32_t count_of(const ac_config *config) { return config->ngram_order > 1 ? config->ngram_order - 1 : 0; }

/** Without a level above there are no borders, and so neither spans nor tokens. */
static bool has_borders(const ac_config *config) { return config->model_type == AC_ADAPTIVE && config->num_levels > 1; }

static int32_t spans_of(const ac_config *config) { return has_borders(config) ? config->span_order : 0; }

static int32_t tokens_of(const ac_config *config) { return has_borders(config) ? config->token_embeddings : 0; }

static int32_t tables_of(const ac_config *config) { return count_of(config) + spans_of(config) + tokens_of(config); }

static int32_t recalled_of(const ac_config *config) { return config->recall ? count_of(config) + spans_of(config) : 0; }

/** Adds `count` tables of so many rows, whose orders begin with `first`. */
static void add_tables(const ac_config *config, ac_tensor_builder *b, const char *prefix, int32_t count, int first,
                       int32_t rows) {
  for (int32_t k = 0; k < count; k++) {
    ac_add_tensor(b, prefix, first + k, ".weight", rows, ac_config_level(config, 0).width, AC_START_ZERO);
  }
}

void ac_ngrams_tensors(const ac_config *config, ac_tensor_builder *b) {
  const int32_t rows = config->ngram_rows;
  b->table->ngrams = b->table->count;
  b->sparse = true;
  b->rate = 1;
  b->reach = 0;
  add_tables(config, b, "ngram_embeddings.", count_of(config), 2, rows);
  add_tables(config, b, "span_embeddings.", spans_of(config), 1, rows);
  b->reach = 1;
  add_tables(config, b, "token_embeddings.", tokens_of(config), 1, rows);
  b->reach = 0;
  if (config->recall) {
    add_tables(config, b, "ngram_recall.", count_of(config), 2, AC_RECALL_ROWS);
    add_tables(config, b, "span_recall.", spans_of(config), 1, AC_RECALL_ROWS);
  }
  b->sparse = false;
}

int64_t ac_recall_numbers(const ac_config *config) { return ac_recall_width(recalled_of(config)); }

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/** Rows of all tables. */
static int64_t all_rows(const ac_config *config) {
  return (int64_t)tables_of(config) * config->ngram_rows + (int64_t)recalled_of(config) * AC_RECALL_ROWS;
}

/** Most rows that so many sequences read in a pass. */
static int64_t most_rows(const ac_config *config, int64_t sequences) {
  return smaller(all_rows(config), (tables_of(config) + recalled_of(config)) * sequences * config->sequence_length);
}

void ac_ngrams_layout(const ac_room *room, ac_model *m, int64_t positions) {
  ac_ngrams *n = &m->ngrams;
  n->count = count_of(&m->config);
  n->spans = spans_of(&m->config);
  n->tokens = tokens_of(&m->config);
  n->tables = n->count + n->spans + n->tokens;
  n->rows = m->config.ngram_rows;
  n->recalled = recalled_of(&m->config);
  n->columns = n->tables + n->recalled;
  n->first = m->table.ngrams;
  n->at = m->memory_width;
  n->spans_at = n->at + ac_padded(n->count);
  n->recall_at = n->spans_at + ac_padded(n->spans > n->tokens ? n->spans : n->tokens);
  m->memory_width = n->recall_at + ac_recall_width(n->recalled);
  n->row = AC_TAKE(room->work, int32_t, n->columns * positions);
  n->slot = AC_TAKE(room->training, int32_t, n->recalled * positions);
  const int64_t most = most_rows(&m->config, m->config.batch_size);
  n->touched = AC_TAKE(room->training, int32_t, most);
  n->gradient = AC_TAKE(room->training, ac_real, most * m->shared.hidden);
  n->place = AC_TAKE(room->training, int32_t, all_rows(&m->config));
}

/**
 * Where a row's numbers begin in the flat arrays. Tables lie there one behind the other, in the order in which their rows are
 * numbered.
 */
static int64_t offset_of(const ac_model *m, int32_t row) { return m->table.dense + (int64_t)row * m->shared.hidden; }

uint32_t ac_mix(uint32_t h, uint32_t value) {
  h = (h ^ value) * 0x9E3779B1U;
  return h ^ h >> 15;
}

/** Rows of bytes and of spans that a position has. */
static int32_t byte_rows(const ac_ngrams *n) { return n->recalled > 0 ? 2 * n->count : n->count; }
static int32_t span_rows(const ac_ngrams *n) { return n->recalled > 0 ? 2 * n->spans : n->spans; }

/** The row of recall that a context has, numbered through all tables. */
static int32_t recalled_row(const ac_ngrams *n, int32_t context, int32_t symbol, uint32_t hash, ac_real *memory) {
  return n->tables * n->rows + context * AC_RECALL_ROWS +
         ac_recall_row(n->recalled, context, symbol, hash, memory + n->recall_at);
}

void ac_ngrams_read(const ac_ngrams *n, int32_t symbol, ac_real *memory, int32_t *row) {
  uint32_t h = ac_mix(0, (uint32_t)symbol + 1);
  ac_real *recent = memory + n->at, value = (ac_real)(symbol + 1);
  for (int32_t k = 0; k < n->count; k++) {
    h = ac_mix(h, (uint32_t)recent[k]);
    row[k] = k * n->rows + (int32_t)(h % (uint32_t)n->rows);
    if (n->recalled > 0) {
      row[n->count + k] = recalled_row(n, k, symbol, h, memory);
    }
    const ac_real before = recent[k];
    recent[k] = value;
    value = before;
  }
}

/** Adds the embeddings of `row` [count] to x [H]. */
static void add_rows(const ac_model *m, int32_t count, const int32_t *row, ac_real *x) {
  for (int32_t k = 0; k < count; k++) {
    ac_add_to(m->shared.hidden, m->shared.parameters + offset_of(m, row[k]), x);
  }
}

void ac_ngrams_add(const ac_model *m, const int32_t *row, ac_real *x) { add_rows(m, byte_rows(&m->ngrams), row, x); }

void ac_spans_add(const ac_model *m, const int32_t *row, ac_real *x) { add_rows(m, span_rows(&m->ngrams), row, x); }

void ac_token_add(const ac_model *m, const int32_t *row, ac_real *x) {
  add_rows(m, m->ngrams.tokens, row + span_rows(&m->ngrams), x);
}

/** Position i's rows of bytes in a pass. */
static int32_t *row_at(const ac_model *m, int64_t i) { return m->ngrams.row + i * m->ngrams.columns; }

int32_t *ac_spans_row(const ac_model *m, int64_t i) { return row_at(m, i) + byte_rows(&m->ngrams); }

/** Notes the slots that contexts `first` to `end` − 1 of sequence s have come to at position i. */
static void note_slots(ac_model *m, int32_t s, int64_t i, int32_t first, int32_t end, const ac_real *states,
                       int64_t width) {
  const ac_ngrams *n = &m->ngrams;
  const int64_t at = s * width + n->recall_at;
  for (int32_t k = first; n->slot && k < end; k++) {
    n->slot[i * n->recalled + k] = (int32_t)(at + ac_recall_place(n->recalled, k, states + at));
  }
}

void ac_ngrams_forward(ac_model *m, ac_real *states, int64_t width, ac_real *x) {
  const ac_ngrams *n = &m->ngrams;
  const ac_rows *rows = &m->level[0].rows;
  for (int32_t s = 0; n->count > 0 && s < rows->sequences; s++) {
    for (int32_t i = ac_rows_first(rows, s); i >= 0; i = rows->after[i]) {
      ac_ngrams_read(n, m->symbols[i], states + s * width, row_at(m, i));
      note_slots(m, s, i, 0, n->recalled > 0 ? n->count : 0, states, width);
      ac_ngrams_add(m, row_at(m, i), x + i * (int64_t)m->shared.padded);
    }
  }
}

/** Hashes of spans keep as many bits as a float holds. */
#define SPAN_MASK 0xFFFFFFU

void ac_spans_read(const ac_ngrams *n, int32_t symbol, bool border, ac_real *memory, int32_t *row) {
  ac_real *latest = memory + n->spans_at;
  if (n->spans + n->tokens == 0) {
    return;
  }
  /* Memory holds p + 1, and 0 where there is no span yet. */
  const uint32_t unfinished = latest[0] > 0 ? (uint32_t)latest[0] - 1 : 0;
  const uint32_t span = ac_mix(unfinished, (uint32_t)symbol + 1) & SPAN_MASK;
  uint32_t h = span;
  for (int32_t k = 0; k < n->spans; k++) {
    if (k > 0) {
      h = ac_mix(h, (uint32_t)latest[k]);
    }
    row[k] = (n->count + k) * n->rows + (int32_t)(h % (uint32_t)n->rows);
    if (n->recalled > 0) {
      row[n->spans + k] = recalled_row(n, n->count + k, symbol, h, memory);
    }
  }
  if (n->tokens > 0) {
    row[span_rows(n)] = (n->count + n->spans) * n->rows + (int32_t)(span % (uint32_t)n->rows);
  }
  for (int32_t k = n->spans - 1; border && k > 1; k--) {
    latest[k] = latest[k - 1];
  }
  if (border && n->spans > 1) {
    latest[1] = (ac_real)(span + 1);
  }
  latest[0] = border ? 0 : (ac_real)(span + 1);
}

void ac_spans_find(ac_model *m, ac_real *states, int64_t width) {
  const ac_ngrams *n = &m->ngrams;
  const ac_rows *rows = &m->level[0].rows;
  for (int32_t s = 0; n->spans + n->tokens > 0 && s < rows->sequences; s++) {
    for (int32_t i = ac_rows_first(rows, s); i >= 0; i = rows->after[i]) {
      ac_spans_read(n, m->symbols[i], m->level[0].links.mask[i], states + s * width, ac_spans_row(m, i));
      note_slots(m, s, i, n->count, n->recalled, states, width);
    }
  }
}

/** Where the gradient of the row at some place of the list stands, from 0. */
static ac_real *gradient_at(const ac_model *m, int32_t place) {
  return m->ngrams.gradient + (int64_t)place * m->shared.hidden;
}

/** Adds dx [H] to the gradient of a row, which joins the list. */
static void reach(ac_model *m, int32_t row, const ac_real *dx) {
  ac_ngrams *n = &m->ngrams;
  if (n->place[row] > 0) {
    ac_add_to(m->shared.hidden, dx, gradient_at(m, n->place[row] - 1));
    return;
  }
  ac_copy(m->shared.hidden, dx, gradient_at(m, n->reached));
  n->touched[n->reached++] = row;
  n->place[row] = n->reached;
}

/** Adds dx [H] to the gradients of `row` [count]. */
static void reach_rows(ac_model *m, int32_t count, const int32_t *row, const ac_real *dx) {
  for (int32_t k = 0; k < count; k++) {
    reach(m, row[k], dx);
  }
}

void ac_ngrams_backward(ac_model *m, const ac_real *dx) {
  for (int64_t i = 0; i < m->level[0].rows.total; i++) {
    reach_rows(m, byte_rows(&m->ngrams), row_at(m, i), dx + i * m->shared.padded);
  }
}

void ac_spans_backward(ac_model *m, int64_t i, const ac_real *ds) {
  reach_rows(m, span_rows(&m->ngrams), ac_spans_row(m, i), ds);
}

void ac_token_backward(ac_model *m, int64_t i, const ac_real *dx) {
  reach_rows(m, m->ngrams.tokens, ac_spans_row(m, i) + span_rows(&m->ngrams), dx);
}

void ac_model_clear_sparse(ac_model *m) {
  ac_ngrams *n = &m->ngrams;
  for (int32_t i = 0; i < n->reached; i++) {
    n->place[n->touched[i]] = 0;
  }
  n->reached = 0;
}

double ac_ngrams_squares(const ac_model *m) {
  const ac_ngrams *n = &m->ngrams;
  double sum = 0;
  for (int32_t i = 0; i < n->reached; i++) {
    sum += ac_sum_squares(m->shared.hidden, gradient_at(m, i));
  }
  return sum;
}

void ac_ngrams_update(ac_model *m, const ac_tensor *tensor, const ac_adamw_constants *constants) {
  const ac_ngrams *n = &m->ngrams;
  for (int32_t i = 0; i < n->reached; i++) {
    const int64_t at = offset_of(m, n->touched[i]);
    if (at >= tensor->offset && at < tensor->offset + tensor->size) {
      ac_adamw(m->shared.hidden, constants, gradient_at(m, i), m->first + at, m->second + at,
               m->shared.parameters + at);
    }
  }
}

const int32_t *ac_model_slots(const ac_model *m) { return m->ngrams.slot; }

int64_t ac_model_slot_count(const ac_model *m) {
  return m->ngrams.slot ? m->ngrams.recalled * m->level[0].rows.total : 0;
}

int64_t ac_model_slots_width(const ac_model *m) { return (int64_t)m->ngrams.recalled * AC_RECALL_SLOTS; }

int64_t ac_sparse_room(const ac_config *config, int32_t sequences) {
  return tables_of(config) == 0 ? 0 : 1 + most_rows(config, sequences) * (1 + ac_config_level(config, 0).width);
}

int64_t ac_model_copy_sparse(const ac_model *m, ac_real *out) {
  const ac_ngrams *n = &m->ngrams;
  if (n->tables == 0) {
    return 0;
  }
  const int64_t numbers = (int64_t)n->reached * m->shared.hidden;
  out[0] = (ac_real)n->reached;
  for (int32_t i = 0; i < n->reached; i++) {
    out[1 + i] = (ac_real)n->touched[i];
  }
  ac_copy(numbers, n->gradient, out + 1 + n->reached);
  return 1 + n->reached + numbers;
}

void ac_model_copy_gradients(const ac_model *m, ac_real *out) {
  const ac_ngrams *n = &m->ngrams;
  ac_copy(m->table.dense, m->shared.gradients, out);
  ac_zero(m->table.parameters - m->table.dense, out + m->table.dense);
  for (int32_t i = 0; i < n->reached; i++) {
    ac_copy(m->shared.hidden, gradient_at(m, i), out + offset_of(m, n->touched[i]));
  }
}

ac_status ac_model_add_sparse(ac_model *m, int64_t count, const ac_real *rows) {
  if (!ac_model_trains(m)) {
    return AC_READS_ONLY;
  }
  const ac_ngrams *n = &m->ngrams;
  const int64_t each = 1 + m->shared.hidden, most = all_rows(&m->config);
  /* Whole numbers in range, written so that NaN fails; and no more rows in all than there is room for. */
  const bool fits =
      count >= 1 && rows[0] >= 0 && (double)rows[0] <= (double)most && 1 + (int64_t)rows[0] * each <= count;
  const int32_t given = fits ? (int32_t)rows[0] : -1;
  if (n->tables == 0 || given < 0) {
    return AC_BAD_INPUT;
  }
  const ac_real *numbers = rows + 1, *gradients = numbers + given;
  for (int32_t i = 0; i < given; i++) {
    if (!(numbers[i] >= 0 && (double)numbers[i] < (double)most)) {
      return AC_BAD_INPUT;
    }
    const int32_t row = (int32_t)numbers[i];
    if (n->place[row] == 0 && n->reached >= most_rows(&m->config, m->config.batch_size)) {
      return AC_BAD_INPUT;
    }
    reach(m, row, gradients + (int64_t)i * m->shared.hidden);
  }
  return AC_OK;
}
