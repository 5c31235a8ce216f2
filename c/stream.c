#include "stream.h"

#include <stddef.h>

#include "kernels/gemm.h"
#include "kernels/softmax.h"
#include "kernels/vector.h"
#include "model_parts.h"

/** What a level remembers. */
typedef struct level_state {
  ac_real *encoder, *decoder; /* [2][P] hidden states */
  ac_real *parent;            /* [P] projection of the vector that conditions this level's positions now */
  ac_real *orphan;            /* [P] projection of no vector, 0 */
  bool projected;             /* whether these two are there */
  ac_real *prediction;        /* [P] of the level's next input */
  ac_real sum, threshold;
  int32_t tokens;
  bool predicted;
} level_state;

struct ac_stream {
  ac_model *model;
  bool parents;
  level_state level[AC_MAX_LEVELS];
  ac_real *blocks;               /* [K][2][P] the baseline's states */
  ac_real *work;                 /* [7P] */
  ac_real *input, *output, *mix; /* [P] */
  int32_t symbol;                /* the byte under way */
  ac_step step;
};

static void layout(ac_arena *arena, const ac_model *m, ac_stream *s) {
  const int64_t p = m->shared.padded;
  for (int l = 0; l < m->config.num_levels; l++) {
    s->level[l].encoder = AC_TAKE(arena, ac_real, 2 * p);
    s->level[l].decoder = AC_TAKE(arena, ac_real, 2 * p);
    s->level[l].parent = AC_TAKE(arena, ac_real, p);
    s->level[l].orphan = AC_TAKE(arena, ac_real, p);
    s->level[l].prediction = AC_TAKE(arena, ac_real, p);
  }
  s->blocks = AC_TAKE(arena, ac_real, m->table.blocks * 2 * p);
  s->work = AC_TAKE(arena, ac_real, 7 * p);
  s->input = AC_TAKE(arena, ac_real, p);
  s->output = AC_TAKE(arena, ac_real, p);
  s->mix = AC_TAKE(arena, ac_real, p);
  ac_prediction *const predictions[2] = {&s->step.encoder, &s->step.decoder};
  for (int i = 0; i < 2; i++) {
    predictions[i]->logits = AC_TAKE(arena, ac_real, ac_padded(AC_SYMBOLS));
    predictions[i]->probabilities = AC_TAKE(arena, ac_real, ac_padded(AC_SYMBOLS));
  }
}

uint64_t ac_stream_bytes(const ac_model *m) {
  ac_arena arena = {NULL, 0};
  ac_stream counted;
  ac_take(&arena, 1, sizeof counted);
  layout(&arena, m, &counted);
  return arena.used;
}

ac_status ac_stream_init(ac_model *m, void *block, uint64_t bytes, ac_stream **out) {
  const uint64_t needed = ac_stream_bytes(m);
  if (m->config.model_type == AC_ADAPTIVE && m->config.border_mode == AC_TEACHER_FORCED) {
    return AC_LEAKS;
  }
  if (bytes < needed) {
    return AC_SMALL_BLOCK;
  }
  for (uint64_t i = 0; i < needed; i++) {
    ((uint8_t *)block)[i] = 0;
  }
  ac_arena arena = {block, 0};
  ac_stream *s = ac_take(&arena, 1, sizeof *s);
  layout(&arena, m, s);
  s->model = m;
  s->parents = true;
  for (int l = 0; l < m->config.num_levels; l++) {
    s->level[l].threshold = l ? m->config.meta_uncertainty_threshold : m->config.byte_entropy_threshold;
  }
  *out = s;
  return AC_OK;
}

void ac_stream_reset(ac_stream *s) {
  const ac_model *m = s->model;
  const int64_t p = m->shared.padded;
  for (int l = 0; l < m->config.num_levels; l++) {
    level_state *level = &s->level[l];
    ac_zero(2 * p, level->encoder);
    ac_zero(2 * p, level->decoder);
    level->projected = false;
    level->sum = 0;
    level->tokens = 0;
    level->predicted = false;
  }
  ac_zero(m->table.blocks * 2 * p, s->blocks);
}

ac_status ac_stream_set_threshold(ac_stream *s, int32_t level, ac_real threshold) {
  if (level < 0 || level >= s->model->config.num_levels - 1 || !(threshold >= 0)) {
    return AC_BAD_INPUT;
  }
  s->level[level].threshold = threshold;
  return AC_OK;
}

void ac_stream_set_parents(ac_stream *s, bool on) { s->parents = on; }

const ac_real *ac_stream_state(const ac_stream *s, int32_t kind, int32_t level, int32_t layer) {
  const ac_config *config = &s->model->config;
  const int64_t p = s->model->shared.padded;
  const bool baseline = config->model_type == AC_BASELINE;
  const int32_t levels = baseline ? s->model->table.blocks : config->num_levels;
  const bool vectors = kind == AC_STATE_ENCODER || kind == AC_STATE_DECODER || kind == AC_STATE_BLOCK;
  if (level < 0 || level >= levels || layer < 0 || layer > (vectors ? 1 : 0) || baseline != (kind == AC_STATE_BLOCK)) {
    return NULL;
  }
  if (baseline) {
    return s->blocks + (2 * level + layer) * p;
  }
  if (kind == AC_STATE_ENCODER) {
    return s->level[level].encoder + layer * p;
  }
  if (level == levels - 1) {
    return NULL;
  }
  if (kind == AC_STATE_DECODER) {
    return s->level[level].decoder + layer * p;
  }
  return kind == AC_STATE_PARENT ? s->level[level].parent : NULL;
}

static void predict(const ac_model *m, const ac_head *head, const ac_real *hidden, int32_t target, ac_prediction *out) {
  ac_linear_forward(&m->shared, &head->linear, 1, hidden, out->logits);
  const ac_softmax_result r = ac_softmax_row(AC_SYMBOLS, out->logits, target, out->probabilities);
  out->entropy = r.entropy;
  out->cross_entropy = r.cross_entropy;
}

/** Score, running sum and border of a level's new token, whose encoder state is `hidden`. */
static void weigh(ac_stream *s, int l, const ac_real *hidden, int32_t target, int wants, ac_token *token) {
  const ac_model *m = s->model;
  level_state *level = &s->level[l];
  const bool top = l == m->config.num_levels - 1;
  if (l == 0 && (!top || (wants & AC_WANT_ENCODER))) {
    predict(m, &m->encoder_head, hidden, target, &s->step.encoder);
    token->score = s->step.encoder.entropy;
  } else if (l > 0) {
    token->score = ac_meta_score(&m->shared, &m->level[l].meta, hidden, NULL);
  }
  if (!top && level->tokens == 0) {
    token->border = 1;
  } else if (!top) {
    token->sum = level->sum + token->score;
    token->border = ac_border_accumulate(&level->sum, token->score, level->threshold);
  }
}

/** The squared error of the level's last prediction against its new input, and its next prediction. */
static void compare(ac_stream *s, int l, const ac_real *x, const ac_real *hidden, int wants, ac_token *token) {
  const ac_model *m = s->model;
  level_state *level = &s->level[l];
  token->realised = (ac_real)__builtin_nan("");
  if (l > 0 && (wants & AC_WANT_PREDICTIONS)) {
    if (level->predicted) {
      token->realised = ac_meta_error(&m->shared, level->prediction, x);
    }
    ac_linear_forward(&m->shared, &m->level[l].meta.predictor, 1, hidden, level->prediction);
    level->predicted = true;
  }
}

/** Steps the level's decoder; a border position is not conditioned by the parent that it creates. */
static void decode(ac_stream *s, int l, const ac_real *x, bool border) {
  const ac_model *m = s->model;
  const int64_t p = m->shared.padded;
  const ac_level *level = &m->level[l];
  level_state *state = &s->level[l];
  if (!state->projected) {
    ac_linear_forward(&m->shared, &level->projection, 1, m->shared.zeros, state->orphan);
    ac_copy(p, state->orphan, state->parent);
    state->projected = true;
  }
  ac_copy(p, border || !s->parents ? state->orphan : state->parent, s->mix);
  ac_add_to(p, x, s->mix);
  ac_gru_step(&m->shared, &level->decoder, s->mix, state->decoder, s->work, s->output);
}

/** Gives the token in s->input to level l; returns whether it is to be given to the next level too. */
static bool emit(ac_stream *s, int l, int32_t target, int wants) {
  ac_model *m = s->model;
  const int64_t p = m->shared.padded;
  const bool top = l == m->config.num_levels - 1;
  level_state *level = &s->level[l];
  ac_token *token = &s->step.token[l];
  *token = (ac_token){.source = l ? s->level[l - 1].tokens - 1 : level->tokens};
  const ac_real *hidden = level->encoder + p;
  if (l == 0) {
    ac_gru_step_symbol(&m->shared, &m->level[l].encoder, s->symbol, level->encoder, s->work, s->output);
  } else {
    ac_gru_step(&m->shared, &m->level[l].encoder, s->input, level->encoder, s->work, s->output);
  }
  weigh(s, l, hidden, target, wants, token);
  compare(s, l, s->input, hidden, wants, token);
  if (!top) {
    decode(s, l, s->input, token->border);
  }
  if (l == 0 && (wants & AC_WANT_DECODER)) {
    predict(m, &m->decoder_head, s->output, target, &s->step.decoder);
  }
  if (l > 0 && level->tokens > 0) {
    ac_linear_forward(&m->shared, &m->level[l - 1].projection, 1, s->output, s->level[l - 1].parent);
  }
  level->tokens++;
  ac_copy(p, hidden, s->input);
  return token->border;
}

static void feed_baseline(ac_stream *s, int32_t target, int wants) {
  ac_model *m = s->model;
  const int64_t p = m->shared.padded;
  for (int k = 0; k < m->table.blocks; k++) {
    if (k == 0) {
      ac_gru_step_symbol(&m->shared, &m->residual[k].gru, s->symbol, s->blocks, s->work, s->output);
    } else {
      ac_gru_step(&m->shared, &m->residual[k].gru, s->input, s->blocks + k * 2 * p, s->work, s->output);
    }
    /* In the order of the full pass: input plus block. */
    ac_add_to(p, s->output, s->input);
  }
  s->step.token[0] = (ac_token){.source = s->level[0].tokens++, .realised = (ac_real)__builtin_nan("")};
  if (wants & (AC_WANT_ENCODER | AC_WANT_DECODER)) {
    predict(m, &m->decoder_head, s->input, target, &s->step.decoder);
    s->step.encoder = s->step.decoder;
    s->step.token[0].score = s->step.decoder.entropy;
  }
}

const ac_step *ac_stream_feed(ac_stream *s, uint8_t byte, int32_t target, int wants) {
  ac_model *m = s->model;
  ac_model_pack(m, false);
  s->symbol = byte;
  ac_copy(m->shared.hidden, ac_parameters_of(&m->shared, m->table.embedding) + (int64_t)byte * m->shared.hidden,
          s->input);
  s->step.depth = 1;
  if (m->config.model_type == AC_BASELINE) {
    feed_baseline(s, target, wants);
    return &s->step;
  }
  int l = 0;
  while (emit(s, l, target, wants)) {
    l++;
  }
  s->step.depth = l + 1;
  return &s->step;
}

/** The k-th largest of n numbers, k from 1; reorders them (Hoare's selection). */
static ac_real kth_largest(ac_real *x, int n, int k) {
  int low = 0, high = n - 1;
  while (low < high) {
    const ac_real pivot = x[(low + high) / 2];
    int i = low, j = high;
    while (i <= j) {
      while (x[i] > pivot) {
        i++;
      }
      while (x[j] < pivot) {
        j--;
      }
      if (i <= j) {
        const ac_real swap = x[i];
        x[i++] = x[j];
        x[j--] = swap;
      }
    }
    if (k - 1 <= j) {
      high = j;
    } else if (k - 1 >= i) {
      low = i;
    } else {
      break;
    }
  }
  return x[k - 1];
}

int32_t ac_sample(const ac_real *logits, int32_t symbols, double temperature, int32_t top_k, ac_random *random,
                  ac_real *work) {
  ac_real *scaled = work, *probabilities = work + ac_padded(AC_SYMBOLS);
  double highest = (double)logits[0];
  for (int i = 1; i < symbols; i++) {
    highest = (double)logits[i] > highest ? (double)logits[i] : highest;
  }
  /* Less the largest, so that a tiny temperature overflows only to −∞. */
  for (int i = 0; i < symbols; i++) {
    scaled[i] = (ac_real)(((double)logits[i] - highest) / temperature);
  }
  if (top_k > 0 && top_k < symbols) {
    ac_copy(symbols, scaled, probabilities);
    const ac_real least = kth_largest(probabilities, symbols, top_k);
    for (int i = 0; i < symbols; i++) {
      scaled[i] = scaled[i] < least ? (ac_real)-1e30 : scaled[i];
    }
  }
  ac_softmax_row(symbols, scaled, -1, probabilities);
  double point = ac_random_uniform(random);
  int32_t last = 0;
  for (int32_t i = 0; i < symbols; i++) {
    if (probabilities[i] > 0 && scaled[i] > (ac_real)-1e29) {
      last = i;
      point -= (double)probabilities[i];
      if (point < 0) {
        break;
      }
    }
  }
  return last;
}
