#include "borders.h"

void ac_borders_mark(const ac_rows *rows, const ac_rule *rule, const ac_border_inputs *inputs, uint8_t *mask) {
  ac_rule_input in = {.level = inputs->level, .threshold = inputs->threshold, .seed = inputs->seed};
  for (int32_t s = 0; s < rows->sequences; s++) {
    ac_rule_state state = {0};
    for (int32_t i = rows->rank[s]; i >= 0; i = rows->after[i]) {
      in.symbol = inputs->symbol[i];
      in.mark = inputs->mark[i];
      in.score = inputs->score[i];
      in.best = inputs->best ? inputs->best[i] : 0;
      in.target = inputs->target ? inputs->target[i] : 0;
      in.error = inputs->error ? inputs->error[i] : 0;
      mask[i] = ac_rule_decide(rule, &state, &in);
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
