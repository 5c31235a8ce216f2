/* The residual stream's gradients against central differences, in a window that continues another. */
// flags: -DAC_DOUBLE -fno-sanitize-address-use-after-scope
#include "../../c/model_parts.h"
#include "../../c/recall.h"
#include "gradients/differences.h"

enum { MOST_BYTES = 64, MOST_NUMBERS = 8192 };

/** A model, two windows, and its memory between them, which differences hold constant. */
typedef struct carried {
  ac_config config;
  ac_model *model;
  uint8_t bytes[2][MOST_BYTES];
  int32_t next[2][8];
  ac_real *states;
  ac_rule_state *rules;
  uint8_t mask[AC_MAX_LEVELS][MOST_BYTES];
  bool moved;
  bool uncertainty; /* whether the loss is that of the uncertainty heads, which is theirs alone */
} carried;

/** What came up in all the cases: without it the test would be empty. */
static struct { long differences, left_out, empty, ragged, unreached, shared, encoders; } met;

static int top_of(const carried *w) { return w->config.model_type == AC_FLAT ? 0 : w->config.num_levels - 1; }

static size_t state_bytes(const carried *w) {
  return (size_t)(w->config.batch_size * ac_model_memory(w->model, AC_TRAIN)->width) * sizeof(ac_real);
}

static size_t rule_bytes(const carried *w) {
  return (size_t)(w->config.batch_size * w->config.num_levels) * sizeof(ac_rule_state);
}

static void pass(carried *w, int window) {
  ac_model_parameters_changed(w->model);
  CHECK(ac_model_continue(w->model, w->bytes[window], w->next[window], w->config.batch_size, w->config.sequence_length,
                          AC_TRAIN, NULL) == AC_OK,
        "the pass");
}

/** The second window from where the first one ended. */
static void second_pass(carried *w) {
  const ac_memory *memory = ac_model_memory(w->model, AC_TRAIN);
  memcpy(memory->states, w->states, state_bytes(w));
  memcpy(memory->rules, w->rules, rule_bytes(w));
  pass(w, 1);
}

static double loss_of(void *context) {
  carried *w = context;
  second_pass(w);
  for (int l = 0; l < top_of(w); l++) {
    const ac_level *level = &w->model->level[l];
    w->moved = w->moved || memcmp(level->links.mask, w->mask[l], (size_t)level->rows.total) != 0;
  }
  ac_losses losses;
  ac_losses_from_sums(&w->config, ac_model_sums(w->model), &losses);
  const double uncertainty = (double)w->config.uncertainty_loss_weight * losses.uncertainty;
  return w->uncertainty ? uncertainty : losses.total - uncertainty;
}

/** A number of a tensor: the first, then any; in a sparse tensor mostly one of a row that the window reads. */
static int64_t number_of(const carried *w, const ac_tensor *t, int k) {
  const ac_ngrams *n = &w->model->ngrams;
  const int64_t any = k ? (int64_t)(ac_random_bits(&source) % (uint64_t)t->size) : 0;
  const int32_t table = (int32_t)(t - w->model->table.rows) - n->first;
  if (!t->sparse || k == 0) {
    return any;
  }
  const int64_t position = (int64_t)(ac_random_bits(&source) % (uint64_t)w->model->level[0].rows.total);
  const int32_t recalled = table - n->tables, own = n->tables * n->rows;
  const int32_t from = recalled < 0 ? table * n->rows : own + recalled * AC_RECALL_ROWS;
  for (int32_t column = 0;; column++) {
    const int64_t row = n->row[position * n->columns + column] - from;
    if (row >= 0 && row < t->shape[0]) {
      return row * t->shape[1] + any % t->shape[1];
    }
  }
}

/** Single numbers of a tensor, the first among them. */
static void check_tensor(carried *w, const ac_tensor *t, const ac_real *gradients) {
  w->uncertainty = strstr(t->name, "uncertainty") != NULL;
  for (int k = 0; k < 6; k++) {
    const int64_t i = number_of(w, t, k);
    w->moved = false;
    const double difference = difference_of(loss_of, w, ac_model_parameters(w->model) + t->offset + i);
    if (w->moved) {
      met.left_out++;
      continue;
    }
    met.differences++;
    met.encoders += strstr(t->name, "byte_encoder_head") != NULL;
    check_derivative((double)gradients[t->offset + i], difference, t->name, (size_t)i);
  }
}

/** Gradients reach the tensors of a level that had tokens, and no others. */
static void check_reach(const carried *w, const ac_tensor *t) {
  const bool of_level = strncmp(t->name, "levels.", 7) == 0, of_tokens = strncmp(t->name, "token_", 6) == 0;
  const int level = of_level ? t->name[7] - '0' : of_tokens;
  const bool tokens = w->model->level[level].rows.total > 0;
  CHECK(ac_model_reaches(w->model, t) == tokens, "%s of a level with%s tokens", t->name, tokens ? "" : "out");
  met.unreached += !tokens;
}

/** Fills the n-gram tables, which start as zeros. */
static void fill_ngrams(ac_model *m) {
  const int64_t size = ac_model_size(m);
  for (int64_t i = ac_model_dense_size(m); i < size; i++) {
    ac_model_parameters(m)[i] = 0.3 * ac_random_normal(&source);
  }
}

static void check_carried(int32_t type, int32_t levels, int32_t batch, int32_t length, long number) {
  static const int32_t WIDTHS[] = {5, 8, 5, 3, 9};
  carried w = {.config = test_config(levels, 5, batch, length)};
  ac_config *c = &w.config;
  c->model_type = type;
  c->wiring = AC_RESIDUAL;
  c->carry_state = 1;
  c->decoder_loss_weight = 1.3f;
  c->uncertainty_loss_weight = 0.7f;
  c->encoder_loss_weight = 0.6f;
  c->byte_entropy_threshold = 2;
  c->meta_uncertainty_threshold = 0.5f;
  c->seed = (uint32_t)number;
  c->dropout = number % 3 == 2 ? 0.3f : 0;
  c->ngram_order = (int32_t)(number % 4) + 1;
  c->ngram_rows = 3 + (int32_t)(number % 5) * 20;
  c->span_order = (int32_t)((number + 1) % 3);
  c->token_embeddings = (int32_t)(number / 3 % 2);
  c->recall = (int32_t)(number / 2 % 2);
  c->encoder_scores = (int32_t)(number / 4 % 2);
  for (int l = 0; l < levels; l++) {
    c->level[l].width = WIDTHS[(l + number) % 5];
    c->level[l].blocks = (int32_t)((number + l) % 3);
    c->level[l].rule = l < levels - 1 ? (int32_t[]){0, 3, 5, 4}[(l + number) % 4] : AC_AS_MODEL;
    c->level[l].threshold = c->level[l].rule == 5 ? 2 : c->level[l].rule == 3 ? 0.01f : 1;
  }
  w.model = test_model(c);
  for (int64_t i = 0; i < ac_model_size(w.model); i++) {
    ac_model_parameters(w.model)[i] *= 1.5;
  }
  fill_ngrams(w.model);
  for (int window = 0; window < 2; window++) {
    for (int i = 0; i < batch * length; i++) {
      w.bytes[window][i] = (uint8_t)(ac_random_bits(&source) % 4 ? 'a' + ac_random_bits(&source) % 3 : ' ');
    }
    for (int s = 0; s < batch; s++) {
      w.next[window][s] = s ? 'b' : AC_EOS;
    }
  }
  pass(&w, 0);
  const ac_memory *memory = ac_model_memory(w.model, AC_TRAIN);
  w.states = memcpy(test_reals(state_bytes(&w) / sizeof(ac_real)), memory->states, state_bytes(&w));
  w.rules = (ac_rule_state *)memcpy(test_bytes(rule_bytes(&w)), memory->rules, rule_bytes(&w));
  second_pass(&w);
  for (int l = 0; l < top_of(&w); l++) {
    const ac_rows *above = &w.model->level[l + 1].rows;
    memcpy(w.mask[l], w.model->level[l].links.mask, (size_t)w.model->level[l].rows.total);
    met.empty += above->steps == 0 || above->count[0] < above->sequences;
    met.ragged += above->steps > 0 && above->count[above->steps - 1] < above->count[0];
  }
  CHECK(ac_model_backward(w.model, ac_model_sums(w.model)) == AC_OK, "the backward pass");
  const size_t size = (size_t)ac_model_size(w.model);
  ac_real *gradients = test_reals(size);
  ac_model_copy_gradients(w.model, gradients);
  const ac_tensor_table *table = ac_model_tensors(w.model);
  for (int32_t i = 0; i < table->count; i++) {
    check_reach(&w, &table->rows[i]);
    check_tensor(&w, &table->rows[i], gradients);
  }
  /* Positions of the window that share a row. */
  met.shared += w.model->ngrams.reached < w.model->ngrams.tables * batch * length;
  test_free_all();
}

int main(void) {
  source = ac_random_make(11, 5);
  long number = 0;
  check_group("flat");
  for (int32_t batch = 1; batch <= 3; batch++, number++) {
    check_carried(AC_FLAT, 1, batch, 7, number);
  }
  check_group("levels");
  for (int32_t levels = 1; levels <= 4; levels++) {
    for (int32_t batch = 1; batch <= 3; batch++) {
      for (int32_t length = 1; length <= 17; length += 8, number++) {
        check_carried(AC_ADAPTIVE, levels, batch, length, number);
      }
    }
  }
  CHECK(met.differences > 1000 && met.left_out < met.differences / 10, "%ld differences, %ld left out", met.differences,
        met.left_out);
  CHECK(met.empty > 0 && met.ragged > 0, "sequences without a token (%ld), of different lengths (%ld)", met.empty,
        met.ragged);
  CHECK(met.encoders > 50, "%ld differences of encoders' heads", met.encoders);
  CHECK(met.shared > 10, "rows of n-grams that several positions read (%ld)", met.shared);
  CHECK(met.unreached >= 10, "%ld tensors of levels without a token", met.unreached);
  return check_finish("residual_gradients");
}
