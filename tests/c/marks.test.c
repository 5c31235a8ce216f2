/* Borders that a reader brings: marks of bytes become borders of every level, in passes, streams and traces. */
#include <string.h>

#include "../../c/random.h"
#include "../../c/rules.h"
#include "../../c/trace.h"
#include "support/check.h"
#include "support/models.h"

enum { LEVELS = 3, SEQUENCES = 3, LENGTH = 90, WINDOW = 41 };

static uint8_t text[SEQUENCES][LENGTH + 1], marks[SEQUENCES][LENGTH];

static int32_t rule_given(void) {
  int32_t i = 0;
  while (strcmp(ac_rule_at(i)->name, "given") != 0) {
    i++;
  }
  return i;
}

static ac_model *model_of(int kind) {
  ac_config config = test_config(LEVELS, 8, SEQUENCES, LENGTH);
  test_set_kind(&config, kind);
  for (int l = 0; l < LEVELS - 1; l++) {
    config.level[l].rule = rule_given();
  }
  return test_model(&config);
}

/** Levels that have a border at each byte [n], from the masks of the latest pass. */
static void depths_of(const ac_model *m, int32_t sequences, int32_t sequence, int32_t n, uint8_t *depth) {
  int32_t place[LENGTH], count = n;
  for (int32_t i = 0; i < n; i++) {
    place[i] = i;
    depth[i] = 0;
  }
  for (int l = 0; l < LEVELS - 1; l++) {
    uint8_t mask[SEQUENCES * LENGTH];
    const int32_t steps = ac_model_steps(m, l);
    CHECK(sequences * steps <= SEQUENCES * LENGTH, "there is room");
    ac_model_border_mask(m, l, mask);
    int32_t borders = 0;
    for (int32_t i = 0; i < count; i++) {
      if (mask[sequence * steps + i]) {
        depth[place[i]]++;
        place[borders++] = place[i];
      }
    }
    count = borders;
  }
}

/** What marks should come to: the first byte of a text is a border of every level, and marks may name levels that are not there. */
static void expected_of(const uint8_t *own, int32_t n, bool begins, uint8_t *depth) {
  for (int32_t i = 0; i < n; i++) {
    const uint8_t most = LEVELS - 1;
    depth[i] = i == 0 && begins ? most : own[i] < most ? own[i] : most;
  }
}

/** All sequences at once, as a text each. */
static void check_pass(ac_model *m, int32_t n, bool marked) {
  uint8_t bytes[SEQUENCES * LENGTH], own[SEQUENCES * LENGTH], found[LENGTH], expected[LENGTH];
  static const uint8_t NONE[LENGTH];
  for (int32_t s = 0; s < SEQUENCES; s++) {
    memcpy(bytes + s * n, text[s], (size_t)n);
    memcpy(own + s * n, marks[s], (size_t)n);
  }
  ac_model_set_marks(m, marked ? own : NULL);
  test_forward(m, bytes, SEQUENCES, n, AC_TRAIN, NULL);
  ac_model_set_marks(m, NULL);
  for (int32_t s = 0; s < SEQUENCES; s++) {
    depths_of(m, SEQUENCES, s, n, found);
    expected_of(marked ? marks[s] : NONE, n, true, expected);
    CHECK_SAME(found, expected, (size_t)n, "sequence %d of a pass over %d bytes, marked: %d", (int)s, (int)n, marked);
  }
}

/** Windows that go on from one another. */
static void check_windows(ac_model *m) {
  uint8_t found[LENGTH], expected[LENGTH];
  ac_model_forget(m, AC_EVALUATE);
  for (int32_t at = 0; at < LENGTH; at += WINDOW) {
    const int32_t n = LENGTH - at < WINDOW ? LENGTH - at : WINDOW, next = text[1][at + n];
    ac_model_set_marks(m, marks[1] + at);
    CHECK(ac_model_continue(m, text[1] + at, &next, 1, n, AC_EVALUATE, NULL) == AC_OK, "a window");
    depths_of(m, 1, 0, n, found);
    expected_of(marks[1] + at, n, at == 0, expected);
    CHECK_SAME(found, expected, (size_t)n, "the window at %d", (int)at);
  }
  ac_model_set_marks(m, NULL);
}

static void check_stream(ac_model *m) {
  ac_stream *stream = test_stream(m);
  uint8_t found[LENGTH], expected[LENGTH];
  for (int32_t t = 0; t < LENGTH; t++) {
    /* Every other mark is left out: one holds for one byte alone. */
    if (t % 2) {
      ac_stream_set_mark(stream, marks[0][t]);
    }
    found[t] = (uint8_t)(ac_stream_feed(stream, text[0][t], -1, 0)->depth - 1);
  }
  expected_of(marks[0], LENGTH, true, expected);
  for (int32_t t = 2; t < LENGTH; t += 2) {
    expected[t] = 0;
  }
  CHECK_SAME(found, expected, sizeof found, "bytes of a stream");
}

static void check_trace(ac_model *m) {
  static ac_trace trace;
  uint8_t expected[LENGTH];
  CHECK(ac_trace_piece(test_stream(m), text[2], marks[2], LENGTH, -1, &trace) == AC_OK, "a trace");
  expected_of(marks[2], LENGTH, true, expected);
  int32_t tokens = 0, higher = 0;
  for (int32_t t = 0; t < LENGTH; t++) {
    CHECK(trace.level[0].border[t] == (expected[t] > 0), "byte %d of a trace", (int)t);
    tokens += expected[t] > 0;
    higher += expected[t] > 1;
  }
  CHECK(trace.level[1].count == tokens && trace.level[2].count == higher, "%d and %d tokens", (int)tokens, (int)higher);
}

int main(void) {
  ac_random source = ac_random_make(5, 1);
  for (int32_t s = 0; s < SEQUENCES; s++) {
    for (int32_t i = 0; i < LENGTH; i++) {
      text[s][i] = (uint8_t)ac_random_bits(&source);
      marks[s][i] = (uint8_t)(ac_random_bits(&source) % 7 < 4 ? 0 : ac_random_bits(&source) % 4);
    }
  }
  for (int kind = 0; kind < 2; kind++) {
    check_group(kind ? "residual" : "mirror");
    ac_model *m = model_of(kind);
    check_pass(m, LENGTH, true);
    check_pass(m, WINDOW, true);
    check_pass(m, LENGTH, false);
    if (kind) {
      check_windows(m);
    }
    check_stream(m);
    check_trace(m);
  }
  check_group("scores alone");
  const ac_real score[2] = {1, 2};
  const uint8_t symbol[2] = {1, 2};
  uint8_t border[2];
  ac_real reached[2];
  CHECK(ac_reroute(ac_rule_at(rule_given()), 0, 0, 0, 2, score, symbol, border, reached) == AC_BAD_INPUT,
        "there are no borders of a list without it");
  test_free_all();
  return check_finish("marks");
}
