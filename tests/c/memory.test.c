/*
 * What a sequence remembers is all that it needs to go on: passes, streams, and one after the other, give the bits of one
 * long text.
 */
#include <string.h>

#include "support/check.h"
#include "support/models.h"

enum { BATCH = 2, WINDOW = 40, LENGTH = 3 * WINDOW, ROW = AC_SYMBOLS * sizeof(ac_real) };

static ac_config settings(int kind) {
  ac_config config = test_config(3, 13, BATCH, WINDOW);
  config.model_type = kind < 2 ? AC_ADAPTIVE : kind - 1;
  config.wiring = kind == 1 ? AC_RESIDUAL : AC_MIRROR;
  config.byte_entropy_threshold = 9;
  config.meta_uncertainty_threshold = 1.2f;
  return config;
}

/** Logits that a stream gives over bytes [n]. */
static void listen(ac_stream *stream, const uint8_t *bytes, int n, ac_real *logits, int *borders) {
  for (int t = 0; t < n; t++) {
    const ac_step *step = ac_stream_feed(stream, bytes[t], -1, AC_WANT_DECODER | AC_WANT_PREDICTIONS);
    memcpy(logits + (ptrdiff_t)t * AC_SYMBOLS, step->decoder.logits, ROW);
    *borders += step->depth > 1;
  }
}

/** A stream that takes over in the middle says what one that read everything says. */
static void check_streams(ac_model *model, const uint8_t *text) {
  ac_real *whole = test_reals(LENGTH * AC_SYMBOLS), *rest = test_reals(LENGTH * AC_SYMBOLS);
  ac_stream *first = test_stream(model), *second = test_stream(model);
  int borders = 0;
  listen(first, text, LENGTH, whole, &borders);
  ac_stream_reset(first);
  listen(first, text, WINDOW, rest, &borders);
  /* Whatever it read before is forgotten. */
  listen(second, text + 7, 31, rest, &borders);
  CHECK(ac_stream_go_on(second, ac_stream_memory(first), 0) == AC_OK, "a stream goes on");
  listen(second, text + WINDOW, LENGTH - WINDOW, rest, &borders);
  CHECK_SAME(whole + WINDOW * AC_SYMBOLS, rest, (LENGTH - WINDOW) * ROW, "the rest of the text");
  ac_stream_reset(second);
  listen(second, text, LENGTH, rest, &borders);
  CHECK_SAME(whole, rest, LENGTH * ROW, "from the start again");
  CHECK(borders > 4 || ac_model_config(model)->model_type != AC_ADAPTIVE, "%d borders", borders);
}

/** Passes and a stream hand one another the text, sequence by sequence. */
static void check_passes(ac_model *model, const uint8_t *text) {
  ac_real *whole = test_reals(LENGTH * AC_SYMBOLS), *part = test_reals(BATCH * WINDOW * AC_SYMBOLS);
  ac_memory *memory = ac_model_memory(model, AC_EVALUATE);
  const ac_outputs outputs = {.decoder_logits = part};
  uint8_t bytes[BATCH * WINDOW];
  const int32_t next[BATCH] = {' ', ' '};
  for (int s = 0; s < BATCH; s++) {
    const uint8_t *own = text + 500 * s;
    int borders = 0;
    ac_stream *stream = test_stream(model);
    listen(stream, own, LENGTH, whole, &borders);
    ac_stream_reset(stream);
    listen(stream, own, WINDOW, part, &borders);
    /* The pass goes on from the stream, the other sequence from its start. */
    ac_memory_forget(memory);
    ac_memory_copy(memory, s, ac_stream_memory(stream), 0);
    memcpy(bytes + s * WINDOW, own + WINDOW, WINDOW);
    memcpy(bytes + (1 - s) * WINDOW, text + 900, WINDOW);
    CHECK(ac_model_continue(model, bytes, next, BATCH, WINDOW, AC_EVALUATE, &outputs) == AC_OK, "a pass");
    CHECK_SAME(whole + WINDOW * AC_SYMBOLS, part + (ptrdiff_t)s * WINDOW * AC_SYMBOLS, WINDOW * ROW, "the pass");
    /* And a stream from the pass. */
    ac_stream_reset(stream);
    CHECK(ac_stream_go_on(stream, memory, s) == AC_OK, "a stream goes on from a pass");
    listen(stream, own + 2 * WINDOW, WINDOW, part, &borders);
    CHECK_SAME(whole + 2 * WINDOW * AC_SYMBOLS, part, WINDOW * ROW, "the stream");
  }
}

static void check_refusals(ac_model *model, ac_model *other) {
  ac_stream *stream = test_stream(model);
  const ac_memory *memory = ac_stream_memory(test_stream(model));
  CHECK(ac_stream_go_on(stream, memory, 1) == AC_BAD_SETTING && ac_stream_go_on(stream, memory, -1) == AC_BAD_SETTING,
        "no such sequence");
  CHECK(ac_stream_go_on(stream, ac_stream_memory(test_stream(other)), 0) == AC_BAD_SETTING, "another shape");
  const ac_memory none = {.sequences = 1, .levels = memory->levels, .width = memory->width};
  CHECK(ac_stream_go_on(stream, &none, 0) == AC_BAD_SETTING, "nothing remembered");
}

int main(void) {
  static const char *const NAMES[] = {"mirror", "residual", "baseline", "flat"};
  size_t size;
  const uint8_t *text = test_text(&size);
  ac_model *models[4];
  for (int kind = 0; kind < 4; kind++) {
    check_group(NAMES[kind]);
    const ac_config config = settings(kind);
    models[kind] = test_model(&config);
    for (int step = 0; step < 5; step++) {
      test_train(models[kind], text + (ptrdiff_t)step * BATCH * WINDOW, BATCH, WINDOW);
    }
    check_streams(models[kind], text + 3000);
    if (ac_model_memory(models[kind], AC_EVALUATE)->states) {
      check_passes(models[kind], text + 3000);
    }
  }
  check_group("refusals");
  check_refusals(models[0], models[1]);
  test_free_all();
  return check_finish("memory");
}
