// tier: slow
/*
 * Cached generation, one byte at a time, gives what the full forward pass gives: over more than 30,000 bytes of real
 * text for models of 1 to 5 levels, with weights for which parents condition every level. Borders and tokens are
 * identical; logits have to agree within 1e-4 and, as the matrix products promise, have the same bits.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/models.h"

enum { LENGTH = 2048, SEQUENCES = 4, ENOUGH = 30000 };

static const double LOGITS = 1e-4;

/** Totals of a comparison over whole texts. */
typedef struct comparison {
  long bytes, same_bits;
  double worst; /* difference of a logit */
  bool borders, tokens;
  double conditioned[AC_MAX_LEVELS], counted[AC_MAX_LEVELS];
} comparison;

static void compare_logits(comparison *c, const ac_real *full, const ac_real *cached) {
  c->same_bits += memcmp(full, cached, AC_SYMBOLS * sizeof *full) == 0;
  for (int i = 0; i < AC_SYMBOLS; i++) {
    const double difference = fabs((double)full[i] - (double)cached[i]);
    if (!(difference <= c->worst)) {
      c->worst = isnan(difference) ? INFINITY : difference;
    }
  }
}

/** Where a stream is, as far as it can be compared with the full pass. */
typedef struct place {
  int32_t tokens[AC_MAX_LEVELS]; /* so far */
  int32_t last[AC_MAX_LEVELS];   /* place of each level's last border, which is the newest token of the level above */
} place;

/** Streams one sequence and compares each byte with the pass over its batch. */
static void compare_sequence(comparison *c, ac_model *model, ac_stream *stream, const uint8_t *bytes, int sequence,
                             uint8_t *const *masks, const ac_outputs *full) {
  const int levels = ac_model_config(model)->num_levels;
  place at = {{0}, {0}};
  ac_stream_reset(stream);
  for (int t = 0; t < LENGTH; t++) {
    const ac_outcome *outcome = ac_stream_feed(stream, bytes[t], -1, AC_WANT_ENCODER | AC_WANT_DECODER);
    for (int l = 0; l < outcome->depth; l++) {
      const ac_token *token = &outcome->token[l];
      const int32_t i = at.tokens[l]++;
      c->tokens = c->tokens && token->source == (l ? at.last[l - 1] : t);
      if (l < levels - 1) {
        c->borders = c->borders && token->border == masks[l][sequence * ac_model_steps(model, l) + i];
        at.last[l] = token->border ? i : at.last[l];
        c->counted[l] += !token->border && at.tokens[l + 1] > 1;
      }
    }
    const ptrdiff_t row = ((ptrdiff_t)sequence * LENGTH + t) * AC_SYMBOLS;
    compare_logits(c, full->encoder_logits + row, outcome->encoder.logits);
    compare_logits(c, full->decoder_logits + row, outcome->decoder.logits);
    c->bytes++;
  }
  for (int l = 0; l < levels; l++) {
    /* The full pass has no token that the stream did not get. */
    const int32_t steps = ac_model_steps(model, l);
    for (int32_t i = at.tokens[l]; l < levels - 1 && i < steps; i++) {
      c->borders = c->borders && masks[l][sequence * steps + i] == 0;
    }
    c->tokens = c->tokens && at.tokens[l] <= steps;
  }
}

static void check_levels(int levels) {
  ac_model *model = test_lively_model(levels, SEQUENCES, LENGTH);
  ac_stream *stream = test_stream(model);
  const size_t numbers = (size_t)SEQUENCES * LENGTH * AC_SYMBOLS;
  const ac_outputs full = {test_reals(numbers), test_reals(numbers), 0};
  uint8_t *masks[AC_MAX_LEVELS];
  for (int l = 0; l < levels; l++) {
    masks[l] = test_bytes(SEQUENCES * LENGTH);
  }
  comparison c = {.borders = true, .tokens = true};
  size_t size;
  const uint8_t *text = test_text(&size);
  for (size_t start = 0; start + SEQUENCES * LENGTH <= size && c.bytes < ENOUGH; start += SEQUENCES * LENGTH) {
    test_forward(model, text + start, SEQUENCES, LENGTH, AC_EVALUATE, &full);
    for (int l = 0; l < levels; l++) {
      ac_model_border_mask(model, l, masks[l]);
      c.conditioned[l] += ac_model_sums(model)->conditioned[l];
    }
    for (int s = 0; s < SEQUENCES; s++) {
      compare_sequence(&c, model, stream, text + start + s * LENGTH, s, masks, &full);
    }
  }
  CHECK(c.bytes >= ENOUGH, "%d levels: %ld bytes of text", levels, c.bytes);
  CHECK(c.borders, "%d levels: the borders are those of the full pass", levels);
  CHECK(c.tokens, "%d levels: each token comes from the border below", levels);
  CHECK_NEAR(c.worst, 0, LOGITS, "%d levels: the worst logit", levels);
  CHECK(c.same_bits == 2 * c.bytes, "%d levels: %ld of %ld rows of logits have the same bits", levels, c.same_bits,
        2 * c.bytes);
  for (int l = 0; l < levels - 1; l++) {
    /* More than half of the bytes, and at each higher level at least an eighth as many as at the level below. */
    const double least = l ? c.conditioned[l - 1] / 8 : ENOUGH / 2;
    CHECK(c.conditioned[l] >= least && c.conditioned[l] >= 200, "%d levels: %g conditioned positions at level %d",
          levels, c.conditioned[l], l);
    CHECK(c.counted[l] <= c.conditioned[l] && c.counted[l] > 0.9 * c.conditioned[l],
          "%d levels: the stream has %g conditioned positions at level %d, the full pass %g", levels, c.counted[l], l,
          c.conditioned[l]);
  }
}

/** A stream that runs on past its sequence, in odd sizes, without parents, and the baseline. */
static void check_odd_sizes(int32_t model_type, int32_t levels, int32_t hidden) {
  enum { ODD = 301 };
  ac_config config = test_config(levels, hidden, 1, ODD);
  config.model_type = model_type;
  config.byte_entropy_threshold = 14;
  config.meta_uncertainty_threshold = 1.5f;
  ac_model *model = test_model(&config);
  ac_stream *stream = test_stream(model);
  const ac_outputs full = {NULL, test_reals((size_t)ODD * AC_SYMBOLS), 0};
  size_t size;
  const uint8_t *text = test_text(&size);
  comparison c = {.borders = true};
  test_forward(model, text, 1, ODD, AC_EVALUATE, &full);
  for (int t = 0; t < ODD; t++) {
    const ac_outcome *outcome = ac_stream_feed(stream, text[t], -1, AC_WANT_DECODER);
    compare_logits(&c, full.decoder_logits + (ptrdiff_t)t * AC_SYMBOLS, outcome->decoder.logits);
  }
  CHECK_NEAR(c.worst, 0, LOGITS, "type %d, %d levels, H %d: the worst logit", (int)model_type, (int)levels,
             (int)hidden);
  CHECK(c.same_bits == ODD, "type %d, %d levels, H %d: %ld rows of logits have the same bits", (int)model_type,
        (int)levels, (int)hidden, c.same_bits);
}

/** A byte costs what the logits imply, and without parents everything after the first conditioned byte changes. */
static void check_switches(void) {
  ac_model *model = test_lively_model(3, 1, 600);
  ac_stream *with = test_stream(model), *without = test_stream(model);
  size_t size, same = 0, first = 0;
  const uint8_t *text = test_text(&size);
  ac_stream_set_parents(without, false);
  for (size_t t = 0; t < 600; t++) {
    const ac_outcome *a = ac_stream_feed(with, text[t], text[t + 1], AC_WANT_DECODER);
    double total = 0;
    for (int i = 0; i < AC_SYMBOLS; i++) {
      total += exp((double)a->decoder.logits[i] - (double)a->decoder.logits[text[t + 1]]);
    }
    CHECK_NEAR((double)a->decoder.cross_entropy, log(total), 2e-5, "what byte %zu costs", t + 1);
    const ac_outcome *b = ac_stream_feed(without, text[t], -1, AC_WANT_DECODER);
    const bool equal = memcmp(a->decoder.logits, b->decoder.logits, AC_SYMBOLS * sizeof(ac_real)) == 0;
    same += equal;
    first = first == 0 && !equal ? t : first;
    CHECK(a->depth == b->depth, "parents do not change the borders at byte %zu", t);
  }
  CHECK(first > 0 && same < 600 / 2, "%zu of 600 bytes have no parent, the first that has one is %zu", same, first);

  /* After a reset, and with a threshold that is never reached, there is one token above. */
  ac_stream_reset(with);
  CHECK(ac_stream_set_threshold(with, 0, (ac_real)1e9) == AC_OK, "a threshold can be set");
  for (size_t t = 0; t < 100; t++) {
    CHECK(ac_stream_feed(with, text[t], -1, 0)->depth == (t ? 1 : 3), "no border after byte %zu", t);
  }
  /* A threshold of 0: every byte is a border. */
  CHECK(ac_stream_set_threshold(with, 0, 0) == AC_OK, "a threshold can be 0");
  CHECK(ac_stream_feed(with, 'a', -1, 0)->depth >= 2, "a border at once");
}

int main(void) {
  static char names[6][48];
  for (int levels = 1; levels <= 5; levels++) {
    snprintf(names[levels], sizeof names[levels], "30,000 bytes, %d level%s", levels, levels > 1 ? "s" : "");
    check_group(names[levels]);
    check_levels(levels);
    test_free_all();
  }
  check_group("odd sizes and the baseline");
  static const int32_t HIDDEN[] = {1, 3, 5, 8, 9, 17};
  for (size_t h = 0; h < sizeof HIDDEN / sizeof *HIDDEN; h++) {
    for (int32_t levels = 1; levels <= 4; levels++) {
      check_odd_sizes(AC_ADAPTIVE, levels, HIDDEN[h]);
      check_odd_sizes(AC_BASELINE, levels, HIDDEN[h]);
      test_free_all();
    }
  }
  check_group("switches");
  check_switches();
  test_free_all();
  return check_finish("stream");
}
