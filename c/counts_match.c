#include "counts_parts.h"

void ac_match_layout(ac_arena *arena, ac_match *m, uint32_t least, uint32_t bits) {
  m->least = least;
  m->bits = bits;
  m->table = AC_TAKE(arena, uint32_t, (uint64_t)1 << bits);
  if (m->table == NULL) {
    return;
  }
  for (uint32_t i = 0; i < 1u << bits; i++) {
    m->table[i] = 0;
  }
  m->length = 0;
  m->used = NULL;
  m->expected = -1;
  for (int i = 0; i < AC_MATCH_CLASSES; i++) {
    const double p = 1 - 1.0 / (i + 2);
    m->chance[2 * i] = ac_chance_of(1 - p, 8);
    m->chance[2 * i + 1] = ac_chance_of(p, 8);
  }
}

static uint32_t class_of(uint32_t length) {
  if (length < 16) {
    return length;
  }
  return length < 32 ? 16 + (length - 16) / 4 : length < 64 ? 20 + (length - 32) / 8 : length < 200 ? 24 : 25;
}

ac_real ac_match_predict(ac_match *m, const ac_counts_tables *t, const ac_past *past, uint32_t partial, int left) {
  m->used = NULL;
  m->expected = -1;
  if (m->length == 0) {
    return 0;
  }
  const uint32_t byte = past->bytes[m->at & past->mask] | 256u;
  if (byte >> (left + 1) != partial) {
    m->length = 0;
    return 0;
  }
  m->expected = (int32_t)(byte >> left & 1u);
  m->used = &m->chance[2 * class_of(m->length) + (uint32_t)m->expected];
  return ac_chance_odds(t, *m->used);
}

void ac_match_learn(ac_match *m, const ac_counts_tables *t, int bit) {
  if (m->used) {
    ac_chance_learn(t, m->used, bit, AC_CHANCE_COUNTS - 1);
  }
}

void ac_match_byte(ac_match *m, const ac_past *past) {
  if (m->length > 0) {
    m->at++;
    m->length += m->length < AC_MATCH_LONGEST;
  }
  if (past->size < m->least) {
    return;
  }
  uint32_t hash = 0;
  for (uint32_t i = 1; i <= m->least; i++) {
    hash = (hash + ac_past_byte(past, i) + 1) * 0x2f0b4c47u;
  }
  uint32_t *place = &m->table[hash >> (32 - m->bits)];
  if (m->length == 0 && *place > 0) {
    const uint32_t distance = past->size - *place;
    const uint32_t room = past->mask - distance;
    if (distance < past->mask) {
      m->at = *place;
      while (m->length < AC_MATCH_LONGEST && m->length < room && m->length < m->at &&
             past->bytes[(m->at - 1 - m->length) & past->mask] == ac_past_byte(past, m->length + 1)) {
        m->length++;
      }
    }
    m->length = m->length < m->least ? 0 : m->length;
  }
  *place = past->size;
}
