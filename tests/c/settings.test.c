/* Settings out of range are refused field by field, sizes never overflow, and every status has its sentence. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "../../c/rules.h"
#include "support/check.h"
#include "support/models.h"

/** The table of settings again, as numbers; `kind` as in ac_config_field. */
typedef struct field {
  const char *name;
  size_t offset, size;
  int kind;
  double least, most;
} field;

#define KIND(type) _Generic((type)0, float : 1, uint32_t : 2, default : 0)
#define ROW(type, name, least, most) \
  {#name, offsetof(ac_config, name), sizeof(type), KIND(type), (double)(least), (double)(most)},
#define LEVEL_ROW(type, field, list, least, most, unset)                           \
  {#list,           offsetof(ac_config, level) + offsetof(ac_level_config, field), \
   sizeof(type),    KIND(type),                                                    \
   (double)(least), (double)(most)},
static const field FIELDS[] = {AC_CONFIG_TABLE(ROW) AC_LEVEL_TABLE(LEVEL_ROW)};
#undef ROW
#undef LEVEL_ROW

static const ac_config GOOD = {
    .hidden_size = 5,
    .num_levels = 3,
    .batch_size = 3,
    .sequence_length = 20,
    .ngram_rows = 10,
    .byte_entropy_threshold = 11,
    .meta_uncertainty_threshold = 1,
    .level = AC_LEVELS_UNSET,
};

/** Good settings but for one field. */
static ac_config with(const field *f, double value) {
  ac_config config = GOOD;
  char *at = (char *)&config + f->offset;
  const float number = (float)value;
  const int32_t whole = f->kind == 0 ? (int32_t)value : 0;
  const uint32_t natural = f->kind == 2 ? (uint32_t)value : 0;
  memcpy(at, f->kind == 1 ? (const void *)&number : f->kind == 2 ? (const void *)&natural : (const void *)&whole, 4);
  return config;
}

static void check_bad(const field *f, double value) {
  _Alignas(AC_ALIGNMENT) static uint8_t block[AC_ALIGNMENT];
  const ac_config config = with(f, value);
  ac_model *model = NULL;
  CHECK(ac_config_check(&config) == AC_BAD_SETTING, "%s of %g is refused", f->name, value);
  CHECK(ac_model_bytes(&config, 1) == 0, "%s of %g has no size", f->name, value);
  CHECK(ac_model_init(&config, 1, 0, block, sizeof block, &model) == AC_BAD_SETTING && !model,
        "%s of %g makes no model", f->name, value);
}

static void check_settings(void) {
  const int count = (int)(sizeof FIELDS / sizeof *FIELDS);
  size_t covered = 0;
  CHECK(ac_config_check(&GOOD) == AC_OK, "good settings");
  for (int i = 0; i < count; i++) {
    const field *f = &FIELDS[i];
    const ac_config_field *said = ac_config_field_at(i);
    CHECK(said && strcmp(said->name, f->name) == 0 && said->offset == (int32_t)f->offset && said->kind == f->kind,
          "what the core says of %s", f->name);
    CHECK(f->offset == covered && f->size == 4, "%s follows the field before it", f->name);
    covered += f->size;
    const bool list = f->offset >= offsetof(ac_config, level);
    CHECK(said->count == (list ? AC_MAX_LEVELS : 1) && said->stride == (list ? (int)sizeof(ac_level_config) : 0),
          "%s has so many values", f->name);
    /* The kind of model decides what else a level may have. */
    const ac_config least = with(f, f->least);
    ac_config most = with(f, f->most);
    /* Only the residual stream carries, has n-grams and spans, and leaves it open what scores bytes. */
    const bool tables = most.ngram_order || most.span_order || most.token_embeddings || most.recall;
    most.wiring = most.carry_state || tables || most.encoder_scores ? AC_RESIDUAL : most.wiring;
    CHECK(list || (ac_config_check(&least) == AC_OK && ac_config_check(&most) == AC_OK), "%s at its limits", f->name);
    if (f->kind == 1) {
      check_bad(f, NAN);
      check_bad(f, INFINITY);
      check_bad(f, -INFINITY);
      check_bad(f, f->least - 0.001);
      check_bad(f, f->most * 1.01);
    } else if (f->kind == 0) {
      check_bad(f, f->least - 1);
      check_bad(f, f->most + 1);
      check_bad(f, INT32_MIN);
      check_bad(f, INT32_MAX);
    }
  }
  CHECK(covered + (AC_MAX_LEVELS - 1) * sizeof(ac_level_config) == sizeof(ac_config),
        "the table has all of the struct");
  CHECK(!ac_config_field_at(count) && !ac_config_field_at(-1), "no field beyond %d", count);
}

/** The settings of a level: its own values, or else those of the whole model. */
static void check_levels(void) {
  ac_config config = GOOD;
  config.threshold = 0.25f;
  for (int32_t l = 0; l < 3; l++) {
    const ac_level_config level = ac_config_level(&config, l);
    CHECK(level.rule == AC_RULE_ACCUMULATED && level.threshold == (l ? 1.0f : 11.0f) && level.width == 5,
          "level %d like the model", (int)l);
  }
  config.border_mode = AC_TEACHER_FORCED;
  CHECK(ac_config_level(&config, 1).rule == AC_RULE_TEACHER_FORCED && ac_config_level(&config, 1).threshold == 0.25f,
        "teacher-forced borders have a threshold of their own");
  CHECK(ac_config_leaks(&config), "teacher-forced borders leak");
  config.level[0].rule = config.level[1].rule = AC_RULE_ACCUMULATED;
  CHECK(!ac_config_leaks(&config), "no level below the top has them now");
  config.level[1].threshold = 0;
  CHECK(ac_config_level(&config, 1).threshold == 0, "0 is a threshold");
  config.level[0].width = 5;
  CHECK(ac_config_check(&config) == AC_OK, "a width equal to the hidden size");
  int32_t rules = 0;
  while (ac_rule_at(rules)) {
    config.level[0].rule = rules++;
    CHECK(ac_config_check(&config) == AC_OK && ac_config_level(&config, 0).threshold >= 0, "rule %d", (int)rules);
  }
  ac_config bad[7] = {config, config, config, config, config, config, config};
  bad[0].level[7].rule = rules;
  bad[1].level[0].width = 6;
  bad[2].level[0].blocks = 1;
  bad[3].level[0].target_rate = 5;
  bad[4].level[0].threshold = -0.5f;
  bad[5].carry_state = 1;
  bad[6].encoder_scores = 1;
  for (int i = 0; i < 7; i++) {
    CHECK(ac_config_check(&bad[i]) == AC_BAD_SETTING, "what no model has, %d", i);
  }
}

static void check_statuses(void) {
  for (int i = 0; i < AC_STATUS_COUNT; i++) {
    const char *name = ac_status_name(i), *sentence = ac_status_sentence(i);
    CHECK(name && strlen(name) > 1 && sentence && sentence[strlen(sentence) - 1] == '.', "status %d has a sentence", i);
  }
  CHECK(!ac_status_name(-1) && !ac_status_name(AC_STATUS_COUNT) && !ac_status_sentence(-1) &&
            !ac_status_sentence(AC_STATUS_COUNT),
        "other numbers have no sentence");
}

/** All limits at once: far beyond any memory, but reported correctly, since 64 bits can hold it. */
static void check_limits(int32_t model_type) {
  ac_config config = GOOD;
  config.model_type = model_type;
  config.num_levels = AC_MAX_LEVELS;
  config.batch_size = AC_MAX_BATCH;
  config.sequence_length = AC_MAX_LENGTH;
  config.byte_entropy_threshold = 0;
  config.dropout = 0.5f;
  for (config.hidden_size = 1; config.hidden_size <= AC_MAX_HIDDEN; config.hidden_size *= 2) {
    const uint64_t bytes = ac_model_bytes(&config, AC_MAX_BATCH);
    /* Between the gates of the first block alone and a thousand numbers for each unit of each byte. */
    const double units = (double)AC_MAX_BATCH * AC_MAX_LENGTH * config.hidden_size, number = sizeof(ac_real);
    CHECK((double)bytes > 8 * units * number && (double)bytes < 10000 * units * number,
          "type %d, H %d at the limits: %g GiB", (int)model_type, (int)config.hidden_size, (double)bytes / 0x1p30);
    ac_model *model = NULL;
    _Alignas(AC_ALIGNMENT) static uint8_t block[AC_ALIGNMENT];
    const ac_status status = ac_model_init(&config, AC_MAX_BATCH, 0, block, sizeof block, &model);
    CHECK(status == (bytes > SIZE_MAX ? AC_TOO_BIG : AC_SMALL_BLOCK) && !model, "no model of that size is made");
  }
}

static void check_sizes(void) {
  ac_config config = GOOD;
  CHECK(ac_model_bytes(&config, 0) == 0 && ac_model_bytes(&config, -1) == 0 && ac_model_bytes(&config, 4) == 0,
        "more sequences than the batch has");
  CHECK(ac_model_bytes(&config, 1) < ac_model_bytes(&config, 2), "more sequences need more");
  config.dropout = 0.1f;
  CHECK(ac_model_bytes(&GOOD, 3) < ac_model_bytes(&config, 3), "dropout needs more");
  config.sequence_length = 4096;
  config.byte_entropy_threshold = 1000;
  const uint64_t rare = ac_model_bytes(&config, 3);
  config.byte_entropy_threshold = 1;
  CHECK(rare < ac_model_bytes(&config, 3), "frequent borders need more");
  check_limits(AC_ADAPTIVE);
  check_limits(AC_BASELINE);
}

int main(void) {
  check_group("settings");
  check_settings();
  check_group("levels");
  check_levels();
  check_group("statuses");
  check_statuses();
  check_group("sizes");
  check_sizes();
  return check_finish("settings");
}
