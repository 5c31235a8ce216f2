#include "trace.h"

static const double LN2 = 0.693147180559945309417;

/** The likeliest symbols, best first; the lowest wins a tie. */
static void keep_top(const ac_real *probabilities, uint16_t *symbol, float *probability) {
  int kept = 0;
  for (int i = 0; i < AC_SYMBOLS; i++) {
    const float p = (float)probabilities[i];
    if (kept == AC_TRACE_TOP && !(p > probability[kept - 1])) {
      continue;
    }
    int at = kept < AC_TRACE_TOP ? kept++ : kept - 1;
    for (; at > 0 && p > probability[at - 1]; at--) {
      probability[at] = probability[at - 1];
      symbol[at] = symbol[at - 1];
    }
    probability[at] = p;
    symbol[at] = (uint16_t)i;
  }
}

static void keep_head(const ac_prediction *p, int32_t target, int32_t t, ac_trace_head *head) {
  head->entropy[t] = (float)p->entropy;
  head->bits[t] = (float)(target < 0 ? __builtin_nan("") : (double)p->cross_entropy / LN2);
  keep_top(p->probabilities, head->symbol + t * AC_TRACE_TOP, head->probability + t * AC_TRACE_TOP);
}

ac_status ac_trace_piece(ac_stream *s, const uint8_t *bytes, int32_t n, int32_t next, ac_trace *out) {
  if (n < 1 || n > AC_TRACE_PIECE || next < -1 || next > 255) {
    return AC_BAD_INPUT;
  }
  out->count = n;
  for (int l = 0; l < AC_MAX_LEVELS; l++) {
    out->level[l].count = 0;
  }
  for (int32_t t = 0; t < n; t++) {
    const int32_t target = t + 1 < n ? bytes[t + 1] : next;
    const ac_step *step = ac_stream_feed(s, bytes[t], target, AC_WANT_ENCODER | AC_WANT_DECODER | AC_WANT_PREDICTIONS);
    keep_head(&step->encoder, target, t, &out->encoder);
    keep_head(&step->decoder, target, t, &out->decoder);
    for (int l = 0; l < step->depth; l++) {
      ac_trace_level *level = &out->level[l];
      const ac_token *token = &step->token[l];
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
