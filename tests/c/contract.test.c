/*
 * What the headers promise of failures: each bad size, input and order of calls has its status, and a failed call
 * changes nothing.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../c/recall.h"
#include "../../c/trace.h"
#include "support/check.h"
#include "support/models.h"

enum { BATCH = 3, LENGTH = 20 };

static const uint8_t TEXT[] = "The rain in Spain stays mainly in the plain, and the sea is blue.";

static ac_config settings(int32_t model_type) {
  ac_config config = test_config(3, 5, BATCH, LENGTH);
  config.model_type = model_type;
  config.byte_entropy_threshold = 11;
  config.meta_uncertainty_threshold = 1.2f;
  return config;
}

/* ---- memory ---- */

static void check_block(int32_t model_type) {
  enum { GUARD = 128 };
  const ac_config config = settings(model_type);
  const uint64_t bytes = ac_model_bytes(&config, BATCH);
  const size_t room = (size_t)(bytes + 2 * GUARD) / AC_ALIGNMENT * AC_ALIGNMENT;
  uint8_t *block = aligned_alloc(AC_ALIGNMENT, room);
  ac_model *model = NULL;
  CHECK(block, "memory");
  memset(block, 0xee, room);
  CHECK(ac_model_init(&config, BATCH, 0, block, bytes - 1, &model) == AC_SMALL_BLOCK && !model, "a byte too few");
  CHECK(ac_model_init(&config, BATCH, -1, block, bytes, &model) == AC_BAD_SETTING, "a negative first sequence");
  CHECK(ac_model_init(&config, BATCH, AC_MAX_BATCH + 1, block, bytes, &model) == AC_BAD_SETTING,
        "a first sequence too high");
  bool untouched = true;
  for (size_t i = 0; i < room; i++) {
    untouched = untouched && block[i] == 0xee;
  }
  CHECK(untouched, "a failed set-up writes nothing");
  CHECK(ac_model_init(&config, BATCH, 0, block, bytes, &model) == AC_OK && model, "just enough");
  ac_real logits[2][BATCH * LENGTH * AC_SYMBOLS];
  const ac_outputs outputs = {logits[0], logits[1], 0};
  for (int step = 0; step < 3; step++) {
    test_train(model, TEXT, BATCH, LENGTH);
    test_forward(model, TEXT, BATCH, LENGTH, AC_EVALUATE, &outputs);
  }
  for (size_t i = (size_t)bytes; i < room; i++) {
    untouched = untouched && block[i] == 0xee;
  }
  CHECK(untouched && room > bytes, "no byte beyond the block is written");

  /* The earlier contents of the block make no difference. */
  ac_model *other = test_model(&config);
  for (int step = 0; step < 3; step++) {
    test_train(other, TEXT, BATCH, LENGTH);
  }
  CHECK_SAME(ac_model_parameters(model), ac_model_parameters(other), (size_t)ac_model_size(model) * sizeof(ac_real),
             "a dirty block");
  free(block);
}

/* ---- inputs and the order of calls ---- */

typedef struct state {
  size_t size;
  ac_real *numbers[3];
  int32_t updates[128];
} state;

static state state_of(ac_model *m) {
  state s = {.size = (size_t)ac_model_size(m)};
  const ac_real *from[3] = {ac_model_parameters(m), ac_model_first_moments(m), ac_model_second_moments(m)};
  for (int i = 0; i < 3; i++) {
    s.numbers[i] = memcpy(test_reals(s.size), from[i], s.size * sizeof(ac_real));
  }
  memcpy(s.updates, ac_model_updates(m), (size_t)ac_model_tensors(m)->count * sizeof(int32_t));
  return s;
}

static bool unchanged(ac_model *m, const state *s) {
  const size_t bytes = s->size * sizeof(ac_real);
  return memcmp(s->numbers[0], ac_model_parameters(m), bytes) == 0 &&
         memcmp(s->numbers[1], ac_model_first_moments(m), bytes) == 0 &&
         memcmp(s->numbers[2], ac_model_second_moments(m), bytes) == 0 &&
         memcmp(s->updates, ac_model_updates(m), (size_t)ac_model_tensors(m)->count * sizeof(int32_t)) == 0;
}

static ac_status update(ac_model *m) {
  double norm;
  return ac_model_update(m, 0.001, &norm);
}

static void check_inputs(ac_model *m) {
  static const int32_t BAD[][3] = {{0, LENGTH, 0},          {-1, LENGTH, 0},     {BATCH + 1, LENGTH, 0},
                                   {BATCH, 0, 0},           {BATCH, -5, 0},      {BATCH, LENGTH + 1, 0},
                                   {BATCH, LENGTH, LENGTH}, {BATCH, LENGTH, -1}, {1, 3, 3}};
  test_forward(m, TEXT, BATCH, LENGTH, AC_TRAIN, NULL);
  const ac_sums before = *ac_model_sums(m);
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    const ac_outputs outputs = {NULL, NULL, BAD[i][2]};
    CHECK(ac_model_forward(m, TEXT, BAD[i][0], BAD[i][1], AC_TRAIN, &outputs) == AC_BAD_INPUT, "bad input %zu", i);
  }
  CHECK(memcmp(&before, ac_model_sums(m), sizeof before) == 0, "bad input leaves the sums as they were");
  CHECK(ac_model_backward(m, &before) == AC_OK, "and the pass before it, too");
}

/** Logits from a time step on are the last of all the logits. */
static void check_from(ac_model *m) {
  ac_real all[BATCH * LENGTH * AC_SYMBOLS], some[BATCH * LENGTH * AC_SYMBOLS];
  const ac_outputs whole = {NULL, all, 0};
  test_forward(m, TEXT, BATCH, LENGTH, AC_EVALUATE, &whole);
  for (int32_t from = 1; from < LENGTH; from += 6) {
    const ac_outputs outputs = {NULL, some, from};
    test_forward(m, TEXT, BATCH, LENGTH, AC_EVALUATE, &outputs);
    for (int32_t s = 0; s < BATCH; s++) {
      const ptrdiff_t steps = LENGTH - from;
      CHECK_SAME(some + s * steps * AC_SYMBOLS, all + (s * LENGTH + from) * AC_SYMBOLS,
                 (size_t)steps * AC_SYMBOLS * sizeof *all, "logits from step %d of sequence %d", (int)from, (int)s);
    }
  }
}

static void check_order(ac_model *m) {
  const state start = state_of(m);
  ac_model_parameters_changed(m);
  CHECK(ac_model_backward(m, ac_model_sums(m)) == AC_WRONG_ORDER, "backward before any pass");
  CHECK(update(m) == AC_WRONG_ORDER, "update before any pass");
  test_forward(m, TEXT, BATCH, LENGTH, AC_EVALUATE, NULL);
  CHECK(ac_model_backward(m, ac_model_sums(m)) == AC_WRONG_ORDER, "backward after an evaluation");
  test_forward(m, TEXT, BATCH, LENGTH, AC_TRAIN, NULL);
  CHECK(update(m) == AC_WRONG_ORDER, "update without a backward pass");
  CHECK(unchanged(m, &start), "nothing was updated");
  CHECK(ac_model_backward(m, ac_model_sums(m)) == AC_OK, "backward");
  CHECK(ac_model_backward(m, ac_model_sums(m)) == AC_WRONG_ORDER, "backward twice");
  CHECK(update(m) == AC_OK && !unchanged(m, &start), "update");
  const state after = state_of(m);
  CHECK(update(m) == AC_WRONG_ORDER && unchanged(m, &after), "update twice");
  test_forward(m, TEXT, BATCH, LENGTH, AC_TRAIN, NULL);
  ac_model_parameters_changed(m);
  CHECK(ac_model_backward(m, ac_model_sums(m)) == AC_WRONG_ORDER, "backward after a change of parameters");
}

static void check_optimiser(ac_model *m) {
  const ac_config before = *ac_model_config(m);
  const float bad[] = {-1, NAN, INFINITY};
  for (int i = 0; i < 3; i++) {
    CHECK(ac_model_set_optimiser(m, bad[i], 0) == AC_BAD_SETTING &&
              ac_model_set_optimiser(m, 0, bad[i]) == AC_BAD_SETTING,
          "optimiser setting %g", (double)bad[i]);
  }
  CHECK(memcmp(&before, ac_model_config(m), sizeof before) == 0, "a refused setting changes none");
  CHECK(ac_model_set_optimiser(m, 0.5f, 0.25f) == AC_OK && ac_model_config(m)->weight_decay == 0.5f,
        "a good one is taken");
  ac_config config = *ac_model_config(m);
  ac_model *clipped = test_model(&config);
  config.clip_norm = 0;
  ac_model *scaled = test_model(&config);
  double norm = 0, length = 0;
  test_forward(clipped, TEXT, BATCH, LENGTH, AC_TRAIN, NULL);
  test_forward(scaled, TEXT, BATCH, LENGTH, AC_TRAIN, NULL);
  CHECK(ac_model_backward(clipped, ac_model_sums(clipped)) == AC_OK &&
            ac_model_backward(scaled, ac_model_sums(scaled)) == AC_OK,
        "two backward passes");
  CHECK(ac_model_update(clipped, 1e-3, &norm) == AC_OK && norm > 0.25, "an update that is clipped");
  for (int64_t i = 0; i < ac_model_dense_size(clipped); i++) {
    ac_model_gradients(scaled)[i] *= (ac_real)(0.25 / norm);
  }
  CHECK(ac_model_update(scaled, 1e-3, &length) == AC_OK, "one of a gradient that was scaled before");
  CHECK_NEAR(length, 0.25, 1e-5, "the length of the scaled gradient");
  const size_t bytes = (size_t)ac_model_size(clipped) * sizeof(ac_real);
  CHECK_SAME(ac_model_parameters(clipped), ac_model_parameters(scaled), bytes, "both have the same parameters");
}

static void check_streams(void) {
  ac_config config = settings(AC_ADAPTIVE);
  static uint8_t block[16];
  static ac_trace trace;
  ac_stream *stream = NULL;
  config.border_mode = AC_TEACHER_FORCED;
  ac_model *forced = test_model(&config);
  CHECK(ac_stream_init(forced, block, UINT64_MAX, &stream) == AC_LEAKS && !stream, "no stream with teacher forcing");
  config.model_type = AC_BASELINE;
  CHECK(test_stream(test_model(&config)), "the baseline has no borders to force");
  config = settings(AC_ADAPTIVE);
  ac_model *model = test_model(&config);
  CHECK(ac_stream_init(model, block, ac_stream_bytes(model) - 1, &stream) == AC_SMALL_BLOCK && !stream,
        "a byte too few");
  stream = test_stream(model);
  CHECK(ac_stream_set_threshold(stream, 2, 1) == AC_BAD_INPUT && ac_stream_set_threshold(stream, -1, 1) == AC_BAD_INPUT,
        "a threshold of the top level, or of no level");
  CHECK(ac_stream_set_threshold(stream, 0, -1) == AC_BAD_INPUT &&
            ac_stream_set_threshold(stream, 0, (ac_real)NAN) == AC_BAD_INPUT,
        "an invalid threshold");
  CHECK(ac_trace_piece(stream, TEXT, NULL, 0, -1, &trace) == AC_BAD_INPUT &&
            ac_trace_piece(stream, TEXT, NULL, AC_TRACE_PIECE + 1, -1, &trace) == AC_BAD_INPUT &&
            ac_trace_piece(stream, TEXT, NULL, 3, -2, &trace) == AC_BAD_INPUT &&
            ac_trace_piece(stream, TEXT, NULL, 3, 256, &trace) == AC_BAD_INPUT,
        "an invalid piece of a trace");
}

/* ---- sparse gradients ---- */

/** A model that looks up n-grams of two and three bytes and so many spans, and recalls. */
static ac_config recalling(int32_t spans) {
  ac_config config = settings(AC_ADAPTIVE);
  config.wiring = AC_RESIDUAL;
  config.ngram_order = 3;
  config.ngram_rows = 11;
  config.span_order = spans;
  config.recall = 1;
  return config;
}

/** Rows that one replica copies out, another adds; bad rows are refused, though rows before them may have been added. */
static void check_sparse(void) {
  ac_config config = settings(AC_ADAPTIVE);
  ac_model *none = test_model(&config);
  ac_real few[4] = {0};
  CHECK(ac_sparse_room(&config, BATCH) == 0 && ac_model_copy_sparse(none, few) == 0,
        "without n-grams there are no rows");
  CHECK(ac_model_add_sparse(none, 1, few) == AC_BAD_INPUT, "and none are accepted");
  config = recalling(2);
  config.token_embeddings = 1;
  ac_model *m = test_model(&config);
  test_forward(m, TEXT, BATCH, LENGTH, AC_TRAIN, NULL);
  CHECK(ac_model_backward(m, ac_model_sums(m)) == AC_OK, "a backward pass");
  const size_t size = (size_t)ac_model_size(m), dense = (size_t)ac_model_dense_size(m);
  ac_real *gradients = test_reals(size), *kept = test_reals(size);
  ac_model_copy_gradients(m, kept);
  ac_real *rows = test_reals((size_t)ac_sparse_room(&config, BATCH));
  const int64_t count = ac_model_copy_sparse(m, rows);
  ac_model_clear_sparse(m);
  ac_model_copy_gradients(m, gradients);
  CHECK(count > 1 && count <= ac_sparse_room(&config, BATCH), "%d numbers", (int)count);
  bool zero = true, some = false;
  for (size_t i = dense; i < size; i++) {
    zero = zero && gradients[i] == 0;
    some = some || kept[i] != 0;
  }
  CHECK(zero && some, "the rows were copied, and then cleared");
  CHECK(ac_model_add_sparse(m, count - 1, rows) == AC_BAD_INPUT, "a number too few");
  CHECK(ac_model_add_sparse(m, 0, rows) == AC_BAD_INPUT, "no number");
  CHECK(ac_model_add_sparse(m, count, rows) == AC_OK, "all of them");
  ac_model_copy_gradients(m, gradients);
  CHECK_SAME(gradients, kept, size * sizeof(ac_real), "they are back in their places");
  const ac_real first = rows[1];
  const ac_real bad[] = {(ac_real)(55 + 4 * AC_RECALL_ROWS), -1, (ac_real)NAN, (ac_real)INFINITY};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    rows[1] = bad[i];
    CHECK(ac_model_add_sparse(m, count, rows) == AC_BAD_INPUT, "row %g", (double)bad[i]);
  }
  rows[1] = first;
  const ac_real counts[] = {-1, (ac_real)NAN, (ac_real)INFINITY, 1e9F};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    rows[0] = counts[i];
    CHECK(ac_model_add_sparse(m, count, rows) == AC_BAD_INPUT, "%g rows", (double)counts[i]);
  }
  test_free_all();
}

/** A pass that goes on changes no slot but those that it says, and those that sequences had come to before. */
static void check_slots(void) {
  ac_config config = settings(AC_ADAPTIVE);
  const int32_t next[BATCH] = {' ', ' '};
  CHECK(ac_model_slot_count(test_model(&config)) == 0, "without recall there are none");
  config = recalling(1);
  config.carry_state = 1;
  ac_model *m = test_model(&config);
  const ac_memory *memory = ac_model_memory(m, AC_TRAIN);
  const int64_t width = memory->width, all = BATCH * width, begin = width - ac_model_slots_width(m);
  ac_real *before = test_reals((size_t)all);
  bool *free_to = calloc((size_t)all, sizeof *free_to);
  int64_t changed = 0;
  for (int pass = 0; pass < 3; pass++) {
    memcpy(before, memory->states, (size_t)all * sizeof *before);
    CHECK(ac_model_continue(m, TEXT + pass, next, BATCH, LENGTH, AC_TRAIN, NULL) == AC_OK, "pass %d", pass);
    const int32_t *slots = ac_model_slots(m);
    const int64_t count = ac_model_slot_count(m), last = count - count / LENGTH;
    CHECK(count == (int64_t)BATCH * LENGTH * 3, "three contexts have a slot at every position");
    for (int64_t i = 0; i < count; i++) {
      free_to[slots[i]] = true;
    }
    for (int64_t i = 0; i < all; i++) {
      const bool same = before[i] == memory->states[i];
      changed += i % width >= begin && !same;
      CHECK(same || i % width < begin || free_to[i], "pass %d changes number %d", pass, (int)i);
      free_to[i] = false;
    }
    for (int64_t i = last; i < count; i++) {
      free_to[slots[i]] = true;
    }
  }
  CHECK(changed > 0, "some slots change");
  free(free_to);
  test_free_all();
}

int main(void) {
  check_group("memory");
  check_block(AC_ADAPTIVE);
  check_block(AC_BASELINE);
  check_group("inputs, order of calls, optimiser");
  for (int32_t type = AC_ADAPTIVE; type <= AC_BASELINE; type++) {
    const ac_config config = settings(type);
    ac_model *model = test_model(&config);
    check_inputs(model);
    check_from(model);
    check_order(model);
    check_optimiser(model);
  }
  check_group("streams");
  check_streams();
  test_free_all();
  check_group("sparse gradients");
  check_sparse();
  check_group("slots of recall");
  check_slots();
  return check_finish("contract");
}
