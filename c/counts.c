#include "counts.h"

#include <stddef.h>

#include "counts_parts.h"

/** Contexts in hashed rows; the first six are those of the latest one to six bytes. */
enum { ORDERS = 6, CONTEXTS = 13, ROW_INPUTS = 3, RUNS = 5, DIRECT = 4, MATCHES = 2 };

/** Contexts that also remember which byte came and how often in a row. */
static const uint8_t RUN_OF[RUNS] = {1, 2, 3, 5, 7};
enum { RUN_BITS = 16, RUN_LENGTHS = 32, MATCH_BITS = 18 };

/* 256·3; byte before and bits left; match and bits left; place in the word, kind of byte, bits left; orders seen. */
const int32_t AC_COUNTS_CHOICE_SIZE[AC_COUNTS_CHOICES] = {768, 2048, 64, 1024, 512};

/** Bit histories and probabilities of the fifteen places that a nibble's bits can lead to. */
typedef struct row {
  uint16_t check;
  uint16_t p[15]; /* 12 bits of a probability above 4 bits of a count */
  uint8_t history[15];
  uint8_t padding;
} row;

typedef struct streak {
  uint8_t check, byte, length;
} streak;

struct ac_counts {
  ac_counts_tables tables;
  ac_past past;
  row *rows;
  uint32_t row_shift; /* hashes are shifted by this to row numbers */
  streak *runs[RUNS];
  uint16_t *direct[DIRECT]; /* by the current byte's bits [256], and by the latest byte too [65536]; slow and quick */
  uint16_t *direct_at[DIRECT];
  ac_chance (*of_history)[AC_HISTORIES]; /* [CONTEXTS] */
  ac_chance (*of_run)[2 * RUN_LENGTHS];  /* [RUNS] */
  int32_t row_rate[16];
  ac_match match[MATCHES];
  /* what follows from the past */
  uint32_t hash[CONTEXTS], word, words[2], letters, start_of_line, first_of_line, word_length;
  uint16_t *followed; /* [65536] the latest two bytes that came after each pair */
  /* the current byte */
  uint32_t partial;
  int left; /* bits of it after the next one */
  row *at[CONTEXTS];
  int node;
  ac_chance *history_used[CONTEXTS], *run_used[RUNS];
  streak *run_at[RUNS];
};

static void layout(ac_arena *arena, ac_counts *c, int32_t bits) {
  const uint32_t past_bits = bits + 2 < 16 ? 16 : bits + 2;
  c->past.mask = (1u << past_bits) - 1;
  c->past.bytes = AC_TAKE(arena, uint8_t, 1u << past_bits);
  c->row_shift = 32 - (uint32_t)bits;
  c->rows = AC_TAKE(arena, row, (uint64_t)1 << bits);
  for (int r = 0; r < RUNS; r++) {
    c->runs[r] = AC_TAKE(arena, streak, 1 << RUN_BITS);
  }
  for (int d = 0; d < DIRECT; d++) {
    c->direct[d] = AC_TAKE(arena, uint16_t, d < 2 ? 256 : 65536);
  }
  c->of_history = ac_take(arena, CONTEXTS, sizeof *c->of_history);
  c->of_run = ac_take(arena, RUNS, sizeof *c->of_run);
  c->followed = AC_TAKE(arena, uint16_t, 65536);
  ac_match_layout(arena, &c->match[0], 5, MATCH_BITS);
  ac_match_layout(arena, &c->match[1], 12, MATCH_BITS);
}

uint64_t ac_counts_bytes(int32_t bits) {
  if (bits < AC_COUNTS_LEAST_BITS || bits > AC_COUNTS_MOST_BITS) {
    return 0;
  }
  ac_arena arena = {NULL, 0};
  ac_counts counted;
  ac_take(&arena, 1, sizeof counted);
  layout(&arena, &counted, bits);
  return arena.used;
}

/** Chances before anything was seen: a history's follow from its counts; a run of n goes on with (n + ½)/(n + 1½). */
static void first_chances(ac_counts *c) {
  const ac_histories *h = &c->tables.histories;
  for (int32_t s = 0; s < h->size; s++) {
    const double zeros = h->state[s].counts[0], ones = h->state[s].counts[1];
    double p = (ones + 0.4) / (zeros + ones + 0.8);
    if (s > 0 && h->sure[s]) {
      p = ones > 0 ? 1 - (1 - p) / 2 : p / 2;
    }
    for (int i = 0; i < CONTEXTS; i++) {
      c->of_history[i][s] = ac_chance_of(p, 10);
    }
  }
  for (int i = 0; i < RUN_LENGTHS; i++) {
    const double p = (i + 0.5) / (i + 1.5);
    for (int r = 0; r < RUNS; r++) {
      c->of_run[r][2 * i] = ac_chance_of(1 - p, 8);
      c->of_run[r][2 * i + 1] = ac_chance_of(p, 8);
    }
  }
}

static void begin_byte(ac_counts *c);

ac_counts *ac_counts_init(int32_t bits, void *block) {
  const uint64_t bytes = ac_counts_bytes(bits);
  for (uint64_t i = 0; i < bytes; i++) {
    ((uint8_t *)block)[i] = 0;
  }
  ac_arena arena = {block, 0};
  ac_counts *c = ac_take(&arena, 1, sizeof *c);
  layout(&arena, c, bits);
  ac_stretch_fill(c->tables.stretch);
  ac_histories_make(&c->tables.histories);
  for (int i = 0; i < AC_CHANCE_COUNTS; i++) {
    c->tables.reciprocal[i] = (int32_t)(65536 / (i + 1.6));
  }
  for (int i = 0; i < 16; i++) {
    c->row_rate[i] = (int32_t)(65536 / (i + 1.5));
  }
  for (int d = 0; d < DIRECT; d++) {
    for (int i = 0; i < (d < 2 ? 256 : 65536); i++) {
      c->direct[d][i] = 32768;
    }
  }
  first_chances(c);
  begin_byte(c);
  return c;
}

/** The row of a hash: the one of three neighbours with its check value, or else the one whose first place saw the least. */
static row *find(const ac_counts *c, uint32_t hash) {
  const uint16_t check = (uint16_t)hash;
  const uint32_t first = hash >> c->row_shift;
  row *least = &c->rows[first];
  uint32_t fewest = UINT32_MAX;
  for (uint32_t i = 0; i < 3; i++) {
    row *r = &c->rows[first ^ i];
    const uint32_t seen = c->tables.histories.total[r->history[0]];
    if (r->check == check && seen > 0) {
      return r;
    }
    if (seen < fewest) {
      fewest = seen;
      least = r;
    }
  }
  least->check = check;
  for (int i = 0; i < 15; i++) {
    least->p[i] = 0x8000;
    least->history[i] = 0;
  }
  return least;
}

static uint32_t kind_of(uint32_t byte) {
  if (byte >= 'a' && byte <= 'z') {
    return 0;
  }
  if (byte >= 'A' && byte <= 'Z') {
    return 3;
  }
  if (byte >= '0' && byte <= '9') {
    return 5;
  }
  return byte == ' ' ? 1 : byte == '\n' ? 2 : byte < 128 ? 4 : 6;
}

/** A letter as a vowel, a consonant or something else: words of one pattern behave alike. */
static uint32_t sound_of(uint32_t lower) {
  if (lower == 'a' || lower == 'e' || lower == 'i' || lower == 'o' || lower == 'u' || lower == 'y') {
    return 1;
  }
  return lower >= 'a' && lower <= 'z' ? 2
         : lower == ' '               ? 3
         : lower == '\n'              ? 4
         : lower < '0'                ? 5
         : lower <= '9'               ? 6
                                      : 7;
}

static void begin_nibble(ac_counts *c) {
  for (int i = 0; i < CONTEXTS; i++) {
    const uint32_t place = c->left == 7 ? 0 : c->partial * 0x9e3779b1u;
    c->at[i] = find(c, ac_scatter(c->hash[i] + place));
  }
}

static void begin_byte(ac_counts *c) {
  const uint32_t c1 = ac_past_byte(&c->past, 1), c2 = ac_past_byte(&c->past, 2), c3 = ac_past_byte(&c->past, 3);
  const uint32_t latest = c1 | c2 << 8 | c3 << 16 | ac_past_byte(&c->past, 4) << 24;
  const uint32_t five = latest * 0x2f0b4c47u + ac_past_byte(&c->past, 5) * 0x1000193u;
  const uint32_t column = c->past.size - c->start_of_line < 255 ? c->past.size - c->start_of_line : 255;
  const uint32_t word = c->word * 0x3d4d51cbu + c1;
  const uint32_t values[CONTEXTS] = {
      c1,
      latest & 0xffff,
      latest & 0xffffff,
      latest,
      five,
      five + ac_past_byte(&c->past, 6) * 0x3c6ef372u,
      word,
      word + c->words[0] * 0x8f1bbcdcu,
      word + c->words[1] * 0x6f1bbcddu,
      latest & 0xffff00,
      c->letters * 37 + c1 * 0x2f0b4c47u,
      c->followed[latest & 0xffff] << 8 | c1,
      column | c->first_of_line << 8 | c1 << 16,
  };
  for (uint32_t i = 0; i < CONTEXTS; i++) {
    c->hash[i] = ac_scatter(values[i] + (i + 1) * 0x2f0b4c47u);
  }
  c->partial = 1;
  c->left = 7;
  begin_nibble(c);
  for (int r = 0; r < RUNS; r++) {
    const uint32_t hash = c->hash[RUN_OF[r]];
    streak *place = &c->runs[r][hash >> (32 - RUN_BITS)];
    if (place->check != (uint8_t)hash) {
      *place = (streak){.check = (uint8_t)hash};
    }
    c->run_at[r] = place;
  }
  c->direct_at[2] = c->direct[2] + (c1 << 8);
  c->direct_at[3] = c->direct[3] + (c1 << 8);
}

/** How many orders have seen anything at this place, and the shortest that saw only one value of the bit. */
static int32_t orders_seen(const ac_counts *c) {
  const ac_histories *h = &c->tables.histories;
  int32_t seen = 0, sure = 0;
  for (int i = 0; i < ORDERS; i++) {
    const uint8_t history = c->at[i]->history[c->node];
    seen = history ? i + 1 : seen;
    sure = sure == 0 && i > 0 && history && h->sure[history] ? i : sure;
  }
  return seen * ORDERS + sure;
}

static void choose(const ac_counts *c, int32_t *choices) {
  static const uint32_t LENGTHS[] = {0, 7, 11, 15, 23, 31};
  const uint32_t length = c->match[0].expected < 0 ? 0 : c->match[0].length;
  int32_t match = 0;
  while (match < 6 && length > LENGTHS[match]) {
    match++;
  }
  const uint32_t c1 = ac_past_byte(&c->past, 1);
  const uint32_t in_word = c->word_length < 15 ? c->word_length : 15;
  choices[0] = (int32_t)(c->partial | (match == 0 ? 0u : match < 3 ? 1u : 2u) << 8);
  choices[1] = (int32_t)(c1 << 3) | c->left;
  choices[2] = match << 3 | c->left;
  choices[3] = (int32_t)((in_word << 3 | kind_of(ac_past_byte(&c->past, 2))) << 3) | c->left;
  choices[4] = orders_seen(c) << 3 | c->left;
}

void ac_counts_predict(ac_counts *c, ac_real *inputs, int32_t *choices) {
  const ac_counts_tables *t = &c->tables;
  ac_real *in = inputs;
  for (int i = 0; i < CONTEXTS; i++) {
    const uint8_t history = c->at[i]->history[c->node];
    const uint16_t p = c->at[i]->p[c->node];
    c->history_used[i] = &c->of_history[i][history];
    const ac_real odds = history ? ac_chance_odds(t, *c->history_used[i]) : 0;
    *in++ = odds;
    *in++ = t->histories.sure[history] ? odds : 0;
    *in++ = history ? t->stretch[p >> 4] : 0;
  }
  for (int r = 0; r < RUNS; r++) {
    const streak *run = c->run_at[r];
    const uint32_t byte = run->byte | 256u;
    c->run_used[r] = NULL;
    if (run->length > 0 && byte >> (c->left + 1) == c->partial) {
      const uint32_t length = run->length < RUN_LENGTHS ? run->length : RUN_LENGTHS - 1;
      c->run_used[r] = &c->of_run[r][2 * length + (byte >> c->left & 1u)];
    }
    *in++ = c->run_used[r] ? ac_chance_odds(t, *c->run_used[r]) : 0;
  }
  for (int d = 0; d < DIRECT; d++) {
    c->direct_at[d] = c->direct[d] + (d < 2 ? 0 : ac_past_byte(&c->past, 1) << 8) + c->partial;
    *in++ = t->stretch[*c->direct_at[d] >> 4];
  }
  for (int m = 0; m < MATCHES; m++) {
    *in++ = ac_match_predict(&c->match[m], t, &c->past, c->partial, c->left);
  }
  const int32_t expected = c->match[0].expected;
  *in++ = expected < 0 ? 0 : expected ? (ac_real)0.5 : (ac_real)-0.5;
  *in++ = c->match[1].expected < 0 && expected >= 0 ? inputs[CONTEXTS * ROW_INPUTS + RUNS + DIRECT] : 0;
  *in = (ac_real)0.3;
  choose(c, choices);
}

/** Updates what follows from the past, once a byte is complete. */
static void end_byte(ac_counts *c) {
  const uint32_t byte = c->partial & 255u;
  for (int r = 0; r < RUNS; r++) {
    streak *run = c->run_at[r];
    if (run->length > 0 && run->byte == byte) {
      run->length += run->length < 255;
    } else {
      run->byte = (uint8_t)byte;
      run->length = 1;
    }
  }
  uint16_t *followed = &c->followed[ac_past_byte(&c->past, 1) | ac_past_byte(&c->past, 2) << 8];
  *followed = (uint16_t)(*followed << 8 | byte);
  c->past.bytes[c->past.size & c->past.mask] = (uint8_t)byte;
  if (c->past.size == c->start_of_line) {
    c->first_of_line = byte;
  }
  c->past.size++;
  const uint32_t lower = byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;
  if ((lower >= 'a' && lower <= 'z') || lower >= 128) {
    c->word = (c->word + lower) * 0x2f0b4c47u + 1;
    c->word ^= c->word >> 15;
    c->word_length++;
  } else if (c->word) {
    c->words[1] = c->words[0];
    c->words[0] = c->word;
    c->word = 0;
    c->word_length = 0;
  }
  c->letters = (c->letters << 3 | sound_of(lower)) & 0xffffff;
  if (byte == '\n') {
    c->start_of_line = c->past.size;
  }
  for (int m = 0; m < MATCHES; m++) {
    ac_match_byte(&c->match[m], &c->past);
  }
}

void ac_counts_learn(ac_counts *c, int bit) {
  const ac_counts_tables *t = &c->tables;
  for (int i = 0; i < CONTEXTS; i++) {
    ac_chance_learn(t, c->history_used[i], bit, AC_CHANCE_COUNTS - 1);
    uint8_t *history = &c->at[i]->history[c->node];
    *history = t->histories.next[*history][bit];
    uint16_t *p = &c->at[i]->p[c->node];
    const int32_t count = *p & 15, from = *p >> 4;
    const int32_t to = from + ((bit ? 4095 : 0) - from) * c->row_rate[count] / 65536;
    *p = (uint16_t)(to << 4 | (count < 14 ? count + 1 : count));
  }
  for (int r = 0; r < RUNS; r++) {
    if (c->run_used[r]) {
      ac_chance_learn(t, c->run_used[r], bit, 255);
    }
  }
  for (int d = 0; d < DIRECT; d++) {
    uint16_t *p = c->direct_at[d];
    const int rate = d & 1 ? 6 : 4;
    *p = (uint16_t)(bit ? *p + ((65535 - *p) >> rate) : *p - (*p >> rate));
  }
  for (int m = 0; m < MATCHES; m++) {
    ac_match_learn(&c->match[m], t, bit);
  }
  c->partial = 2 * c->partial + (uint32_t)bit;
  if (c->left == 0) {
    end_byte(c);
    begin_byte(c);
    c->node = 0;
    return;
  }
  c->left--;
  if (c->left == 3) {
    begin_nibble(c);
    c->node = 0;
  } else {
    c->node = 2 * c->node + 1 + bit;
  }
}

uint32_t ac_counts_partial(const ac_counts *c) { return c->partial; }

uint32_t ac_counts_byte(const ac_counts *c, uint32_t back) { return ac_past_byte(&c->past, back); }

void ac_counts_first_weights(ac_real *weights) {
  for (int i = 0; i < AC_COUNTS_INPUTS; i++) {
    weights[i] = (ac_real)0.015;
  }
  for (int i = 0; i < CONTEXTS * ROW_INPUTS; i++) {
    weights[i] = i % ROW_INPUTS == 0 ? (ac_real)0.15 : 0;
  }
}
