/*
 * The ten golden cases, which another implementation computed: the same weights and bytes give the same losses, logits,
 * borders, gradients, updated weights and cached logits, within the tolerances of tests/golden/README.md.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/golden.h"
#include "support/models.h"

static const char *const CASES[] = {
    "adaptive-l1",           "adaptive-l2",
    "adaptive-l3",           "adaptive-l3-trained",
    "adaptive-l3-collapsed", "adaptive-l3-entropy-floor",
    "adaptive-l4",           "adaptive-l3-teacher-forced",
    "baseline-l1",           "baseline-l3",
};

/** Tolerances; losses are relative. */
static const double LOSS = 1e-5, LOGITS = 2e-5, GRADIENT = 1e-5, GRADIENT_RELATIVE = 1e-4, PARAMETERS = 1e-5;

typedef struct golden_case {
  const char *name;
  golden *g;
  ac_config config;
  ac_model *model;
  uint8_t *bytes;
} golden_case;

static ac_config config_of(const golden *g) {
  ac_config c =
      test_config((int32_t)golden_meta_number(g, "num_levels"), (int32_t)golden_meta_number(g, "hidden_size"),
                  (int32_t)golden_meta_number(g, "batch_size"), (int32_t)golden_meta_number(g, "sequence_length"));
  c.model_type = golden_meta_is(g, "model_type", "baseline") ? AC_BASELINE : AC_ADAPTIVE;
  c.border_mode = golden_meta_is(g, "border_mode", "teacher_forced") ? AC_TEACHER_FORCED : AC_UNCERTAINTY;
  c.byte_entropy_threshold = (float)golden_meta_number(g, "byte_entropy_threshold");
  c.meta_uncertainty_threshold = (float)golden_meta_number(g, "meta_uncertainty_threshold");
  c.threshold = (float)golden_meta_number(g, "threshold");
  c.entropy_floor = (float)golden_meta_number(g, "entropy_floor");
  c.entropy_reg_weight = (float)golden_meta_number(g, "entropy_reg_weight");
  c.learning_rate = (float)golden_meta_number(g, "learning_rate");
  c.weight_decay = (float)golden_meta_number(g, "weight_decay");
  return c;
}

/** Sets every parameter to its golden value; each must be there, with the core's name and shape. */
static void load_parameters(golden_case *k) {
  const ac_tensor_table *table = ac_model_tensors(k->model);
  size_t found = 0, golden_count = 0;
  for (int32_t i = 0; i < table->count; i++) {
    const ac_tensor *t = &table->rows[i];
    char name[AC_TENSOR_NAME + 8];
    snprintf(name, sizeof name, "init/%s", t->name);
    const golden_tensor *tensor = golden_find(k->g, name);
    const bool fits = tensor && tensor->dtype == GOLDEN_F32 && tensor->rank == t->rank &&
                      tensor->shape[0] == (size_t)t->shape[0] &&
                      (t->rank == 1 || tensor->shape[1] == (size_t)t->shape[1]);
    if (CHECK(fits, "%s: %s is there with the core's shape", k->name, t->name)) {
      memcpy(ac_model_parameters(k->model) + t->offset, tensor->data, tensor->count * sizeof(float));
      found++;
    }
  }
  for (size_t i = 0; i < golden_tensor_count(k->g); i++) {
    golden_count += strncmp(golden_tensor_at(k->g, i)->name, "init/", 5) == 0;
  }
  CHECK(found == golden_count, "%s: the core knows all %zu golden parameters", k->name, golden_count);
  CHECK((double)ac_model_size(k->model) == golden_meta_number(k->g, "parameter_count"), "%s: parameter count", k->name);
  ac_model_parameters_changed(k->model);
}

static bool load_bytes(golden_case *k, int step) {
  const size_t n = (size_t)k->config.batch_size * (size_t)k->config.sequence_length;
  char name[32];
  snprintf(name, sizeof name, "batch/%d", step);
  const int32_t *symbols = golden_ints(k->g, name, n);
  for (size_t i = 0; symbols && i < n; i++) {
    k->bytes[i] = (uint8_t)symbols[i];
  }
  return CHECK(symbols, "%s: %s is there", k->name, name);
}

static void check_logits(const golden_case *k, const char *name, size_t n, const ac_real *logits) {
  const float *expected = golden_floats(k->g, name, n);
  if (CHECK(expected, "%s: %s is there", k->name, name)) {
    CHECK_ALL_NEAR(n, logits, expected, LOGITS, 0, "%s: %s", k->name, name);
  }
}

static void check_forward(golden_case *k) {
  const size_t n = (size_t)k->config.batch_size * (size_t)k->config.sequence_length * AC_SYMBOLS;
  ac_real *encoder = test_reals(n), *decoder = test_reals(n);
  const ac_outputs outputs = {encoder, decoder, 0};
  test_forward(k->model, k->bytes, k->config.batch_size, k->config.sequence_length, AC_EVALUATE, &outputs);
  /* The baseline's only head stands for both. */
  check_logits(k, "forward/byte_encoder_logits", n, k->config.model_type == AC_BASELINE ? decoder : encoder);
  check_logits(k, "forward/byte_decoder_logits", n, decoder);
  const int levels = k->config.model_type == AC_BASELINE ? 1 : k->config.num_levels;
  for (int l = 0; l < levels - 1; l++) {
    const size_t size = (size_t)k->config.batch_size * (size_t)ac_model_steps(k->model, l);
    uint8_t *mask = test_bytes(size);
    char name[64];
    snprintf(name, sizeof name, "forward/border_mask/%d", l);
    const uint8_t *expected = golden_bytes(k->g, name, size);
    ac_model_border_mask(k->model, l, mask);
    CHECK(expected && memcmp(mask, expected, size) == 0, "%s: the borders of level %d", k->name, l);
  }
}

static void check_losses(const golden_case *k, int step, int steps, const ac_losses *losses) {
  const struct {
    const char *name;
    double value;
  } rows[] = {
      {"loss", losses->total},
      {"byte_encoder_loss", losses->byte_encoder},
      {"meta_loss", losses->meta},
      {"byte_decoder_loss", losses->byte_decoder},
      {"uncertainty_loss", losses->uncertainty},
      {"entropy_reg_loss", losses->entropy_reg},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char name[64];
    snprintf(name, sizeof name, "trajectory/%s", rows[i].name);
    const float *expected = golden_floats(k->g, name, (size_t)steps);
    if (CHECK(expected, "%s: %s is there", k->name, name)) {
      const double reference = (double)expected[step - 1];
      CHECK_NEAR(rows[i].value, reference, LOSS * fabs(reference), "%s: %s at step %d", k->name, name, step);
    }
  }
  double counts[8 * AC_MAX_LEVELS];
  const int levels = k->config.model_type == AC_BASELINE ? 0 : k->config.num_levels - 1;
  const size_t n = golden_meta_numbers(k->g, "border_counts", counts, sizeof counts / sizeof *counts);
  CHECK(n == (size_t)(steps * levels), "%s: %zu border counts", k->name, n);
  for (int l = 0; l < levels && n == (size_t)(steps * levels); l++) {
    CHECK(floor(losses->borders[l]) == counts[(step - 1) * levels + l], "%s: %g borders at level %d, step %d", k->name,
          losses->borders[l], l, step);
  }
}

/** Recorded gradients agree; where none is recorded, the core knows that none arrives, and has zeros. */
static void check_gradients(golden_case *k, const ac_real *gradients, const int32_t *updates) {
  const ac_tensor_table *table = ac_model_tensors(k->model);
  int32_t reached = 0;
  for (int32_t i = 0; i < table->count; i++) {
    const ac_tensor *t = &table->rows[i];
    char name[AC_TENSOR_NAME + 8];
    snprintf(name, sizeof name, "grad/%s", t->name);
    const golden_tensor *expected = golden_find(k->g, name);
    CHECK((expected != NULL) == (updates[i] == 1), "%s: whether %s is updated", k->name, t->name);
    if (expected) {
      reached++;
      CHECK_ALL_NEAR((size_t)t->size, gradients + t->offset, (const float *)expected->data, GRADIENT, GRADIENT_RELATIVE,
                     "%s: gradient of %s", k->name, t->name);
    } else {
      int64_t zeros = 0;
      while (zeros < t->size && gradients[t->offset + zeros] == 0) {
        zeros++;
      }
      CHECK(zeros == t->size, "%s: no gradient in %s", k->name, t->name);
    }
  }
  CHECK(reached > 0, "%s has gradients", k->name);
}

static void check_snapshot(golden_case *k, int step) {
  const ac_tensor_table *table = ac_model_tensors(k->model);
  for (int32_t i = 0; i < table->count; i++) {
    const ac_tensor *t = &table->rows[i];
    char name[AC_TENSOR_NAME + 16];
    snprintf(name, sizeof name, "after/%d/%s", step, t->name);
    const float *expected = golden_floats(k->g, name, (size_t)t->size);
    if (CHECK(expected, "%s: %s is there", k->name, name)) {
      CHECK_ALL_NEAR((size_t)t->size, ac_model_parameters(k->model) + t->offset, expected, PARAMETERS, 0, "%s: %s",
                     k->name, name);
    }
  }
}

static void check_training(golden_case *k) {
  const int steps = (int)golden_meta_number(k->g, "steps");
  double snapshots[8];
  const size_t listed = golden_meta_numbers(k->g, "snapshots", snapshots, 8);
  const size_t size = (size_t)ac_model_size(k->model);
  ac_real *gradients = test_reals(size);
  for (int step = 1; step <= steps && load_bytes(k, step); step++) {
    ac_losses losses;
    double norm = 0;
    test_forward(k->model, k->bytes, k->config.batch_size, k->config.sequence_length, AC_TRAIN, NULL);
    ac_losses_from_sums(&k->config, ac_model_sums(k->model), &losses);
    check_losses(k, step, steps, &losses);
    CHECK(ac_model_backward(k->model, ac_model_sums(k->model)) == AC_OK, "%s: backward pass %d", k->name, step);
    ac_model_copy_gradients(k->model, gradients);
    CHECK(ac_model_update(k->model, (double)k->config.learning_rate, &norm) == AC_OK && norm > 0, "%s: update %d",
          k->name, step);
    if (step == 1) {
      check_gradients(k, gradients, ac_model_updates(k->model));
    }
    for (size_t i = 0; i < listed; i++) {
      if ((int)snapshots[i] == step) {
        check_snapshot(k, step);
      }
    }
  }
}

static void check_cached(golden_case *k) {
  const golden_tensor *cached = golden_find(k->g, "cached/logits");
  if (k->config.border_mode == AC_TEACHER_FORCED) {
    CHECK(!cached, "%s: there is no cached generation to compare with", k->name);
    return;
  }
  if (!CHECK(cached && cached->rank == 2 && cached->shape[0] > 0 && cached->shape[1] == AC_SYMBOLS &&
                 cached->shape[0] <= (size_t)k->config.sequence_length,
             "%s: cached logits are there", k->name)) {
    return;
  }
  ac_stream *stream = test_stream(k->model);
  for (size_t t = 0; t < cached->shape[0]; t++) {
    const ac_outcome *outcome = ac_stream_feed(stream, k->bytes[t], -1, AC_WANT_DECODER);
    CHECK_ALL_NEAR(AC_SYMBOLS, outcome->decoder.logits, (const float *)cached->data + t * AC_SYMBOLS, LOGITS, 0,
                   "%s: cached logits of byte %zu", k->name, t);
  }
}

int main(void) {
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    char path[128];
    snprintf(path, sizeof path, "tests/golden/%s.safetensors", CASES[i]);
    check_group(CASES[i]);
    golden_case k = {.name = CASES[i], .g = golden_open(path)};
    if (!CHECK(k.g, "%s can be read", path)) {
      continue;
    }
    k.config = config_of(k.g);
    k.model = test_model(&k.config);
    k.bytes = test_bytes((size_t)k.config.batch_size * (size_t)k.config.sequence_length);
    load_parameters(&k);
    if (load_bytes(&k, 1)) {
      check_forward(&k);
      check_cached(&k);
      check_training(&k);
    }
    test_free_all();
    golden_close(k.g);
  }
  return check_finish("golden");
}
