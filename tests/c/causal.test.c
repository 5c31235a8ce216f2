// tier: slow
/*
 * Nothing looks ahead or sideways: changing a byte changes no output before it, a prefix has the outputs of the whole
 * text, and a sequence has the same bits whatever its neighbours in the batch. Teacher-forced borders do look ahead.
 */
#include <string.h>

#include "support/check.h"
#include "support/models.h"

enum { LENGTH = 200, MOST_LEVELS = 5, ROW = AC_SYMBOLS * sizeof(ac_real) };

/** The outputs of a pass over one sequence. */
typedef struct answer {
  ac_real *encoder, *decoder; /* [LENGTH][AC_SYMBOLS] */
  uint8_t mask[MOST_LEVELS][LENGTH];
  int32_t tokens[MOST_LEVELS];
} answer;

static answer new_answer(void) {
  return (answer){.encoder = test_reals(LENGTH * AC_SYMBOLS), .decoder = test_reals(LENGTH * AC_SYMBOLS)};
}

static void ask(ac_model *model, const uint8_t *bytes, int32_t length, answer *a) {
  const ac_outputs outputs = {a->encoder, a->decoder, 0};
  test_forward(model, bytes, 1, length, AC_EVALUATE, &outputs);
  for (int l = 0; l < ac_model_config(model)->num_levels; l++) {
    a->tokens[l] = ac_model_steps(model, l);
    ac_model_border_mask(model, l, a->mask[l]);
  }
}

/** How many of the level's marks depend on the first t bytes alone. */
static int32_t marks_before(const answer *a, int level, int32_t t) {
  int32_t count = t;
  for (int l = 0; l < level; l++) {
    int32_t promoted = 0;
    for (int32_t i = 0; i < count; i++) {
      promoted += a->mask[l][i];
    }
    count = promoted;
  }
  return count;
}

/** A copy of a model with the other border rule. */
static ac_model *teacher_forced(ac_model *model) {
  ac_config config = *ac_model_config(model);
  config.border_mode = AC_TEACHER_FORCED;
  config.threshold = 0.3f;
  ac_model *other = test_model(&config);
  test_copy_parameters(other, model);
  return other;
}

static void check_changes(ac_model *model, const uint8_t *text) {
  const int levels = ac_model_config(model)->num_levels;
  answer before = new_answer(), after = new_answer();
  uint8_t bytes[LENGTH];
  int32_t farthest = 0;
  ask(model, text, LENGTH, &before);
  for (int32_t t = 0; t < LENGTH; t += 1 + t % 3) {
    memcpy(bytes, text, LENGTH);
    bytes[t] ^= (uint8_t)(1 + t % 64);
    ask(model, bytes, LENGTH, &after);
    CHECK_SAME(before.encoder, after.encoder, (size_t)t * ROW, "%d levels: encoder before byte %d", levels, (int)t);
    CHECK_SAME(before.decoder, after.decoder, (size_t)t * ROW, "%d levels: decoder before byte %d", levels, (int)t);
    CHECK(memcmp(before.encoder + t * AC_SYMBOLS, after.encoder + t * AC_SYMBOLS, ROW) != 0,
          "%d levels: byte %d changes what follows it", levels, (int)t);
    for (int l = 0; l < levels - 1; l++) {
      const int32_t marks = marks_before(&before, l, t);
      farthest = l == levels - 2 && marks > farthest ? marks : farthest;
      CHECK(marks <= after.tokens[l] && memcmp(before.mask[l], after.mask[l], (size_t)marks) == 0,
            "%d levels: the first %d borders of level %d, before byte %d", levels, (int)marks, l, (int)t);
    }
  }
  CHECK(levels == 1 || farthest >= 3, "%d levels: at most %d marks of the last level were compared", levels,
        (int)farthest);
}

static void check_prefixes(ac_model *model, const uint8_t *text) {
  const int levels = ac_model_config(model)->num_levels;
  answer whole = new_answer();
  ac_real row[AC_SYMBOLS];
  ask(model, text, LENGTH, &whole);
  for (int32_t n = 1; n <= LENGTH; n++) {
    const ac_outputs last = {NULL, row, n - 1};
    test_forward(model, text, 1, n, AC_EVALUATE, &last);
    CHECK_SAME(row, whole.decoder + (n - 1) * AC_SYMBOLS, ROW, "%d levels: the prefix of %d bytes", levels, (int)n);
  }
}

/** Each byte's target decides its border here, so the decoder's logits before a changed byte change. */
static void check_leak(ac_model *model, const uint8_t *text) {
  const int levels = ac_model_config(model)->num_levels;
  answer before = new_answer(), after = new_answer();
  uint8_t bytes[LENGTH];
  int leaks = 0, prefixes = 0;
  ask(model, text, LENGTH, &before);
  for (int32_t t = 1; t < LENGTH; t += 5) {
    memcpy(bytes, text, LENGTH);
    bytes[t] ^= (uint8_t)(1 + t % 64);
    ask(model, bytes, LENGTH, &after);
    CHECK_SAME(before.encoder, after.encoder, (size_t)t * ROW, "%d levels: encoder before byte %d", levels, (int)t);
    leaks += memcmp(before.decoder, after.decoder, (size_t)t * ROW) != 0;
    ask(model, text, t, &after);
    prefixes += memcmp(before.decoder + (t - 1) * AC_SYMBOLS, after.decoder + (t - 1) * AC_SYMBOLS, ROW) != 0;
  }
  CHECK(leaks > 0, "%d levels: a later byte changes decoder logits", levels);
  CHECK(prefixes > 0, "%d levels: a prefix differs from the whole", levels);
}

/** Sequences in batches, in two orders, against each alone. */
static void check_neighbours(ac_model *alone, const uint8_t *text) {
  enum { BATCH = 5 };
  const int levels = ac_model_config(alone)->num_levels, mode = (int)ac_model_config(alone)->border_mode;
  ac_model *batch = test_like(alone, BATCH, LENGTH);
  const size_t numbers = (size_t)BATCH * LENGTH * AC_SYMBOLS;
  const ac_outputs all = {test_reals(numbers), test_reals(numbers), 0};
  uint8_t *bytes = test_bytes((size_t)BATCH * LENGTH), *mask = test_bytes((size_t)BATCH * LENGTH);
  answer single = new_answer();
  bool ragged = false;
  for (int order = 0; order < 2; order++) {
    for (int s = 0; s < BATCH; s++) {
      /* Other neighbours, in another order, the second time. */
      memcpy(bytes + s * LENGTH, text + (order ? 3 * (BATCH - s) : s) * 1777, LENGTH);
    }
    test_forward(batch, bytes, BATCH, LENGTH, AC_EVALUATE, &all);
    for (int s = 0; s < BATCH; s++) {
      ask(alone, bytes + s * LENGTH, LENGTH, &single);
      const ptrdiff_t at = (ptrdiff_t)s * LENGTH * AC_SYMBOLS;
      CHECK_SAME(single.encoder, all.encoder_logits + at, LENGTH * ROW, "%d levels, mode %d: encoder of sequence %d",
                 levels, mode, s);
      CHECK_SAME(single.decoder, all.decoder_logits + at, LENGTH * ROW, "%d levels, mode %d: decoder of sequence %d",
                 levels, mode, s);
      for (int l = 0; l < levels - 1; l++) {
        const int32_t steps = ac_model_steps(batch, l);
        ac_model_border_mask(batch, l, mask);
        CHECK(single.tokens[l] <= steps && memcmp(single.mask[l], mask + s * steps, (size_t)single.tokens[l]) == 0,
              "%d levels, mode %d: borders of sequence %d at level %d", levels, mode, s, l);
        for (int32_t i = single.tokens[l]; i < steps; i++) {
          ragged = true;
          CHECK(mask[s * steps + i] == 0, "no marks beyond a sequence");
        }
      }
    }
  }
  CHECK(levels < 3 || ragged, "%d levels, mode %d: the sequences differ in length", levels, mode);
}

/** Runs a check on models of at least so many levels, in their own border mode or teacher-forced. */
static void for_all_levels(void (*check)(ac_model *, const uint8_t *), int least, bool forced) {
  size_t size;
  const uint8_t *text = test_text(&size);
  for (int levels = least; levels <= MOST_LEVELS; levels++) {
    ac_model *model = test_lively_model(levels, 1, LENGTH);
    check(forced ? teacher_forced(model) : model, text);
    test_free_all();
  }
}

int main(void) {
  check_group("changed bytes");
  for_all_levels(check_changes, 1, false);
  check_group("prefixes");
  for_all_levels(check_prefixes, 1, false);
  check_group("neighbours");
  for_all_levels(check_neighbours, 1, false);
  for_all_levels(check_neighbours, 1, true);
  check_group("teacher-forced borders leak");
  for_all_levels(check_leak, 2, true);
  return check_finish("causal");
}
