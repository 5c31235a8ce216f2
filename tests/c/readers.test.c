/*
 * Models that only read: less memory, the same bits, weights of their own or another model's. Nothing beyond their block
 * is touched, and they refuse to train.
 */
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/models.h"

enum { BATCH = 3, LENGTH = 24, LOGITS = BATCH * LENGTH * AC_SYMBOLS };

static const uint8_t TEXT[] =
    "A reader holds neither gradients nor moments, and says what the model it reads with says.";

static ac_config settings(int kind) {
  ac_config config = test_config(3, 13, BATCH, LENGTH);
  test_set_kind(&config, kind);
  config.byte_entropy_threshold = 12;
  config.meta_uncertainty_threshold = 0.9f;
  return config;
}

/** A reader in a block of exactly its size. */
static ac_model *new_reader(const ac_config *config, int32_t sequences, ac_model *lender, void **block) {
  const uint64_t bytes = ac_reader_bytes(config, sequences, lender);
  ac_model *reader = NULL;
  *block = aligned_alloc(AC_ALIGNMENT, bytes);
  memset(*block, 0xee, bytes);
  CHECK(ac_reader_init(config, sequences, lender, *block, bytes - 1, &reader) == AC_SMALL_BLOCK && !reader,
        "too small");
  CHECK(ac_reader_init(config, sequences, lender, *block, bytes, &reader) == AC_OK && reader, "just enough");
  CHECK(!ac_model_trains(reader), "it only reads");
  return reader;
}

/** Both models give the same for the text, in passes and in a stream. */
static void check_same_answers(ac_model *a, ac_model *b, const char *what) {
  ac_model *const models[2] = {a, b};
  ac_real *logits[2];
  for (int i = 0; i < 2; i++) {
    logits[i] = test_reals(2 * LOGITS);
    const ac_outputs outputs = {.encoder_logits = logits[i], .decoder_logits = logits[i] + LOGITS};
    test_forward(models[i], TEXT, BATCH, LENGTH, AC_EVALUATE, &outputs);
  }
  CHECK_SAME(logits[0], logits[1], 2 * LOGITS * sizeof(ac_real), "logits of %s", what);
  CHECK_SAME(ac_model_sums(a), ac_model_sums(b), sizeof(ac_sums), "sums of %s", what);
}

static void check_same_stream(ac_model *a, ac_model *b, const char *what) {
  ac_stream *streams[2] = {test_stream(a), test_stream(b)};
  for (size_t t = 0; t < sizeof TEXT; t++) {
    const ac_outcome *outcomes[2];
    for (int i = 0; i < 2; i++) {
      outcomes[i] = ac_stream_feed(streams[i], TEXT[t], -1, AC_WANT_DECODER);
    }
    CHECK(outcomes[0]->depth == outcomes[1]->depth, "borders of %s", what);
    CHECK_SAME(outcomes[0]->decoder.logits, outcomes[1]->decoder.logits, AC_SYMBOLS * sizeof(ac_real), "stream of %s",
               what);
  }
}

static void check_refusals(ac_model *reader) {
  ac_real zero = 0;
  double norm;
  CHECK(ac_model_forward(reader, TEXT, 1, LENGTH, AC_TRAIN, NULL) == AC_READS_ONLY, "a training pass");
  CHECK(ac_model_backward(reader, ac_model_sums(reader)) == AC_WRONG_ORDER, "a backward pass");
  CHECK(ac_model_add_gradients(reader, 0, 1, &zero) == AC_READS_ONLY, "gradients");
  CHECK(ac_model_update(reader, 1, &norm) == AC_WRONG_ORDER, "an update");
  CHECK(!ac_model_gradients(reader) && !ac_model_first_moments(reader) && !ac_model_second_moments(reader) &&
            !ac_model_updates(reader) && !ac_model_memory(reader, AC_TRAIN)->states,
        "it has nothing that only training needs");
}

static void check_kind(int kind) {
  const ac_config config = settings(kind);
  ac_model *model = test_model(&config);
  for (int step = 0; step < 3; step++) {
    test_train(model, TEXT, BATCH, LENGTH);
  }
  const uint64_t parameters = (uint64_t)ac_model_size(model) * sizeof(ac_real);
  const uint64_t own = ac_reader_bytes(&config, 0, NULL), lent = ac_reader_bytes(&config, 0, model);
  CHECK(own > lent + 2 * parameters && own < lent + 4 * parameters, "%.0f and %.0f bytes", (double)own, (double)lent);
  CHECK(ac_reader_bytes(&config, BATCH, NULL) + 3 * parameters < ac_model_bytes(&config, BATCH), "less than a trainer");

  void *blocks[3];
  ac_model *reader = new_reader(&config, BATCH, NULL, &blocks[0]);
  test_copy_parameters(reader, model);
  check_same_answers(reader, model, "a reader with its own weights");
  check_refusals(reader);
  ac_model *borrower = new_reader(&config, BATCH, reader, &blocks[1]);
  CHECK(ac_model_parameters(borrower) == ac_model_parameters(reader), "weights are shared");
  check_same_answers(borrower, model, "a reader with another's weights");
  ac_model *streaming = new_reader(&config, 0, reader, &blocks[2]);
  check_same_stream(streaming, model, "a reader without sequences");
  CHECK(ac_model_forward(streaming, TEXT, 1, LENGTH, AC_EVALUATE, NULL) == AC_BAD_INPUT, "no room for a pass");

  /* New weights reach all that read with them, packed again. */
  test_train(model, TEXT, BATCH, LENGTH);
  check_same_stream(streaming, reader, "before the change is known");
  test_copy_parameters(reader, model);
  check_same_stream(streaming, model, "new weights");
  check_same_answers(borrower, model, "new weights");
  for (int i = 0; i < 3; i++) {
    free(blocks[i]);
  }
}

/** Only models with the same tensors share weights. */
static void check_shapes(void) {
  const ac_config config = settings(0);
  ac_model *model = test_model(&config);
  ac_config other = config;
  other.level[0].rule = AC_TEACHER_FORCED;
  other.level[1].threshold = 0.5f;
  CHECK(ac_reader_bytes(&other, 1, model) > 0, "another rule and threshold");
  other = config;
  other.hidden_size = 12;
  CHECK(ac_reader_bytes(&other, 1, NULL) > 0 && ac_reader_bytes(&other, 1, model) == 0, "another width");
  other = config;
  other.num_levels = 2;
  CHECK(ac_reader_bytes(&other, 1, model) == 0, "fewer levels");
  other = settings(1);
  CHECK(ac_reader_bytes(&other, 1, model) == 0, "another wiring");
  ac_model *residual = test_model(&other);
  CHECK(ac_reader_bytes(&other, 1, residual) > 0, "its own");
  other.level[0].blocks = 3;
  CHECK(ac_reader_bytes(&other, 1, residual) == 0, "more layers");
  other = settings(1);
  other.ngram_order = 3;
  other.ngram_rows = 64;
  other.span_order = 1;
  CHECK(ac_reader_bytes(&other, 1, NULL) > 0 && ac_reader_bytes(&other, 1, residual) == 0, "tables of n-grams");
  other = settings(1);
  other.encoder_scores = 1;
  CHECK(ac_reader_bytes(&other, 1, NULL) > 0 && ac_reader_bytes(&other, 1, residual) == 0, "an encoder's head");
  other = settings(1);
  other.level[0].blocks = 3;
  ac_model *reader = NULL;
  CHECK(ac_reader_init(&other, 1, residual, NULL, 0, &reader) == AC_BAD_SETTING && !reader, "refused");
  CHECK(ac_reader_bytes(&config, -1, NULL) == 0 && ac_reader_bytes(&config, BATCH + 1, NULL) == 0, "sequences");
}

int main(void) {
  static const char *const NAMES[] = {"mirror", "residual", "baseline", "flat"};
  for (int kind = 0; kind < 4; kind++) {
    check_group(NAMES[kind]);
    check_kind(kind);
  }
  check_group("shapes");
  check_shapes();
  test_free_all();
  return check_finish("readers");
}
