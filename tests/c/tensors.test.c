/* The table of tensors: names, places, counts equal to the baseline's, and initial weights. */
#include <math.h>
#include <string.h>

#include "../../c/adaptive.h"
#include "support/check.h"
#include "support/models.h"

/** Parameters of the prototype at its default size. */
enum { DEFAULT_COUNT = 1156484 };

static void check_table(ac_model *model) {
  const ac_tensor_table *table = ac_model_tensors(model);
  int64_t next = 0;
  for (int32_t i = 0; i < table->count; i++) {
    const ac_tensor *t = &table->rows[i];
    CHECK(t->offset == next && t->size == (int64_t)t->shape[0] * t->shape[1], "%s has its place", t->name);
    CHECK(strlen(t->name) > 3 && strlen(t->name) < AC_TENSOR_NAME - 1 && (t->rank == 2 || t->shape[1] == 1),
          "%s has a name and a shape", t->name);
    CHECK(test_tensor(model, t->name) == t, "%s has a name of its own", t->name);
    next += t->size;
  }
  CHECK(next == ac_model_size(model) && next == table->parameters, "the tensors make up all of the parameters");
}

static void check_counts(int32_t hidden, int32_t levels) {
  ac_config config = test_config(levels, hidden, 1, 1);
  ac_model *adaptive = test_model(&config);
  config.model_type = AC_BASELINE;
  ac_model *baseline = test_model(&config);
  check_table(adaptive);
  check_table(baseline);
  const int64_t count = ac_adaptive_parameters(hidden, levels);
  CHECK(ac_model_size(adaptive) == count && ac_model_size(baseline) == count, "H %d, L %d: %lld parameters in both",
        (int)hidden, (int)levels, (long long)count);
  /* One more block would be too many parameters, unless the number of blocks is at its limit. */
  const int64_t block = 12 * (int64_t)hidden * hidden + 12 * (int64_t)hidden,
                pad = ac_model_tensors(baseline)->rows[0].size;
  const int32_t blocks = ac_model_tensors(baseline)->blocks;
  CHECK(blocks >= 1 && blocks <= 8 * levels && pad >= 0 && (pad < block || blocks == 8 * levels),
        "H %d, L %d: %d blocks and a pad of %lld", (int)hidden, (int)levels, (int)blocks, (long long)pad);
  CHECK(hidden != 128 || levels != 3 || count == DEFAULT_COUNT, "the default size has %d parameters", DEFAULT_COUNT);
  test_free_all();
}

/** Mean and scatter of each tensor's initial weights, within five standard deviations. */
static void check_starts(int32_t model_type) {
  ac_config config = test_config(3, 64, 1, 1);
  config.model_type = model_type;
  ac_model *model = test_model(&config);
  const double bound = 1 / sqrt(64);
  for (int32_t i = 0; i < ac_model_tensors(model)->count; i++) {
    const ac_tensor *t = &ac_model_tensors(model)->rows[i];
    const ac_real *x = ac_model_parameters(model) + t->offset;
    const bool embedding = strcmp(t->name, "byte_embedding.weight") == 0, eos = strstr(t->name, "meta_eos") != NULL;
    const bool pad = strcmp(t->name, "parameter_match_pad") == 0;
    const double deviation = pad ? 0 : embedding ? 1 : eos ? 0.02 : bound / sqrt(3), n = (double)t->size;
    const double most = pad ? 0 : embedding ? 6 : eos ? 0.12 : bound;
    double sum = 0, squares = 0;
    bool within = true;
    for (int64_t j = 0; j < t->size; j++) {
      sum += (double)x[j];
      squares += (double)x[j] * (double)x[j];
      within = within && fabs((double)x[j]) <= most;
    }
    CHECK(within, "%s starts within %g", t->name, most);
    if (t->size > 0) {
      CHECK_NEAR(sum / n, 0, 5 * deviation / sqrt(n) + 1e-12, "mean of %s", t->name);
      CHECK_NEAR(squares / n, deviation * deviation, 7.5 * deviation * deviation / sqrt(n) + 1e-12, "scatter of %s",
                 t->name);
    }
  }
  test_free_all();
}

/** The pad is never used or changed, not even by weight decay. */
static void check_pad(void) {
  ac_config config = test_config(1, 6, 2, 10);
  config.model_type = AC_BASELINE;
  config.weight_decay = 0.5f;
  ac_model *model = test_model(&config);
  const ac_tensor *pad = test_tensor(model, "parameter_match_pad");
  static const uint8_t TEXT[] = "twenty bytes of text";
  CHECK(pad && pad->size > 0, "there is a pad");
  for (int64_t i = 0; pad && i < pad->size; i++) {
    ac_model_parameters(model)[pad->offset + i] = 1;
  }
  for (int step = 0; step < 3; step++) {
    test_train(model, TEXT, 2, 10);
  }
  for (int64_t i = 0; pad && i < pad->size; i++) {
    CHECK(ac_model_parameters(model)[pad->offset + i] == 1, "the pad stays");
  }
  CHECK(pad && ac_model_updates(model)[pad - ac_model_tensors(model)->rows] == 0, "and counts no update");
  test_free_all();
}

int main(void) {
  static const int32_t HIDDEN[] = {1, 2, 3, 8, 16, 33, 128};
  check_group("tables and counts");
  for (size_t h = 0; h < sizeof HIDDEN / sizeof *HIDDEN; h++) {
    for (int32_t levels = 1; levels <= (HIDDEN[h] < 100 ? AC_MAX_LEVELS : 3); levels++) {
      check_counts(HIDDEN[h], levels);
    }
  }
  check_group("initial weights");
  check_starts(AC_ADAPTIVE);
  check_starts(AC_BASELINE);
  check_group("the pad");
  check_pad();
  return check_finish("tensors");
}
