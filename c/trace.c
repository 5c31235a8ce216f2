#include "trace.h"

#include "kernels/simd.h"

static const double LN2 = 0.693147180559945309417;

enum {
  /** Symbols in a run, whose highest probability is kept, and the number of runs. */
  RUN = 4 * AC_LANES,
  RUNS = (AC_SYMBOLS + RUN - 1) / RUN
};

/** The highest of RUN probabilities. */
static ac_real highest(const ac_real *p) {
  const ac_v4 low = ac_max(ac_load(p), ac_load(p + AC_LANES));
  const ac_v4 high = ac_max(ac_load(p + 2 * AC_LANES), ac_load(p + 3 * AC_LANES));
  return ac_max_lanes(ac_max(low, high));
}

/** The likeliest symbols, best first; the lowest wins a tie. */
static void keep_top(const ac_real *probabilities, uint16_t *symbol, float *probability) {
  ac_real left[RUNS * RUN], best[RUNS];
  for (int i = 0; i < AC_SYMBOLS; i++) {
    left[i] = probabilities[i];
  }
  for (int i = AC_SYMBOLS; i < RUNS * RUN; i++) {
    left[i] = -1;
  }
  for (int r = 0; r < RUNS; r++) {
    best[r] = highest(left + r * RUN);
  }
  for (int k = 0; k < AC_TRACE_TOP; k++) {
    int run = 0;
    for (int r = 1; r < RUNS; r++) {
      run = best[r] > best[run] ? r : run;
    }
    int i = run * RUN;
    while (i < AC_SYMBOLS - 1 && left[i] != best[run]) {
      i++;
    }
    symbol[k] = (uint16_t)i;
    probability[k] = (float)probabilities[i];
    left[i] = -1;
    best[run] = highest(left + run * RUN);
  }
}

static void keep_head(const ac_prediction *p, int32_t target, int32_t t, ac_trace_head *head) {
  head->entropy[t] = (float)p->entropy;
  head->bits[t] = (float)(target < 0 ? __builtin_nan("") : (double)p->cross_entropy / LN2);
  keep_top(p->probabilities, head->symbol + t * AC_TRACE_TOP, head->probability + t * AC_TRACE_TOP);
}

ac_status ac_trace_piece(ac_stream *s, const uint8_t *bytes, const uint8_t *marks, int32_t n, int32_t next,
                         ac_trace *out) {
  if (n < 1 || n > AC_TRACE_PIECE || next < -1 || next > 255) {
    return AC_BAD_INPUT;
  }
  out->count = n;
  for (int l = 0; l < AC_MAX_LEVELS; l++) {
    out->level[l].count = 0;
  }
  for (int32_t t = 0; t < n; t++) {
    const int32_t target = t + 1 < n ? bytes[t + 1] : next;
    ac_stream_set_mark(s, marks ? marks[t] : 0);
    const ac_outcome *outcome =
        ac_stream_feed(s, bytes[t], target, AC_WANT_ENCODER | AC_WANT_DECODER | AC_WANT_PREDICTIONS);
    keep_head(&outcome->encoder, target, t, &out->encoder);
    keep_head(&outcome->decoder, target, t, &out->decoder);
    for (int l = 0; l < outcome->depth; l++) {
      ac_trace_level *level = &out->level[l];
      const ac_token *token = &outcome->token[l];
      const int32_t i = level->count++;
      level->source[i] = token->source;
      level->score[i] = (float)token->score;
      level->sum[i] = (float)token->sum;
      level->realised[i] = (float)token->realised;
      level->border[i] = (uint8_t)token->border;
    }
  }
  return AC_OK;
}
