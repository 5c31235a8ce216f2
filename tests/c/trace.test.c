/*
 * A trace gives what the full pass and the stream give for a text, in pieces of any size: tokens and their sources,
 * scores and sums, borders, entropies, the cost of each byte, and the likeliest symbols.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../c/trace.h"
#include "support/check.h"
#include "support/models.h"

enum { LENGTH = 700, LEVELS = 4 };

/** A whole trace, from its pieces. */
typedef struct whole_trace {
  float entropy[2][LENGTH], bits[2][LENGTH], probability[2][LENGTH][AC_TRACE_TOP];
  uint16_t symbol[2][LENGTH][AC_TRACE_TOP];
  int32_t count[LEVELS], source[LEVELS][LENGTH];
  float score[LEVELS][LENGTH], sum[LEVELS][LENGTH], realised[LEVELS][LENGTH];
  uint8_t border[LEVELS][LENGTH];
} whole_trace;

static void add_piece(whole_trace *w, int32_t at, const ac_trace *piece) {
  const ac_trace_head *heads[2] = {&piece->encoder, &piece->decoder};
  const size_t n = (size_t)piece->count;
  for (int h = 0; h < 2; h++) {
    memcpy(w->entropy[h] + at, heads[h]->entropy, n * sizeof(float));
    memcpy(w->bits[h] + at, heads[h]->bits, n * sizeof(float));
    memcpy(w->symbol[h][at], heads[h]->symbol, n * AC_TRACE_TOP * sizeof(uint16_t));
    memcpy(w->probability[h][at], heads[h]->probability, n * AC_TRACE_TOP * sizeof(float));
  }
  for (int l = 0; l < LEVELS; l++) {
    const ac_trace_level *level = &piece->level[l];
    const size_t count = (size_t)level->count;
    memcpy(w->source[l] + w->count[l], level->source, count * sizeof(int32_t));
    memcpy(w->score[l] + w->count[l], level->score, count * sizeof(float));
    memcpy(w->sum[l] + w->count[l], level->sum, count * sizeof(float));
    memcpy(w->realised[l] + w->count[l], level->realised, count * sizeof(float));
    memcpy(w->border[l] + w->count[l], level->border, count);
    w->count[l] += level->count;
  }
}

static whole_trace *trace_in_pieces(ac_model *model, const uint8_t *text, const int32_t *sizes, int kinds) {
  static ac_trace piece;
  whole_trace *w = calloc(1, sizeof *w);
  ac_stream *stream = test_stream(model);
  int32_t at = 0;
  for (int i = 0; w && at < LENGTH; i++) {
    const int32_t left = LENGTH - at, n = sizes[i % kinds] < left ? sizes[i % kinds] : left;
    const int32_t next = at + n < LENGTH ? text[at + n] : -1;
    CHECK(ac_trace_piece(stream, text + at, NULL, n, next, &piece) == AC_OK && piece.count == n, "a piece of %d",
          (int)n);
    add_piece(w, at, &piece);
    at += n;
  }
  return w;
}

/** Compares entropies, costs and likeliest symbols with the full pass's logits. */
static void check_head(const whole_trace *w, int head, const ac_real *logits, const uint8_t *text) {
  for (int t = 0; t < LENGTH; t++) {
    const ac_real *row = logits + (ptrdiff_t)t * AC_SYMBOLS;
    double highest = -INFINITY, total = 0, entropy = 0;
    for (int i = 0; i < AC_SYMBOLS; i++) {
      highest = fmax(highest, (double)row[i]);
    }
    for (int i = 0; i < AC_SYMBOLS; i++) {
      total += exp((double)row[i] - highest);
    }
    for (int i = 0; i < AC_SYMBOLS; i++) {
      const double p = exp((double)row[i] - highest) / total;
      entropy -= p * log(fmax(p, 1e-8));
    }
    CHECK_NEAR((double)w->entropy[head][t], entropy, 2e-5, "entropy of head %d after byte %d", head, t);
    if (t < LENGTH - 1) {
      const double bits = (log(total) + highest - (double)row[text[t + 1]]) / log(2);
      CHECK_NEAR((double)w->bits[head][t], bits, 5e-5, "bits of head %d at byte %d", head, t + 1);
    } else {
      CHECK(isnan(w->bits[head][t]), "the end of the text has no cost");
    }
    bool ordered = true;
    for (int k = 0; k < AC_TRACE_TOP; k++) {
      const int symbol = w->symbol[head][t][k];
      int before = 0;
      for (int i = 0; i < AC_SYMBOLS; i++) {
        const double p = exp((double)row[i] - highest) / total;
        before += p > (double)w->probability[head][t][k] * 1.00001;
      }
      ordered = ordered && before <= k &&
                fabs((double)w->probability[head][t][k] - exp((double)row[symbol] - highest) / total) < 1e-6 &&
                (k == 0 || w->probability[head][t][k] <= w->probability[head][t][k - 1]);
      for (int other = 0; other < k; other++) {
        ordered = ordered && w->symbol[head][t][other] != symbol;
      }
    }
    CHECK(ordered, "the likeliest of head %d after byte %d", head, t);
  }
}

/** Borders are the full pass's, sums add up, and tokens come from borders. */
static void check_levels(const whole_trace *w, ac_model *model) {
  const ac_config *config = ac_model_config(model);
  for (int l = 0; l < LEVELS; l++) {
    uint8_t mask[LENGTH] = {0};
    float sum = 0;
    int32_t above = 0;
    bool sums = true, sources = true;
    ac_model_border_mask(model, l, mask);
    CHECK(w->count[l] == ac_model_steps(model, l), "%d tokens of level %d", (int)w->count[l], l);
    const float threshold = l ? config->meta_uncertainty_threshold : config->byte_entropy_threshold;
    for (int32_t i = 0; i < w->count[l]; i++) {
      if (l < LEVELS - 1) {
        sum = i ? sum + w->score[l][i] : 0;
        sums = sums && w->sum[l][i] == sum && w->border[l][i] == (i == 0 || sum >= threshold);
        sum = w->border[l][i] ? 0 : sum;
        if (w->border[l][i]) {
          sources = sources && w->source[l + 1][above++] == i;
        }
      } else {
        sums = sums && w->sum[l][i] == 0 && w->border[l][i] == 0;
      }
      sources = sources && (l > 0 || w->source[l][i] == i);
      CHECK(l > 0 && i > 0 ? w->realised[l][i] >= 0 : isnan(w->realised[l][i]),
            "realised error of token %d of level %d", (int)i, l);
    }
    CHECK_SAME(w->border[l], mask, (size_t)w->count[l], "borders of level %d", l);
    CHECK(sums, "sums of level %d", l);
    CHECK(sources && (l == LEVELS - 1 || above == w->count[l + 1]), "where the tokens above level %d come from", l);
  }
  /* Realised errors are the terms of the meta loss, but for the last token of a level, which has no target. */
  for (int l = 1; l < LEVELS; l++) {
    double squared = 0;
    for (int32_t i = 1; i < w->count[l]; i++) {
      squared += (double)w->realised[l][i];
    }
    const double all = ac_model_sums(model)->squared[l];
    CHECK(squared <= all * 1.00001 && squared > 0.5 * all, "errors of level %d add up to %g of %g", l, squared, all);
  }
}

/** Where all symbols are equally likely, the lowest come first. */
static void check_ties(void) {
  static ac_trace trace;
  ac_config config = test_config(1, 4, 1, 1);
  ac_model *model = test_model(&config);
  const char *const heads[] = {"byte_decoder_head.weight", "byte_decoder_head.bias"};
  for (int i = 0; i < 2; i++) {
    const ac_tensor *t = test_tensor(model, heads[i]);
    memset(ac_model_parameters(model) + t->offset, 0, (size_t)t->size * sizeof(ac_real));
  }
  ac_model_parameters_changed(model);
  CHECK(ac_trace_piece(test_stream(model), (const uint8_t *)"tie", NULL, 3, -1, &trace) == AC_OK, "a trace");
  for (int i = 0; i < 3 * AC_TRACE_TOP; i++) {
    CHECK(trace.decoder.symbol[i] == i % AC_TRACE_TOP, "place %d of a tie has symbol %d", i,
          (int)trace.decoder.symbol[i]);
  }
}

int main(void) {
  static const int32_t WHOLE[] = {AC_TRACE_PIECE}, ODD[] = {1, 2, 77, 3, 31}, ONES[] = {1};
  size_t size;
  const uint8_t *text = test_text(&size) + 5000;
  ac_model *model = test_lively_model(LEVELS, 1, LENGTH);
  const ac_outputs full = {test_reals(LENGTH * AC_SYMBOLS), test_reals(LENGTH * AC_SYMBOLS), 0};
  test_forward(model, text, 1, LENGTH, AC_EVALUATE, &full);
  check_group("pieces of any size");
  whole_trace *whole = trace_in_pieces(model, text, WHOLE, 1), *odd = trace_in_pieces(model, text, ODD, 5);
  whole_trace *ones = trace_in_pieces(model, text, ONES, 1);
  CHECK_SAME(whole, odd, sizeof *whole, "odd pieces give the same");
  CHECK_SAME(whole, ones, sizeof *whole, "single bytes give the same");
  check_group("levels");
  check_levels(whole, model);
  check_group("heads");
  check_head(whole, 0, full.encoder_logits, text);
  check_head(whole, 1, full.decoder_logits, text);
  check_group("ties");
  check_ties();
  free(whole);
  free(odd);
  free(ones);
  test_free_all();
  return check_finish("trace");
}
