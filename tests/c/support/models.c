#include "models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Everything that was allocated, for test_free_all. */
static void **blocks;
static size_t block_count;

static void give_up(const char *what) {
  fprintf(stderr, "The test can't go on: %s.\n", what);
  exit(1);
}

/** A block as the core needs it, filled with a pattern, since nothing may rely on zeros. */
static void *take_block(uint64_t bytes) {
  void **longer = realloc(blocks, (block_count + 1) * sizeof *blocks);
  void *block = bytes ? aligned_alloc(AC_ALIGNMENT, (bytes + AC_ALIGNMENT - 1) / AC_ALIGNMENT * AC_ALIGNMENT) : NULL;
  if (!longer || !block) {
    give_up("there is no memory");
  }
  blocks = longer;
  blocks[block_count++] = block;
  return memset(block, 0xa5, bytes);
}

void test_free_all(void) {
  for (size_t i = 0; i < block_count; i++) {
    free(blocks[i]);
  }
  free(blocks);
  blocks = NULL;
  block_count = 0;
}

ac_real *test_reals(size_t n) { return memset(take_block(n * sizeof(ac_real)), 0, n * sizeof(ac_real)); }
uint8_t *test_bytes(size_t n) { return memset(take_block(n), 0, n); }

ac_config test_config(int32_t levels, int32_t hidden, int32_t batch, int32_t length) {
  return (ac_config){
      .model_type = AC_ADAPTIVE,
      .border_mode = AC_UNCERTAINTY,
      .hidden_size = hidden,
      .num_levels = levels,
      .batch_size = batch,
      .sequence_length = length,
      .byte_entropy_threshold = 20,
      .meta_uncertainty_threshold = 1,
      .threshold = 0.1f,
      .entropy_reg_weight = 0.001f,
      .encoder_loss_weight = 1,
      .decoder_loss_weight = 1,
      .meta_loss_weight = 1,
      .uncertainty_loss_weight = 0.1f,
      .learning_rate = 3e-4f,
      .weight_decay = 0.01f,
      .seed = 1,
      .level = AC_LEVELS_UNSET,
  };
}

void test_set_kind(ac_config *config, int kind) {
  static const int32_t TYPES[] = {AC_ADAPTIVE, AC_ADAPTIVE, AC_BASELINE, AC_FLAT};
  config->model_type = TYPES[kind];
  config->wiring = kind == 1 ? AC_RESIDUAL : AC_MIRROR;
}

ac_model *test_replica(const ac_config *config, int32_t sequences, int32_t first_sequence) {
  const uint64_t bytes = ac_model_bytes(config, sequences);
  ac_model *model = NULL;
  if (bytes == 0 || ac_model_init(config, sequences, first_sequence, take_block(bytes), bytes, &model) != AC_OK) {
    give_up("no model can be made from the settings");
  }
  return model;
}

ac_model *test_model(const ac_config *config) { return test_replica(config, config->batch_size, 0); }

ac_stream *test_stream(ac_model *model) {
  const uint64_t bytes = ac_stream_bytes(model);
  ac_stream *stream = NULL;
  if (ac_stream_init(model, take_block(bytes), bytes, &stream) != AC_OK) {
    give_up("no stream can be made over the model");
  }
  return stream;
}

void test_copy_parameters(ac_model *to, ac_model *from) {
  if (ac_model_size(to) != ac_model_size(from)) {
    give_up("parameters are to be copied between models of different shapes");
  }
  memcpy(ac_model_parameters(to), ac_model_parameters(from), (size_t)ac_model_size(from) * sizeof(ac_real));
  ac_model_parameters_changed(to);
}

const ac_tensor *test_tensor(const ac_model *model, const char *name) {
  const ac_tensor_table *table = ac_model_tensors(model);
  for (int32_t i = 0; i < table->count; i++) {
    if (strcmp(table->rows[i].name, name) == 0) {
      return &table->rows[i];
    }
  }
  return NULL;
}

void test_forward(ac_model *model, const uint8_t *bytes, int32_t sequences, int32_t length, ac_purpose purpose,
                  const ac_outputs *outputs) {
  if (ac_model_forward(model, bytes, sequences, length, purpose, outputs) != AC_OK) {
    give_up("a forward pass failed");
  }
}

double test_train(ac_model *model, const uint8_t *bytes, int32_t sequences, int32_t length) {
  const ac_config *config = ac_model_config(model);
  ac_losses losses;
  double norm;
  test_forward(model, bytes, sequences, length, AC_TRAIN, NULL);
  ac_losses_from_sums(config, ac_model_sums(model), &losses);
  if (ac_model_backward(model, ac_model_sums(model)) != AC_OK ||
      ac_model_update(model, (double)config->learning_rate, &norm) != AC_OK) {
    give_up("a training step failed");
  }
  return losses.total;
}

ac_model *test_like(ac_model *model, int32_t batch, int32_t length) {
  ac_config config = *ac_model_config(model);
  config.batch_size = batch;
  config.sequence_length = length;
  ac_model *like = test_model(&config);
  test_copy_parameters(like, model);
  return like;
}
