/*
 * Bytes become settings and calls in any order, with sizes, numbers and bit patterns of any kind: anything that a host,
 * a file or another replica might hand to the core. libFuzzer looks for bytes that reach new code; the sanitizers and
 * the checks below look for what must not be. See tests/proof/fuzz.js.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../c/model_parts.h"
#include "../../../c/random.h"
#include "../../../c/sampling.h"
#include "../../../c/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Largest model that is made, and most calls. */
enum { MOST_BYTES = 4 << 20, MOST_CALLS = 40, MOST_TEXT = 512 };

/* ---- the bytes ---- */

typedef struct source {
  const uint8_t *data;
  size_t size;
} source;

/** The next `n` bytes; zeros beyond the end. */
static void take(source *s, void *out, size_t n) {
  const size_t there = n < s->size ? n : s->size;
  memset(out, 0, n);
  memcpy(out, s->data, there);
  s->data += there;
  s->size -= there;
}

static uint8_t take_byte(source *s) {
  uint8_t byte;
  take(s, &byte, 1);
  return byte;
}

static int32_t take_int(source *s) {
  int32_t value;
  take(s, &value, sizeof value);
  return value;
}

/** Mostly a number between least and most, else any. */
static int32_t take_size(source *s, int32_t least, int32_t most) {
  const uint8_t byte = take_byte(s);
  return byte == 255 ? take_int(s) : least + byte % (most - least + 1);
}

/** A number of any bit pattern, or a critical one. */
static float take_float(source *s) {
  /* Some of them are near the largest entropy there is, ln 257 = 5.549, and its multiples. */
  static const float SOME[] = {0,
                               1,
                               -1,
                               5.3f,
                               5.54f,
                               5.57f,
                               11.1f,
                               1e9f,
                               1e-40f,
                               1e30f,
                               3e38f,
                               -3e38f,
                               __builtin_inff(),
                               -0.0f,
                               -__builtin_inff(),
                               16.6f};
  const uint8_t byte = take_byte(s);
  float value;
  if (byte >= 64) {
    return SOME[byte % 16];
  }
  if (byte >= 56) {
    return __builtin_nanf("");
  }
  take(s, &value, sizeof value);
  return value;
}

/* ---- what must hold ---- */

static void must(bool holds) {
  if (!holds) {
    abort();
  }
}

static bool is_finite(double x) { return x - x == 0; }

/** Rows within the room that was laid out for them, and places within the rows. */
static void check_rows(const ac_model *m) {
  const int32_t levels = m->kind->hierarchy ? m->config.num_levels : 1;
  for (int32_t l = 0; l < levels; l++) {
    const ac_level *level = &m->level[l];
    must(level->rows.total <= level->room && level->rows.steps <= m->config.sequence_length);
    for (int32_t i = 0; l > 0 && i < level->rows.total; i++) {
      const int32_t from = m->level[l - 1].links.source[i];
      must(from >= 0 && from < m->level[l - 1].rows.total);
    }
    for (int32_t i = 0; l < levels - 1 && i < level->rows.total; i++) {
      /* In the residual stream, tokens that sequences carry in come after those of the pass. */
      const ac_rows *above = &m->level[l + 1].rows;
      const int32_t parents = above->total + (m->kind->carries ? above->sequences : 0);
      must(level->links.mask[i] <= 1 && level->links.parent[i] < parents);
    }
  }
}

/* ---- settings ---- */

/** Any bytes at all, or sizes of a small model with numbers of any kind, mostly good ones. */
static ac_config take_config(source *s) {
  ac_config config;
  if (take_byte(s) % 4 == 0) {
    take(s, &config, sizeof config);
    return config;
  }
  ac_config_clear(&config);
  config.model_type = take_size(s, 0, 2);
  config.wiring = take_size(s, 0, 1);
  config.ngram_order = take_size(s, 0, 6);
  config.ngram_rows = take_size(s, 0, 30);
  config.span_order = take_size(s, 0, 4);
  config.token_embeddings = take_size(s, 0, 1);
  config.recall = take_size(s, 0, 7) == 7;
  config.encoder_scores = take_size(s, 0, 3) == 3;
  config.border_mode = take_size(s, 0, 7) == 7;
  for (int32_t l = 0; l < AC_MAX_LEVELS; l++) {
    config.level[l].rule = take_size(s, -1, 8);
  }
  config.hidden_size = take_size(s, 1, 10);
  config.num_levels = take_size(s, 1, 8);
  config.batch_size = take_size(s, 1, 4);
  config.sequence_length = take_size(s, 1, 48);
  for (int i = 0;; i++) {
    const ac_config_field *field = ac_config_field_at(i);
    if (!field) {
      return config;
    }
    for (int32_t k = 0; field->kind == 1 && k < field->count; k++) {
      char *at = (char *)&config + field->offset + k * field->stride;
      float before;
      memcpy(&before, at, sizeof before);
      const float value = field->count == 1 || take_byte(s) % 4 == 0 ? take_float(s) : before;
      memcpy(at, &value, sizeof value);
      /* Otherwise hardly any settings would be valid. */
      if (ac_config_check(&config) != AC_OK && take_byte(s) % 16 != 15) {
        memcpy(at, &before, sizeof before);
      }
    }
  }
}

/** A block of exactly so many bytes, whose ends the sanitizer watches. */
static void *block_of(uint64_t bytes) { return aligned_alloc(AC_ALIGNMENT, (size_t)bytes); }

/* ---- calls ---- */

typedef struct host {
  ac_model *model;
  ac_stream *stream;
  void *stream_block;
  uint8_t text[MOST_TEXT];
  ac_random random;
} host;

static void call_forward(host *h, source *s) {
  const ac_config *config = ac_model_config(h->model);
  const int32_t sequences = take_size(s, 1, h->model->sequences), length = take_size(s, 1, config->sequence_length);
  const uint8_t how = take_byte(s);
  const bool good =
      sequences > 0 && sequences <= h->model->sequences && length > 0 && length <= config->sequence_length;
  if (good && sequences * (int64_t)length > MOST_TEXT) {
    return;
  }
  take(s, h->text, good ? (size_t)(sequences * length) : 0);
  const int32_t from = how & 4 ? take_size(s, 0, length > 1 ? length - 1 : 1) : 0;
  const size_t logits = good && from >= 0 && from < length ? (size_t)(sequences * (length - from)) * AC_SYMBOLS : 0;
  ac_real *out[2] = {how & 4 ? malloc(logits * sizeof(ac_real) + 1) : NULL,
                     how & 8 ? malloc(logits * sizeof(ac_real) + 1) : NULL};
  const ac_outputs outputs = {out[0], out[1], from};
  ac_model_set_marks(h->model, how & 2 ? h->text : NULL);
  const ac_status status = ac_model_forward(h->model, h->text, sequences, length, how & 1 ? AC_TRAIN : AC_EVALUATE,
                                            how & 12 ? &outputs : NULL);
  must(status == AC_OK || status == AC_NOT_FINITE || status == AC_BAD_INPUT);
  if (status != AC_BAD_INPUT) {
    ac_losses losses;
    check_rows(h->model);
    ac_losses_from_sums(config, ac_model_sums(h->model), &losses);
    must((status == AC_OK) == is_finite(losses.total));
  }
  free(out[0]);
  free(out[1]);
}

static void call_backward(host *h, source *s) {
  ac_sums total = *ac_model_sums(h->model);
  if (take_byte(s) % 4 == 0) {
    take(s, &total, sizeof total);
  }
  ac_model_backward(h->model, &total);
}

/** An update happens completely or not at all. */
static void call_update(host *h, source *s) {
  const size_t bytes = (size_t)ac_model_size(h->model) * sizeof(ac_real);
  void *before = malloc(bytes);
  double norm;
  memcpy(before, ac_model_parameters(h->model), bytes);
  const ac_status status = ac_model_update(h->model, (double)take_float(s), &norm);
  must(status == AC_OK || memcmp(before, ac_model_parameters(h->model), bytes) == 0);
  free(before);
}

/** Writes numbers of any kind into one of the flat arrays, as a checkpoint or another replica might. */
static void call_write(host *h, source *s) {
  ac_real *const arrays[] = {ac_model_parameters(h->model), ac_model_gradients(h->model),
                             ac_model_first_moments(h->model), ac_model_second_moments(h->model)};
  const uint8_t how = take_byte(s);
  const ac_tensor_table *table = ac_model_tensors(h->model);
  const ac_tensor *tensor = &table->rows[take_byte(s) % table->count];
  const int64_t place = tensor->size > 0 ? (int64_t)((uint32_t)take_int(s) % (uint64_t)tensor->size) : 0;
  const float value = take_float(s);
  for (int64_t i = how & 8 ? 0 : place; i < (how & 8 ? tensor->size : tensor->size > 0 ? place + 1 : 0); i++) {
    if (how % 4 != 1 || !tensor->sparse) {
      arrays[how % 4][tensor->offset + i] = value;
    }
  }
  ac_model_updates(h->model)[take_byte(s) % table->count] = how & 16 ? (int32_t)((uint32_t)take_int(s) >> 1) : 1;
  ac_model_parameters_changed(h->model);
}

static void call_settings(host *h, source *s) {
  const float decay = take_float(s), clip = take_float(s);
  ac_model_set_optimiser(h->model, decay, clip);
  ac_model_set_step(h->model, (uint32_t)take_int(s));
  must(ac_config_check(ac_model_config(h->model)) == AC_OK);
}

static void call_masks(host *h, source *s) {
  const int32_t level = take_size(s, 0, 8), steps = ac_model_steps(h->model, level);
  const size_t cells = (size_t)(steps > 0 ? steps : 0) * (size_t)h->model->level[0].rows.sequences;
  uint8_t *mask = malloc(cells + 1);
  memset(mask, 0, cells + 1);
  if (h->model->level[0].rows.total > 0) {
    ac_model_border_mask(h->model, level, mask);
  }
  for (size_t i = 0; i < cells; i++) {
    must(mask[i] <= 1);
  }
  free(mask);
}

static void call_stream(host *h, source *s) {
  const uint64_t bytes = ac_stream_bytes(h->model), less = take_byte(s) % 8 == 7;
  free(h->stream_block);
  h->stream = NULL;
  h->stream_block = block_of(bytes);
  const ac_status status = ac_stream_init(h->model, h->stream_block, bytes - less, &h->stream);
  must((status == AC_OK) == (h->stream != NULL));
}

static void call_read(host *h, source *s) {
  const ac_config *config = ac_model_config(h->model);
  if (!h->stream) {
    return;
  }
  for (int n = take_byte(s) % 32; n >= 0; n--) {
    const uint8_t byte = take_byte(s);
    const ac_outcome *outcome = ac_stream_feed(h->stream, byte, take_byte(s) % 2 ? AC_EOS : -1, take_byte(s) % 8);
    must(outcome->depth >= 1 && outcome->depth <= config->num_levels);
    for (int32_t l = 0; l < outcome->depth; l++) {
      must(outcome->token[l].source >= 0 && (outcome->token[l].border == 1) == (l < outcome->depth - 1));
    }
  }
}

static void call_switches(host *h, source *s) {
  if (h->stream) {
    const int32_t level = take_size(s, 0, 8);
    const ac_status status = ac_stream_set_threshold(h->stream, level, take_float(s));
    must(status == AC_OK || status == AC_BAD_INPUT);
    ac_stream_set_parents(h->stream, take_byte(s) & 1);
    if (take_byte(s) & 1) {
      ac_stream_reset(h->stream);
    }
    const int32_t kind = take_size(s, 0, 4), which = take_size(s, 0, 8), layer = take_size(s, 0, 2);
    const ac_real *state = ac_stream_state(h->stream, kind, which, layer);
    if (state) {
      const uint8_t *at = (const uint8_t *)(state + ac_model_config(h->model)->hidden_size);
      must(at <= (uint8_t *)h->stream_block + ac_stream_bytes(h->model));
    }
  }
}

static void call_trace(host *h, source *s) {
  static ac_trace trace;
  if (!h->stream) {
    return;
  }
  const int32_t n = take_size(s, 1, AC_TRACE_PIECE), next = take_size(s, 0, 254);
  const bool good = n >= 1 && n <= AC_TRACE_PIECE;
  take(s, h->text, good ? (size_t)n : 0);
  const ac_status status = ac_trace_piece(h->stream, h->text, next & 1 ? h->text : NULL, n, next - 1, &trace);
  must(status == AC_OK || status == AC_BAD_INPUT);
  for (int32_t l = 0; status == AC_OK && l < AC_MAX_LEVELS; l++) {
    must(trace.level[l].count >= 0 && trace.level[l].count <= n);
  }
  for (int32_t i = 0; status == AC_OK && i < n * AC_TRACE_TOP; i++) {
    must(trace.decoder.symbol[i] < AC_SYMBOLS && trace.encoder.symbol[i] < AC_SYMBOLS);
  }
}

static void call_sample(host *h, source *s) {
  ac_real logits[AC_SYMBOLS + 7], work[2 * (AC_SYMBOLS + 7)];
  const float filler = take_float(s);
  for (int i = 0; i < AC_SYMBOLS; i++) {
    logits[i] = i % 16 == 0 ? take_float(s) : filler;
  }
  const float temperature = take_float(s);
  const int32_t symbols = take_byte(s) & 1 ? AC_SYMBOLS : AC_EOS;
  const int32_t drawn =
      ac_sample(logits, symbols, temperature > 0 ? (double)temperature : 1.0, take_size(s, 0, 254), &h->random, work);
  must(drawn >= 0 && drawn < symbols);
}

static void call_random(host *h, source *s) {
  const uint32_t count = (uint32_t)take_size(s, 0, 254), index = (uint32_t)take_size(s, 0, 254);
  const uint32_t at = ac_shuffled((uint64_t)take_int(s), (uint32_t)take_int(s), count, index);
  must(index < count ? at < count : at == 0);
  const double uniform = ac_random_uniform(&h->random);
  must(uniform >= 0 && uniform < 1 && is_finite(ac_random_normal(&h->random)));
}

static void call_reset(host *h, source *s) {
  if (take_byte(s) % 4 == 0) {
    ac_model_reset(h->model);
  } else {
    const int64_t size = ac_model_dense_size(h->model), from = take_int(s);
    const bool inside = from >= 0 && from <= size;
    const int64_t count = inside ? size - from : 1;
    must((ac_model_add_gradients(h->model, from, count, ac_model_first_moments(h->model)) == AC_OK) == inside);
  }
}

static void call_sparse(host *h, source *s) {
  ac_real rows[40];
  const int32_t count = take_size(s, 0, 40);
  for (int32_t i = 0; i < count; i++) {
    rows[i] = take_byte(s) & 1 ? take_float(s) : (ac_real)take_size(s, 0, 20);
  }
  const ac_status status = ac_model_add_sparse(h->model, count, rows);
  must(status == AC_OK || status == AC_BAD_INPUT);
}

static void (*const CALLS[])(host *, source *) = {
    call_forward, call_backward, call_update, call_write,  call_settings, call_masks, call_stream,
    call_read,    call_switches, call_trace,  call_sample, call_random,   call_reset, call_sparse};

/** A model in a block of exactly its size, or a refusal. */
static ac_model *make_model(source *s, const ac_config *config, void **block) {
  const int32_t sequences = take_size(s, 1, 4), first = take_size(s, 0, 3);
  const uint64_t bytes = ac_model_bytes(config, sequences);
  ac_model *model = NULL;
  must((ac_config_check(config) == AC_OK && sequences >= 1 && sequences <= config->batch_size) == (bytes > 0));
  if (bytes > MOST_BYTES) {
    return NULL;
  }
  const uint64_t less = take_byte(s) % 16 == 15 && bytes > 0;
  *block = block_of(bytes > 0 ? bytes : AC_ALIGNMENT);
  const ac_status status = ac_model_init(config, sequences, first, *block, bytes - less, &model);
  must((status == AC_OK) == (model != NULL) && ac_status_name((int)status) != NULL);
  return model;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  source s = {data, size};
  host h = {.random = ac_random_make(1, 2)};
  void *block = NULL;
  const ac_config config = take_config(&s);
  h.model = make_model(&s, &config, &block);
  for (int n = 0; h.model && n < MOST_CALLS && s.size > 0; n++) {
    CALLS[take_byte(&s) % (sizeof CALLS / sizeof *CALLS)](&h, &s);
  }
  free(h.stream_block);
  free(block);
  return 0;
}
