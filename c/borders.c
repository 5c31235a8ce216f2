#include "borders.h"

int32_t ac_most_borders(int32_t steps, double threshold, double most) {
  if (threshold <= most) {
    return steps;
  }
  const double borders = 1 + (double)(steps - 1) * most / threshold;
  return borders < (double)steps ? (int32_t)borders : steps;
}

void ac_borders_by_uncertainty(const ac_rows *rows, const ac_real *score, ac_real threshold, uint8_t *mask) {
  for (int32_t s = 0; s < rows->sequences; s++) {
    ac_real sum = 0;
    int32_t i = rows->rank[s];
    mask[i] = 1;
    for (i = rows->after[i]; i >= 0; i = rows->after[i]) {
      mask[i] = (uint8_t)ac_border_accumulate(&sum, score[i], threshold);
    }
  }
}

void ac_links_layout(ac_arena *arena, int64_t lower_rows, int64_t upper_rows, ac_links *links) {
  links->mask = AC_TAKE(arena, uint8_t, lower_rows);
  links->parent = AC_TAKE(arena, int32_t, lower_rows);
  links->source = AC_TAKE(arena, int32_t, upper_rows);
}

int64_t ac_links_build(const ac_rows *lower, ac_links *links, ac_rows *upper, int32_t *lengths) {
  for (int32_t s = 0; s < lower->sequences; s++) {
    lengths[s] = 0;
    for (int32_t i = lower->rank[s]; i >= 0; i = lower->after[i]) {
      lengths[s] += links->mask[i];
    }
  }
  ac_rows_build(upper, lower->sequences, lengths);
  int64_t conditioned = 0;
  for (int32_t s = 0; s < lower->sequences; s++) {
    int32_t above = -1;
    for (int32_t i = lower->rank[s]; i >= 0; i = lower->after[i]) {
      links->parent[i] = -1;
      if (links->mask[i]) {
        above = above < 0 ? upper->rank[s] : upper->after[above];
        links->source[above] = i;
      } else if (upper->time[above] >= 1) {
        links->parent[i] = above;
        conditioned++;
      }
    }
  }
  return conditioned;
}
