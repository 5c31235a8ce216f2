#include "config.h"

#include <stddef.h>

#include "kinds.h"
#include "rules.h"

#define KIND(type) _Generic((type)0, float : 1, uint32_t : 2, default : 0)

static const ac_config_field FIELDS[] = {
#define AC_CONFIG_ROW(type, name, least, most) {#name, (int32_t)offsetof(ac_config, name), KIND(type), 1, 0},
    AC_CONFIG_TABLE(AC_CONFIG_ROW)
#undef AC_CONFIG_ROW
#define AC_LEVEL_ROW(type, field, list, least, most, unset)                                                    \
  {#list, (int32_t)(offsetof(ac_config, level) + offsetof(ac_level_config, field)), KIND(type), AC_MAX_LEVELS, \
   (int32_t)sizeof(ac_level_config)},
        AC_LEVEL_TABLE(AC_LEVEL_ROW)
#undef AC_LEVEL_ROW
};

const ac_config_field *ac_config_field_at(int i) {
  return i >= 0 && i < (int)(sizeof FIELDS / sizeof FIELDS[0]) ? &FIELDS[i] : NULL;
}

void ac_config_clear(ac_config *config) { *config = (ac_config){.level = AC_LEVELS_UNSET}; }

/* Written so that NaN fails. */
#define WITHIN(type, value, least, most) \
  ((double)(value) >= (double)(type)(least) && (double)(value) <= (double)(type)(most))

static ac_status check_level(const ac_level_config *level) {
#define AC_LEVEL_RANGE(type, field, list, least, most, unset) \
  if (!WITHIN(type, level->field, least, most)) {             \
    return AC_BAD_SETTING;                                    \
  }
  AC_LEVEL_TABLE(AC_LEVEL_RANGE)
#undef AC_LEVEL_RANGE
  const bool thresholds = level->threshold >= 0 || level->threshold == AC_AS_MODEL;
  const bool rules = level->rule == AC_AS_MODEL || ac_rule_at(level->rule);
  const bool factors = level->learning_rate_factor >= 0 || level->learning_rate_factor == AC_AS_MODEL;
  return thresholds && rules && factors ? AC_OK : AC_BAD_SETTING;
}

ac_status ac_config_check(const ac_config *config) {
#define AC_CONFIG_RANGE(type, name, least, most)  \
  if (!WITHIN(type, config->name, least, most)) { \
    return AC_BAD_SETTING;                        \
  }
  AC_CONFIG_TABLE(AC_CONFIG_RANGE)
#undef AC_CONFIG_RANGE
  for (int l = 0; l < AC_MAX_LEVELS; l++) {
    if (check_level(&config->level[l]) != AC_OK) {
      return AC_BAD_SETTING;
    }
  }
  const ac_kind *kind = ac_kind_of(config);
  /* Tables, too, need sequences that remember what came before; and only the residual stream lacks an encoder's head. */
  if (!kind || (!kind->carries && (config->carry_state || config->ngram_order || config->span_order ||
                                   config->token_embeddings || config->recall || config->encoder_scores))) {
    return AC_BAD_SETTING;
  }
  return kind->check ? kind->check(config) : AC_OK;
}

ac_level_config ac_config_level(const ac_config *config, int32_t level) {
  ac_level_config own = config->level[level];
  if (own.rule == AC_AS_MODEL) {
    own.rule = config->border_mode == AC_TEACHER_FORCED ? AC_RULE_TEACHER_FORCED : AC_RULE_ACCUMULATED;
  }
  if (own.threshold < 0) {
    own.threshold = ac_rule_at(own.rule)->threshold(config, level);
  }
  own.width = own.width > 0 ? own.width : config->hidden_size;
  own.learning_rate_factor = own.learning_rate_factor >= 0 ? own.learning_rate_factor : 1;
  return own;
}

bool ac_config_leaks(const ac_config *config) {
  const ac_kind *kind = ac_kind_of(config);
  for (int32_t l = 0; kind && kind->hierarchy && l < config->num_levels - 1; l++) {
    if (ac_rule_at(ac_config_level(config, l).rule)->leaks) {
      return true;
    }
  }
  return false;
}
