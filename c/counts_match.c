#include "counts_parts.h"

void ac_match_layout(ac_arena *arena, ac_match *match, uint32_t least, uint32_t bits) {
  match->least = least;
  match->bits = bits;
  match->table = AC_TAKE(arena, uint32_t, (uint64_t)1 << bits);
  if (match->table == NULL) {
    return;
  }
  for (uint32_t i = 0; i < 1u << bits; i++) {
    match->table[i] = 0;
  }
  match->length = 0;
  match->used = NULL;
  match->expected = -1;
  for (int i = 0; i < AC_MATCH_CLASSES; i++) {
    const double p = 1 - 1.0 / (i + 2);
    match->chance[2 * i] = ac_chance_of(1 - p, 8);
    match->chance[2 * i + 1] = ac_chance_of(p, 8);
  }
}

static uint32_t class_of(uint32_t length) {
  if (length < 16) {
    return length;
  }
  return length < 32 ? 16 + (length - 16) / 4 : length < 64 ? 20 + (length - 32) / 8 : length < 200 ? 24 : 25;
}

ac_real ac_match_predict(ac_match *match, const ac_counts_tables *t, const ac_past *past, uint32_t partial, int left) {
  match->used = NULL;
  match->expected = -1;
  if (match->length == 0) {
    return 0;
  }
  const uint32_t byte = past->bytes[match->at & past->mask] | 256u;
  if (byte >> (left + 1) != partial) {
    match->length = 0;
    return 0;
  }
  match->expected = (int32_t)(byte >> left & 1u);
  match->used = &match->chance[2 * class_of(match->length) + (uint32_t)match->expected];
  return ac_chance_odds(t, *match->used);
}

void ac_match_learn(ac_match *match, const ac_counts_tables *t, int bit) {
  if (match->used) {
    ac_chance_learn(t, match->used, bit, AC_CHANCE_COUNTS - 1);
  }
}

void ac_match_byte(ac_match *match, const ac_past *past) {
  if (match->length > 0) {
    match->at++;
    match->length += match->length < AC_MATCH_LONGEST;
  }
  if (past->size < match->least) {
    return;
  }
  uint32_t hash = 0;
  for (uint32_t i = 1; i <= match->least; i++) {
    hash = (hash + ac_past_byte(past, i) + 1) * 0x2f0b4c47u;
  }
  uint32_t *place = &match->table[hash >> (32 - match->bits)];
  if (match->length == 0 && *place > 0) {
    const uint32_t distance = past->size - *place;
    const uint32_t room = past->mask - distance;
    if (distance < past->mask) {
      match->at = *place;
      while (match->length < AC_MATCH_LONGEST && match->length < room && match->length < match->at &&
             past->bytes[(match->at - 1 - match->length) & past->mask] == ac_past_byte(past, match->length + 1)) {
        match->length++;
      }
    }
    match->length = match->length < match->least ? 0 : match->length;
  }
  *place = past->size;
}
