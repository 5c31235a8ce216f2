#include "counts_history.h"

/** Bits that are remembered one by one. */
enum { EXACT = 4, LARGEST = 5 };

/** The largest that the larger count may be, by the smaller. */
static const uint8_t MOST[LARGEST + 1] = {44, 28, 12, 7, 6, 5};

static bool allowed(const uint8_t counts[2]) {
  const int less = counts[0] < counts[1] ? 0 : 1;
  return counts[less] <= LARGEST && counts[1 - less] <= MOST[counts[less]];
}

/** What is left of a count when the other bit comes. */
static uint8_t cut(uint8_t count) {
  if (count <= 2) {
    return count;
  }
  if (count <= 4) {
    return (uint8_t)(count - 1);
  }
  return count < 8 ? (uint8_t)(count / 2 + 1) : count < 16 ? 5 : 6;
}

static ac_history after(ac_history h, int bit) {
  if (h.exact < EXACT) {
    h.counts[bit]++;
    h.exact++;
    h.bits = h.exact < EXACT ? (uint8_t)(2 * h.bits + bit) : (uint8_t)bit;
    return h;
  }
  h.counts[1 - bit] = cut(h.counts[1 - bit]);
  h.counts[bit]++;
  if (!allowed(h.counts)) {
    h.counts[bit]--;
  }
  while (!allowed(h.counts)) {
    h.counts[1 - bit]--;
  }
  h.bits = (uint8_t)bit;
  return h;
}

static bool same(ac_history a, ac_history b) {
  return a.counts[0] == b.counts[0] && a.counts[1] == b.counts[1] && a.exact == b.exact && a.bits == b.bits;
}

void ac_histories_make(ac_histories *h) {
  h->size = 1;
  h->state[0] = (ac_history){{0, 0}, 0, 0};
  for (int32_t i = 0; i < h->size; i++) {
    const ac_history state = h->state[i];
    h->total[i] = (uint8_t)(state.counts[0] + state.counts[1]);
    h->sure[i] = state.counts[0] == 0 || state.counts[1] == 0;
    for (int bit = 0; bit < 2; bit++) {
      const ac_history next = after(state, bit);
      int32_t j = 0;
      while (j < h->size && !same(h->state[j], next)) {
        j++;
      }
      if (j == h->size) {
        h->state[h->size++] = next;
      }
      h->next[i][bit] = (uint8_t)j;
    }
  }
}
