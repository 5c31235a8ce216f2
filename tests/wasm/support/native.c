/*
 * Trains a model with the core alone and prints hashes (FNV-1a, 64 bits) of its logits before, its parameters and its
 * logits after, in hexadecimal:
 *
 *   native STEPS FIELD=VALUE … < TEXT
 *
 * Fields are those of ac_config; all that are not given are 0. Step k trains on the k-th batch of the text; logits are
 * of its first batch. With carried state a step continues the one before it, each sequence with its own first byte as
 * the one that follows; the state after all steps and the thresholds are printed, too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../c/model.h"
#include "../../../c/rules.h"

static void give_up(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void check(ac_status status) {
  if (status != AC_OK) {
    give_up(ac_status_sentence(status));
  }
}

static void *take(uint64_t bytes) {
  void *block = aligned_alloc(AC_ALIGNMENT, (bytes + AC_ALIGNMENT - 1) / AC_ALIGNMENT * AC_ALIGNMENT);
  if (!block) {
    give_up("There is no memory.");
  }
  return block;
}

/** Sets a field from `name=number`, a list from `name=number,number…`. */
static void set_field(ac_config *config, const char *argument) {
  const char *value = strchr(argument, '=');
  const ac_config_field *field = NULL;
  for (int i = 0; value && (field = ac_config_field_at(i)) != NULL; i++) {
    if (strlen(field->name) == (size_t)(value - argument) &&
        strncmp(field->name, argument, (size_t)(value - argument)) == 0) {
      break;
    }
  }
  if (!field) {
    give_up("There is no such field.");
    return;
  }
  char *at = (char *)config + field->offset;
  for (int32_t i = 0; i < field->count && *value && value[1]; i++, at += field->stride) {
    char *end;
    const double number = strtod(value + 1, &end);
    if (field->kind == 0) {
      *(int32_t *)(void *)at = (int32_t)number;
    } else if (field->kind == 1) {
      *(float *)(void *)at = (float)number;
    } else {
      *(uint32_t *)(void *)at = (uint32_t)number;
    }
    value = end;
  }
}

static void print_hash(const char *what, const void *data, size_t bytes) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < bytes; i++) {
    hash = (hash ^ ((const uint8_t *)data)[i]) * UINT64_C(1099511628211);
  }
  printf("%s %016" PRIx64 "\n", what, hash);
}

static void print_logits(ac_model *m, const uint8_t *bytes, float *logits) {
  const ac_config *c = ac_model_config(m);
  const size_t count = (size_t)c->batch_size * (size_t)c->sequence_length * AC_SYMBOLS;
  ac_outputs outputs = {.decoder_logits = logits};
  check(ac_model_forward(m, bytes, c->batch_size, c->sequence_length, AC_EVALUATE, &outputs));
  print_hash("logits", logits, count * sizeof *logits);
}

/** The training pass of a step; `next` [sequences] is scratch. */
static void train(ac_model *m, const uint8_t *bytes, int32_t *next) {
  const ac_config *c = ac_model_config(m);
  for (int32_t s = 0; s < c->batch_size; s++) {
    next[s] = bytes[(size_t)s * (size_t)c->sequence_length];
  }
  check(c->carry_state ? ac_model_continue(m, bytes, next, c->batch_size, c->sequence_length, AC_TRAIN, NULL)
                       : ac_model_forward(m, bytes, c->batch_size, c->sequence_length, AC_TRAIN, NULL));
}

static void print_memory(ac_model *m) {
  const ac_memory *memory = ac_model_memory(m, AC_TRAIN);
  const size_t sequences = (size_t)ac_model_config(m)->batch_size;
  print_hash("states", memory->states, sequences * (size_t)memory->width * sizeof(float));
  print_hash("rules", memory->rules, sequences * (size_t)memory->levels * sizeof(ac_rule_state));
  print_hash("thresholds", ac_model_thresholds(m), (size_t)memory->levels * sizeof(float));
}

int main(int count, char **arguments) {
  if (count < 3) {
    give_up("native STEPS FIELD=VALUE … < TEXT");
  }
  const int steps = atoi(arguments[1]);
  ac_config config;
  ac_config_clear(&config);
  for (int i = 2; i < count; i++) {
    set_field(&config, arguments[i]);
  }
  const uint64_t bytes = ac_model_bytes(&config, config.batch_size);
  if (bytes == 0) {
    give_up(ac_status_sentence(AC_BAD_SETTING));
  }
  ac_model *m;
  check(ac_model_init(&config, config.batch_size, 0, take(bytes), bytes, &m));
  const size_t batch = (size_t)config.batch_size * (size_t)config.sequence_length;
  uint8_t *text = take(batch * (size_t)steps);
  float *logits = take(batch * AC_SYMBOLS * sizeof *logits);
  int32_t *next = take((uint64_t)config.batch_size * sizeof *next);
  if (fread(text, 1, batch * (size_t)steps, stdin) != batch * (size_t)steps) {
    give_up("The text is too short.");
  }
  print_logits(m, text, logits);
  for (int step = 0; step < steps; step++) {
    double norm;
    ac_model_set_step(m, (uint32_t)step);
    train(m, text + batch * (size_t)step, next);
    check(ac_model_backward(m, ac_model_sums(m)));
    check(ac_model_update(m, (double)config.learning_rate, &norm));
  }
  print_hash("parameters", ac_model_parameters(m), (size_t)ac_model_size(m) * sizeof(float));
  print_logits(m, text, logits);
  if (config.carry_state) {
    print_memory(m);
  }
  return 0;
}
