/**
 * The border rule, and the maps between a level and the next that follow from it. The rule and the parent schedule each
 * have this one place; the full pass and the cached generator both come here.
 */
#ifndef AC_BORDERS_H
#define AC_BORDERS_H

#include "kernels/simd.h"
#include "rows.h"

/**
 * The uncertainty rule at a position other than a level's first: adds its score to the running `sum`; where the sum
 * reaches the threshold the position is a border and the sum starts again from 0. Returns 1 at a border.
 */
static inline int ac_border_accumulate(ac_real *sum, ac_real score, ac_real threshold) {
  *sum += score;
  if (*sum >= threshold) {
    *sum = 0;
    return 1;
  }
  return 0;
}

/** Most borders in a sequence of T positions whose scores are at most `most`, by the rule above. */
int32_t ac_most_borders(int32_t steps, double threshold, double most);

/** Marks the borders of every sequence by accumulated `score` [N]; position 0 always is one. `mask` [N] is 0 or 1. */
void ac_borders_by_uncertainty(const ac_rows *rows, const ac_real *score, ac_real threshold, uint8_t *mask);

/** How a level and the next hang together. */
typedef struct ac_links {
  uint8_t *mask;   /* [N of the lower] 1 at borders */
  int32_t *parent; /* [N of the lower] row above whose decoder state conditions it, −1 for none */
  int32_t *source; /* [N of the upper] row below that it came from */
} ac_links;

/** Room for the links of so many rows of a level, of which so many can become rows of the next. */
void ac_links_layout(ac_arena *arena, int64_t lower_rows, int64_t upper_rows, ac_links *links);

/**
 * From the mask: the rows of the upper level, where each came from, and which row conditions which: with the last border
 * at or before position t being the j-th of its sequence (from 0), at p_j, row j above conditions t if j ≥ 1 and t > p_j.
 * `lengths` [sequences] is scratch. Returns the number of positions that are conditioned.
 */
int64_t ac_links_build(const ac_rows *lower, ac_links *links, ac_rows *upper, int32_t *lengths);

#endif
