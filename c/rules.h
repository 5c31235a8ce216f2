/**
 * Border rules: which positions of a level become tokens of the next. A rule is one entry of the table in rules.c. The full
 * pass, the stream and re-routing all go through ac_rule_decide, position by position.
 */
#ifndef AC_RULES_H
#define AC_RULES_H

#include <stdbool.h>

#include "config.h"
#include "kernels/simd.h"

/** The rules that `border_mode` names, by their numbers in the table. */
enum { AC_RULE_ACCUMULATED = 0, AC_RULE_TEACHER_FORCED = 1 };

/** All that a rule may know at a position. */
typedef struct ac_rule_input {
  int32_t level;
  int32_t symbol;    /* the byte at the position; of a higher level, the last byte that its token had seen */
  uint8_t mark;      /* that byte's: how many levels, from 0 up, have a border there by the reader's own list */
  ac_real score;     /* at level 0 entropy in nats, above the predicted squared error */
  ac_real threshold; /* in the rule's unit */
  uint32_t seed;     /* the configuration's */
  /* For rules that look ahead alone. */
  int32_t best, target; /* level 0: the likeliest next byte, and the one that comes */
  ac_real error;        /* above: the squared error of the prediction */
} ac_rule_input;

/** What a rule remembers of a sequence; all zeros at its start. ac_rule_decide keeps it but for `sum` and `reached`. */
typedef struct ac_rule_state {
  ac_real reached; /* what was compared with the threshold at the latest position; 0 at the first */
  ac_real sum;     /* running sum, after a reset */
  ac_real score;   /* of the position before */
  int32_t symbol;  /* of the position before */
  int32_t since;   /* positions since the latest border: 1 at the one that follows it */
  int32_t count;   /* positions so far */
} ac_rule_state;

/** What a rule needs to remember beyond what every rule does. */
enum { AC_KEEPS_NOTHING = 0, AC_KEEPS_SUM = 1, AC_KEEPS_SCORE = 2, AC_KEEPS_SYMBOL = 4, AC_KEEPS_COUNT = 8 };

typedef struct ac_rule {
  const char *name;
  const char *unit[2]; /* of the threshold at level 0 and above; empty where the rule has no threshold */
  int32_t keeps;       /* of the state, AC_KEEPS_… */
  int32_t leaks;       /* 1 where it looks at what is still to come, so that there is no stream with it */
  int32_t marked;      /* 1 where it reads marks, which come with a text */
  /** The threshold at a level where no list names one. */
  float (*threshold)(const ac_config *config, int32_t level);
  /** Whether a position other than a sequence's first is a border. */
  bool (*decide)(ac_rule_state *state, const ac_rule_input *in);
  /** Most borders among `positions` positions whose scores are at most `score`; NULL where all may be borders. */
  int32_t (*most)(int32_t positions, double threshold, double score);
} ac_rule;

/** Rule i of the table, or NULL where there is none of that number. */
const ac_rule *ac_rule_at(int32_t i);

/** One position of a sequence: returns whether it is a border, and advances the state. The first always is one. */
bool ac_rule_decide(const ac_rule *rule, ac_rule_state *state, const ac_rule_input *in);

/** Most borders in a sequence of `positions` positions whose scores are at most `score`. */
int32_t ac_rule_most(const ac_rule *rule, int32_t positions, double threshold, double score);

/**
 * The borders that a rule puts in one sequence of a level: those of the stream, given the stream's scores. `score` [n],
 * `symbol` [n] → `border` [n] 0 or 1, `reached` [n] what was compared with the threshold. AC_LEAKS; AC_BAD_INPUT where the
 * threshold is no number ≥ 0, or the rule reads marks.
 */
ac_status ac_reroute(const ac_rule *rule, int32_t level, float threshold, uint32_t seed, int32_t n,
                     const ac_real *score, const uint8_t *symbol, uint8_t *border, ac_real *reached);

#endif
