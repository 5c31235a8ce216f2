/** The settings that the core knows, and the limits that its memory safety rests on. */
#ifndef AC_CONFIG_H
#define AC_CONFIG_H

#include <stdint.h>

#include "status.h"

/** Symbols: bytes 0–255 and the end of a text. */
#define AC_SYMBOLS 257
#define AC_EOS 256

/** Most levels of the adaptive model; most blocks of the baseline (8 a level). */
#define AC_MAX_LEVELS 8
#define AC_MAX_BLOCKS (8 * AC_MAX_LEVELS)

/** Largest hidden size, batch and sequence, so that products of sizes stay far from overflow. */
#define AC_MAX_HIDDEN 4096
#define AC_MAX_BATCH 4096
#define AC_MAX_LENGTH 1048576

enum { AC_ADAPTIVE = 0, AC_BASELINE = 1 };
enum { AC_UNCERTAINTY = 0, AC_TEACHER_FORCED = 1 };

/*
 * X(type, name, least, most): the fields of ac_config in order. Defaults, the ranges that are offered, and help texts
 * are the host's (wasm/engine/settings.js); names agree with it. Numbers must be finite and within least … most.
 */
#define AC_CONFIG_TABLE(X)                                                          \
  X(int32_t, model_type, 0, 1)  /* AC_ADAPTIVE or AC_BASELINE */                    \
  X(int32_t, border_mode, 0, 1) /* AC_UNCERTAINTY or AC_TEACHER_FORCED */           \
  X(int32_t, hidden_size, 1, AC_MAX_HIDDEN)                                         \
  X(int32_t, num_levels, 1, AC_MAX_LEVELS)                                          \
  X(int32_t, batch_size, 1, AC_MAX_BATCH) /* sequences of the whole batch */        \
  X(int32_t, sequence_length, 1, AC_MAX_LENGTH)                                     \
  X(float, byte_entropy_threshold, 0, 1e30)     /* nats */                          \
  X(float, meta_uncertainty_threshold, 0, 1e30) /* squared error */                 \
  X(float, threshold, 0, 1e30)                  /* squared error, teacher-forced */ \
  X(float, entropy_floor, 0, 1e30)              /* nats */                          \
  X(float, entropy_reg_weight, 0, 1e30)                                             \
  X(float, encoder_loss_weight, 0, 1e30)                                            \
  X(float, decoder_loss_weight, 0, 1e30)                                            \
  X(float, meta_loss_weight, 0, 1e30)                                               \
  X(float, uncertainty_loss_weight, 0, 1e30)                                        \
  X(float, dropout, 0, 0.99)                                                        \
  X(float, learning_rate, 0, 1e30)                                                  \
  X(float, weight_decay, 0, 1e30)                                                   \
  X(float, clip_norm, 0, 1e30) /* 0: no clipping */                                 \
  X(uint32_t, seed, 0, 4294967295.0)

typedef struct ac_config {
#define AC_CONFIG_FIELD(type, name, least, most) type name;
  AC_CONFIG_TABLE(AC_CONFIG_FIELD)
#undef AC_CONFIG_FIELD
} ac_config;

/** A row of the table above, for hosts that fill the struct by name. */
typedef struct ac_config_field {
  const char *name;
  int32_t offset; /* bytes into ac_config; every field has four */
  int32_t kind;   /* 0 int32_t, 1 float, 2 uint32_t */
} ac_config_field;

/** Field i, or NULL from the last one on. */
const ac_config_field *ac_config_field_at(int i);

/** AC_OK, or AC_BAD_SETTING where a field is out of range or no number. */
ac_status ac_config_check(const ac_config *config);

#endif
