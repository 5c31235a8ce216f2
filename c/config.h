/** The settings that the core knows, and the limits that its memory safety rests on. */
#ifndef AC_CONFIG_H
#define AC_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "status.h"

/** Symbols: bytes 0–255 and the end of a text. */
#define AC_SYMBOLS 257
#define AC_EOS 256

/** Most levels of a hierarchy; most blocks of the baseline (8 a level). */
#define AC_MAX_LEVELS 8
#define AC_MAX_BLOCKS (8 * AC_MAX_LEVELS)

/** Largest hidden size, batch and sequence, so that products of sizes stay far from overflow. */
#define AC_MAX_HIDDEN 4096
#define AC_MAX_BATCH 4096
#define AC_MAX_LENGTH 1048576

/** Kinds of model; their table is in kinds.c. */
enum { AC_ADAPTIVE = 0, AC_BASELINE = 1, AC_FLAT = 2 };
/** How the levels of an adaptive model are wired: a decoder that mirrors the encoder, or a residual stream. */
enum { AC_MIRROR = 0, AC_RESIDUAL = 1 };
/** The border rule of all levels whose configuration names none. */
enum { AC_UNCERTAINTY = 0, AC_TEACHER_FORCED = 1 };

/** In a level's configuration: follow the settings of the whole model. */
#define AC_AS_MODEL (-1)

/*
 * X(type, field, list, least, most, unset): the fields of ac_level_config in order, the setting of type list that has an
 * entry for each level, and the value where the list has none.
 */
#define AC_LEVEL_TABLE(X)                                                                                           \
  X(int32_t, rule, level_rules, AC_AS_MODEL, 1000, AC_AS_MODEL)         /* number in the table of rules */          \
  X(float, threshold, level_thresholds, AC_AS_MODEL, 1e30, AC_AS_MODEL) /* in the rule's unit */                    \
  X(int32_t, width, level_widths, 0, AC_MAX_HIDDEN, 0)                  /* 0: hidden_size */                        \
  X(int32_t, blocks, level_blocks, 0, AC_MAX_BLOCKS, 0)                 /* 0: the wiring's own number */            \
  X(float, target_rate, level_target_rates, 0, 1e30, 0)                 /* positions a token; 0: threshold stays */ \
  X(float, learning_rate_factor, level_learning_rate_factors, AC_AS_MODEL, 1e30, AC_AS_MODEL)

/** A level's own settings. ac_config_level says what holds where they are unset. */
typedef struct ac_level_config {
#define AC_LEVEL_FIELD(type, field, list, least, most, unset) type field;
  AC_LEVEL_TABLE(AC_LEVEL_FIELD)
#undef AC_LEVEL_FIELD
} ac_level_config;

/** A level with nothing set, and eight of them: what every ac_config starts from. */
#define AC_LEVEL_UNSET \
  { AC_AS_MODEL, AC_AS_MODEL, 0, 0, 0, AC_AS_MODEL }
#define AC_LEVELS_UNSET                                                                                             \
  {                                                                                                                 \
    AC_LEVEL_UNSET, AC_LEVEL_UNSET, AC_LEVEL_UNSET, AC_LEVEL_UNSET, AC_LEVEL_UNSET, AC_LEVEL_UNSET, AC_LEVEL_UNSET, \
        AC_LEVEL_UNSET                                                                                              \
  }

/*
 * X(type, name, least, most): the fields of ac_config before those of its levels, in order. Defaults,
 * offered ranges and help texts are the host's (wasm/engine/settings.js), under the same names. Numbers must be finite and
 * within least … most.
 */
#define AC_CONFIG_TABLE(X)                                                                                  \
  X(int32_t, model_type, 0, 2)  /* AC_ADAPTIVE, AC_BASELINE or AC_FLAT */                                   \
  X(int32_t, wiring, 0, 1)      /* AC_MIRROR or AC_RESIDUAL */                                              \
  X(int32_t, border_mode, 0, 1) /* AC_UNCERTAINTY or AC_TEACHER_FORCED */                                   \
  X(int32_t, hidden_size, 1, AC_MAX_HIDDEN)                                                                 \
  X(int32_t, num_levels, 1, AC_MAX_LEVELS)                                                                  \
  X(int32_t, batch_size, 1, AC_MAX_BATCH) /* sequences of the whole batch */                                \
  X(int32_t, sequence_length, 1, AC_MAX_LENGTH)                                                             \
  X(int32_t, carry_state, 0, 1)                 /* whether a window starts where the one before it ended */ \
  X(float, byte_entropy_threshold, 0, 1e30)     /* nats */                                                  \
  X(float, meta_uncertainty_threshold, 0, 1e30) /* squared error */                                         \
  X(float, threshold, 0, 1e30)                  /* squared error, teacher-forced */                         \
  X(float, entropy_floor, 0, 1e30)              /* nats */                                                  \
  X(float, entropy_reg_weight, 0, 1e30)                                                                     \
  X(float, encoder_loss_weight, 0, 1e30)                                                                    \
  X(float, decoder_loss_weight, 0, 1e30)                                                                    \
  X(float, meta_loss_weight, 0, 1e30)                                                                       \
  X(float, uncertainty_loss_weight, 0, 1e30)                                                                \
  X(float, dropout, 0, 0.99)                                                                                \
  X(float, learning_rate, 0, 1e30)                                                                          \
  X(float, weight_decay, 0, 1e30)                                                                           \
  X(float, clip_norm, 0, 1e30)       /* 0: no clipping */                                                   \
  X(int32_t, ngram_order, 0, 8)      /* 0 or 1: no n-grams; AC_MAX_NGRAM */                                 \
  X(int32_t, ngram_rows, 0, 1048576) /* of the table of each order */                                       \
  X(int32_t, span_order, 0, 4)       /* 0: no embeddings of spans; AC_MAX_SPANS */                          \
  X(int32_t, token_embeddings, 0, 1) /* tokens of level 1 begin with an embedding of their bytes */         \
  X(int32_t, recall, 0, 1)           /* n-grams and spans remember what followed them; recall.h */          \
  X(int32_t, encoder_scores, 0, 1)   /* scores of level 0 are the entropy of an encoder's head */           \
  X(uint32_t, seed, 0, 4294967295.0)

typedef struct ac_config {
#define AC_CONFIG_FIELD(type, name, least, most) type name;
  AC_CONFIG_TABLE(AC_CONFIG_FIELD)
#undef AC_CONFIG_FIELD
  ac_level_config level[AC_MAX_LEVELS];
} ac_config;

/** A setting of the tables above, for hosts that fill the struct by name. */
typedef struct ac_config_field {
  const char *name;
  int32_t offset; /* bytes into ac_config; every value has four */
  int32_t kind;   /* 0 int32_t, 1 float, 2 uint32_t */
  int32_t count;  /* 1, or the levels of a list */
  int32_t stride; /* bytes between the values of a list */
} ac_config_field;

/** Field i, or NULL past the last one. */
const ac_config_field *ac_config_field_at(int i);

/** Sets all fields to 0, except those of the levels, which become AC_LEVEL_UNSET. */
void ac_config_clear(ac_config *config);

/** AC_OK, or AC_BAD_SETTING where a field is out of range or not a number, or where the kind of model does not allow it. */
ac_status ac_config_check(const ac_config *config);

/**
 * What holds at a level (0 … num_levels − 1) of a checked configuration: its own values, and where it has none those that
 * follow from the settings of the whole model: the rule from `border_mode`, the threshold from the setting that the rule
 * reads or from the rule itself, the width from `hidden_size`. `blocks` may still be 0.
 */
ac_level_config ac_config_level(const ac_config *config, int32_t level);

/** Whether a level below the top has a rule that looks ahead, so that its borders depend on what is still to come. */
bool ac_config_leaks(const ac_config *config);

#endif
