/** The borders of a level, and the maps between it and the next that follow from them. */
#ifndef AC_BORDERS_H
#define AC_BORDERS_H

#include "rows.h"
#include "rules.h"

/** What a rule may know about the rows of a level; see ac_rule_input. `best`, `target` and `error` may be NULL. */
typedef struct ac_border_inputs {
  int32_t level;
  ac_real threshold;
  uint32_t seed;
  const int32_t *symbol;        /* [N] */
  const uint8_t *mark;          /* [N] */
  const ac_real *score;         /* [N] */
  const int32_t *best, *target; /* [N] of level 0 */
  const ac_real *error;         /* [N] above */
} ac_border_inputs;

/** Marks the borders of every sequence by a rule. `mask` [N] is 0 or 1. */
void ac_borders_mark(const ac_rows *rows, const ac_rule *rule, const ac_border_inputs *inputs, uint8_t *mask);

/** How the rows of a level and of the next are linked. */
typedef struct ac_links {
  uint8_t *mask;   /* [N of the lower] 1 at borders */
  int32_t *parent; /* [N of the lower] row above whose decoder state conditions it, −1 for none */
  int32_t *source; /* [N of the upper] row below that it came from */
} ac_links;

/** Lays out links for up to `lower_rows` rows of a level and `upper_rows` rows of the next. */
void ac_links_layout(ac_arena *arena, int64_t lower_rows, int64_t upper_rows, ac_links *links);

/**
 * Builds from the mask the rows of the upper level, the source of each, and the parents. Let the last border at or before
 * position t be the j-th of its sequence (from 0), at p_j: then row j above conditions t if j ≥ 1 and t > p_j.
 * `lengths` [sequences] is scratch. Returns the number of positions that are conditioned.
 */
int64_t ac_links_build(const ac_rows *lower, ac_links *links, ac_rows *upper, int32_t *lengths);

#endif
