/*
 * The state that a stream shows: the vectors are those that its predictions and parents follow from, and there are
 * no others.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/models.h"

enum { BYTES = 400, KINDS = 4 };

/** Row `i` of a weight times a vector, plus its bias. */
static double affine(const ac_model *model, const char *prefix, int64_t i, const double *x) {
  char name[AC_TENSOR_NAME];
  snprintf(name, sizeof name, "%.40s.weight", prefix);
  const ac_tensor *weight = test_tensor(model, name);
  snprintf(name, sizeof name, "%.40s.bias", prefix);
  const ac_tensor *bias = test_tensor(model, name);
  const ac_real *parameters = ac_model_parameters((ac_model *)model);
  const int64_t columns = weight->shape[1];
  double sum = (double)parameters[bias->offset + i];
  for (int64_t j = 0; j < columns; j++) {
    sum += (double)parameters[weight->offset + i * columns + j] * x[j];
  }
  return sum;
}

/** The largest difference of a head's logits from those that follow from a state [H]. */
static double worst_logit(const ac_model *model, const char *head, const double *state, const ac_real *logits) {
  double worst = 0;
  for (int i = 0; i < AC_SYMBOLS; i++) {
    const double difference = fabs(affine(model, head, i, state) - (double)logits[i]);
    worst = difference > worst ? difference : worst;
  }
  return worst;
}

static void widen(const ac_real *x, int32_t hidden, double *out) {
  for (int32_t i = 0; i < hidden; i++) {
    out[i] = (double)x[i];
  }
}

/** A stream has exactly the states that the header lists. */
static void check_which(const ac_stream *stream, bool baseline, int32_t levels, int32_t blocks) {
  for (int32_t kind = -1; kind <= KINDS; kind++) {
    for (int32_t level = -1; level <= blocks + levels; level++) {
      for (int32_t layer = -1; layer <= 2; layer++) {
        const bool two = layer == 0 || layer == 1;
        const bool there = level >= 0 && (baseline ? kind == AC_STATE_BLOCK && level < blocks && two
                                                   : (kind == AC_STATE_ENCODER && level < levels && two) ||
                                                         (kind == AC_STATE_DECODER && level < levels - 1 && two) ||
                                                         (kind == AC_STATE_PARENT && level < levels - 1 && layer == 0));
        CHECK((ac_stream_state(stream, kind, level, layer) != NULL) == there, "kind %d, level %d, layer %d", (int)kind,
              (int)level, (int)layer);
      }
    }
  }
}

/** A level's parent is the projected state above, once the level above has had more than its first token. */
static void check_parents(const ac_model *model, const ac_stream *stream, const int32_t *tokens, int t) {
  const int32_t levels = ac_model_config(model)->num_levels, hidden = ac_model_config(model)->hidden_size;
  for (int32_t l = 0; l < levels - 1; l++) {
    char prefix[AC_TENSOR_NAME];
    double above[64] = {0}, worst = 0;
    const int32_t kind = l + 1 == levels - 1 ? AC_STATE_ENCODER : AC_STATE_DECODER;
    if (tokens[l + 1] > 1) {
      widen(ac_stream_state(stream, kind, l + 1, 1), hidden, above);
    }
    snprintf(prefix, sizeof prefix, "decoder_blocks.%d.parent_projection", (int)l);
    const ac_real *parent = ac_stream_state(stream, AC_STATE_PARENT, l, 0);
    for (int32_t i = 0; i < hidden; i++) {
      const double difference = fabs(affine(model, prefix, i, above) - (double)parent[i]);
      worst = difference > worst ? difference : worst;
    }
    CHECK_NEAR(worst, 0, 1e-5, "the parent of level %d after byte %d", (int)l, t);
  }
}

static void check_adaptive(int32_t levels) {
  ac_model *model = test_lively_model(levels, 1, BYTES);
  ac_stream *stream = test_stream(model);
  const int32_t hidden = ac_model_config(model)->hidden_size;
  int32_t tokens[AC_MAX_LEVELS] = {0};
  size_t size;
  const uint8_t *text = test_text(&size);
  check_which(stream, false, levels, 0);
  for (int t = 0; t < BYTES; t++) {
    double state[64];
    const ac_outcome *outcome = ac_stream_feed(stream, text[t], -1, AC_WANT_ENCODER | AC_WANT_DECODER);
    for (int32_t l = 0; l < outcome->depth; l++) {
      tokens[l]++;
    }
    widen(ac_stream_state(stream, AC_STATE_ENCODER, 0, 1), hidden, state);
    CHECK_NEAR(worst_logit(model, "byte_encoder_head", state, outcome->encoder.logits), 0, 1e-4, "encoder, byte %d", t);
    widen(ac_stream_state(stream, levels > 1 ? AC_STATE_DECODER : AC_STATE_ENCODER, 0, 1), hidden, state);
    CHECK_NEAR(worst_logit(model, "byte_decoder_head", state, outcome->decoder.logits), 0, 1e-4, "decoder, byte %d", t);
    check_parents(model, stream, tokens, t);
  }
  for (int32_t l = 1; l < levels; l++) {
    CHECK(tokens[l] > 2, "level %d got %d tokens", (int)l, (int)tokens[l]);
  }
}

/** The baseline's output is its embedding and what each block's second layer added. */
static void check_baseline(int32_t levels, int32_t hidden) {
  ac_config config = test_config(levels, hidden, 1, BYTES);
  config.model_type = AC_BASELINE;
  ac_model *model = test_model(&config);
  ac_stream *stream = test_stream(model);
  const int32_t blocks = ac_model_tensors(model)->blocks;
  const ac_tensor *embedding = test_tensor(model, "byte_embedding.weight");
  size_t size;
  const uint8_t *text = test_text(&size);
  check_which(stream, true, levels, blocks);
  for (int t = 0; t < BYTES / 4; t++) {
    double state[64];
    const ac_outcome *outcome = ac_stream_feed(stream, text[t], -1, AC_WANT_DECODER);
    widen(ac_model_parameters(model) + embedding->offset + (int64_t)text[t] * hidden, hidden, state);
    for (int32_t k = 0; k < blocks; k++) {
      for (int32_t i = 0; i < hidden; i++) {
        state[i] += (double)ac_stream_state(stream, AC_STATE_BLOCK, k, 1)[i];
      }
    }
    CHECK_NEAR(worst_logit(model, "byte_head", state, outcome->decoder.logits), 0, 1e-4, "%d blocks, byte %d",
               (int)blocks, t);
  }
}

int main(void) {
  check_group("the adaptive model");
  for (int32_t levels = 1; levels <= 4; levels++) {
    check_adaptive(levels);
    test_free_all();
  }
  check_group("the baseline");
  check_baseline(1, 5);
  check_baseline(3, 12);
  test_free_all();
  return check_finish("states");
}
