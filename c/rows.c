#include "rows.h"

void ac_rows_layout(ac_arena *arena, int32_t sequences, int32_t steps, int64_t rows, ac_rows *out) {
  *out = (ac_rows){0};
  const int32_t longest = rows > 0 ? steps : 0;
  out->first = AC_TAKE(arena, int32_t, longest);
  out->count = AC_TAKE(arena, int32_t, longest);
  out->rank = AC_TAKE(arena, int32_t, sequences);
  out->sequence = AC_TAKE(arena, int32_t, rows);
  out->time = AC_TAKE(arena, int32_t, rows);
  out->before = AC_TAKE(arena, int32_t, rows);
  out->after = AC_TAKE(arena, int32_t, rows);
}

void ac_rows_build(ac_rows *rows, int32_t sequences, const int32_t *lengths) {
  rows->sequences = sequences;
  rows->steps = 0;
  for (int32_t s = 0; s < sequences; s++) {
    rows->rank[s] = 0;
    for (int32_t other = 0; other < sequences; other++) {
      rows->rank[s] += lengths[other] > lengths[s] || (lengths[other] == lengths[s] && other < s);
    }
    rows->steps = lengths[s] > rows->steps ? lengths[s] : rows->steps;
  }
  rows->total = 0;
  for (int32_t t = 0; t < rows->steps; t++) {
    rows->first[t] = rows->total;
    rows->count[t] = 0;
    for (int32_t s = 0; s < sequences; s++) {
      rows->count[t] += lengths[s] > t;
    }
    for (int32_t s = 0; s < sequences; s++) {
      if (lengths[s] > t) {
        const int32_t row = rows->total + rows->rank[s];
        rows->sequence[row] = s;
        rows->time[row] = t;
        rows->before[row] = t ? rows->first[t - 1] + rows->rank[s] : -1;
        rows->after[row] = lengths[s] > t + 1 ? rows->total + rows->count[t] + rows->rank[s] : -1;
      }
    }
    rows->total += rows->count[t];
  }
}

int32_t ac_rows_first(const ac_rows *rows, int32_t sequence) {
  return rows->steps > 0 && rows->rank[sequence] < rows->count[0] ? rows->rank[sequence] : -1;
}
