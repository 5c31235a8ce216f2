/*
 * A sequence's memory is all that it needs to go on: passes and streams, in any succession, give the bits of one
 * long text.
 */
#include <string.h>

#include "support/check.h"
#include "support/models.h"

enum { BATCH = 2, WINDOW = 40, LENGTH = 3 * WINDOW, ROW = AC_SYMBOLS * sizeof(ac_real) };

static ac_config settings(int kind) {
  ac_config config = test_config(3, 13, BATCH, WINDOW);
  test_set_kind(&config, kind);
  config.byte_entropy_threshold = 9;
  config.meta_uncertainty_threshold = 1.2f;
  if (kind == 1 || kind == 3) {
    config.ngram_order = 4;
    config.ngram_rows = 128;
    config.span_order = 3;
    config.token_embeddings = 1;
    config.recall = 1;
    config.encoder_scores = 1;
  }
  return config;
}

/** A stream's answer to a byte. */
typedef struct said {
  ac_real logits[AC_SYMBOLS];
  ac_real realised[AC_MAX_LEVELS]; /* of levels that got a token, else 0 */
} said;

static said *new_said(int n) { return (said *)test_bytes((size_t)n * sizeof(said)); }

/** A stream's answers to bytes [n]; counts the borders. */
static void listen(ac_stream *stream, const uint8_t *bytes, int n, said *out, int *borders) {
  memset(out, 0, (size_t)n * sizeof *out);
  for (int t = 0; t < n; t++) {
    const ac_outcome *outcome = ac_stream_feed(stream, bytes[t], -1, AC_WANT_DECODER | AC_WANT_PREDICTIONS);
    memcpy(out[t].logits, outcome->decoder.logits, ROW);
    for (int l = 0; l < outcome->depth; l++) {
      out[t].realised[l] = outcome->token[l].realised;
    }
    *borders += outcome->depth > 1;
  }
}

/** A stream that takes over anywhere answers as one that read everything. */
static void check_streams(ac_model *model, const uint8_t *text) {
  said *whole = new_said(LENGTH), *rest = new_said(LENGTH);
  ac_stream *first = test_stream(model), *second = test_stream(model);
  int borders = 0;
  listen(first, text, LENGTH, whole, &borders);
  CHECK(borders > 4 || ac_model_config(model)->model_type != AC_ADAPTIVE, "%d borders", borders);
  for (int at = WINDOW; at < WINDOW + 8; at++) {
    ac_stream_reset(first);
    listen(first, text, at, rest, &borders);
    /* What it read before is forgotten. */
    listen(second, text + 7, 31, rest, &borders);
    CHECK(ac_stream_go_on(second, ac_stream_memory(first), 0) == AC_OK, "a stream goes on");
    listen(second, text + at, LENGTH - at, rest, &borders);
    CHECK_SAME(whole + at, rest, (size_t)(LENGTH - at) * sizeof(said), "the text from byte %d on", at);
  }
  ac_stream_reset(second);
  listen(second, text, LENGTH, rest, &borders);
  CHECK_SAME(whole, rest, LENGTH * sizeof(said), "from the start again");
}

/** Passes and a stream continue each other's text, sequence by sequence. */
static void check_passes(ac_model *model, const uint8_t *text) {
  said *whole = new_said(LENGTH), *part = new_said(WINDOW);
  ac_real *logits = test_reals(BATCH * WINDOW * AC_SYMBOLS);
  ac_memory *memory = ac_model_memory(model, AC_EVALUATE);
  const ac_outputs outputs = {.decoder_logits = logits};
  uint8_t bytes[BATCH * WINDOW];
  const int32_t next[BATCH] = {' ', ' '};
  for (int s = 0; s < BATCH; s++) {
    const uint8_t *own = text + 500 * s;
    int borders = 0;
    ac_stream *stream = test_stream(model);
    listen(stream, own, LENGTH, whole, &borders);
    ac_stream_reset(stream);
    listen(stream, own, WINDOW, part, &borders);
    /* The pass continues the stream; its other sequence begins at the start. */
    ac_memory_forget(memory);
    ac_memory_copy(memory, s, ac_stream_memory(stream), 0);
    memcpy(bytes + s * WINDOW, own + WINDOW, WINDOW);
    memcpy(bytes + (1 - s) * WINDOW, text + 900, WINDOW);
    CHECK(ac_model_continue(model, bytes, next, BATCH, WINDOW, AC_EVALUATE, &outputs) == AC_OK, "a pass");
    for (int t = 0; t < WINDOW; t++) {
      CHECK_SAME(whole[WINDOW + t].logits, logits + (ptrdiff_t)(s * WINDOW + t) * AC_SYMBOLS, ROW,
                 "byte %d of the pass", t);
    }
    /* And a stream continues the pass. */
    ac_stream_reset(stream);
    CHECK(ac_stream_go_on(stream, memory, s) == AC_OK, "a stream goes on from a pass");
    listen(stream, own + 2 * WINDOW, WINDOW, part, &borders);
    for (int t = 0; t < WINDOW; t++) {
      CHECK_SAME(whole[2 * WINDOW + t].logits, part[t].logits, ROW, "byte %d of the stream", t);
    }
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
