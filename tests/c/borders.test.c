/*
 * Packed rows, the border rule and the links between levels, against plain loops over sequences; and that no scores make
 * more borders than there is room for, which the core's memory safety depends on.
 */
#include <math.h>
#include <string.h>

#include "../../c/borders.h"
#include "../../c/random.h"
#include "support/check.h"
#include "support/models.h"

enum { MOST_SEQUENCES = 6, MOST_STEPS = 40, ROOM = MOST_SEQUENCES * MOST_STEPS, ARENA = 1 << 16 };

static ac_random source;

static int32_t below(int32_t n) { return (int32_t)(ac_random_bits(&source) % (uint32_t)n); }

/** The row of time step t of a sequence. */
static int32_t row_of(const ac_rows *rows, int32_t sequence, int32_t t) {
  return rows->first[t] + rows->rank[sequence];
}

static ac_rows new_rows(ac_arena *arena, int32_t sequences) {
  ac_rows rows;
  ac_rows_layout(arena, sequences, MOST_STEPS, (int64_t)sequences * MOST_STEPS, &rows);
  return rows;
}

static void check_rows(const ac_rows *rows, int32_t sequences, const int32_t *lengths) {
  int32_t total = 0, longest = 0, counted = 0;
  bool ranks = true, places = true, counts = true;
  for (int32_t s = 0; s < sequences; s++) {
    total += lengths[s];
    longest = lengths[s] > longest ? lengths[s] : longest;
    for (int32_t other = 0; other < s; other++) {
      ranks = ranks && (rows->rank[other] < rows->rank[s]) == (lengths[other] >= lengths[s]);
    }
    for (int32_t t = 0; t < lengths[s]; t++) {
      const int32_t i = row_of(rows, s, t);
      places = places && rows->sequence[i] == s && rows->time[i] == t &&
               rows->before[i] == (t ? row_of(rows, s, t - 1) : -1) &&
               rows->after[i] == (t < lengths[s] - 1 ? row_of(rows, s, t + 1) : -1);
    }
  }
  for (int32_t t = 0; t < longest; t++) {
    int32_t alive = 0;
    for (int32_t s = 0; s < sequences; s++) {
      alive += lengths[s] > t;
    }
    counts = counts && rows->count[t] == alive && rows->first[t] == counted;
    counted += alive;
  }
  CHECK(rows->sequences == sequences && rows->steps == longest && rows->total == total, "%d rows", (int)total);
  CHECK(ranks, "the longest first, equal ones in order");
  CHECK(places, "each row has its place and its neighbours in time");
  CHECK(counts, "each time step has the sequences that reach it");
}

/** The rules that add scores up: where there may be a border once the threshold is reached. */
enum { ANYWHERE, AT_A_RISE, AT_A_WORD_END, SUMS };
static const char *const SUMMING[SUMS] = {"accumulated", "accumulated_rise", "accumulated_word_end"};

static const ac_rule *rule_named(const char *name) {
  int32_t i = 0;
  while (strcmp(ac_rule_at(i)->name, name) != 0) {
    i++;
  }
  return ac_rule_at(i);
}

static bool is_place(int where, const ac_real *score, const int32_t *symbol, int32_t i, int32_t before) {
  return where == ANYWHERE    ? true
         : where == AT_A_RISE ? score[i] - score[before] >= 0.5F
                              : symbol[i] == ' ' && symbol[before] != ' ';
}

/** Borders by a rule that adds up, computed one sequence at a time. */
static void check_level(int where, int32_t sequences, const int32_t *lengths, ac_real threshold) {
  _Alignas(AC_ALIGNMENT) static uint8_t memory[ARENA];
  ac_arena arena = {memory, 0};
  ac_rows lower = new_rows(&arena, sequences), upper = new_rows(&arena, sequences);
  ac_links links;
  ac_links_layout(&arena, ROOM, ROOM, &links);
  CHECK(arena.used <= ARENA, "there is room");
  ac_rows_build(&lower, sequences, lengths);
  check_rows(&lower, sequences, lengths);
  ac_real score[ROOM];
  int32_t symbol[ROOM];
  static const uint8_t NO_MARKS[ROOM];
  for (int32_t i = 0; i < lower.total; i++) {
    score[i] = (ac_real)ac_random_uniform(&source);
    symbol[i] = below(3) ? 'a' : ' ';
  }
  const ac_border_inputs inputs = {.threshold = threshold, .symbol = symbol, .mark = NO_MARKS, .score = score};
  ac_borders_mark(&lower, rule_named(SUMMING[where]), &inputs, links.mask);
  int32_t scratch[MOST_SEQUENCES], borders[MOST_SEQUENCES] = {0};
  int64_t conditioned = 0;
  bool rule = true, parents = true, sources = true;
  const int64_t said = ac_links_build(&lower, &links, &upper, scratch);
  for (int32_t s = 0; s < sequences; s++) {
    ac_real sum = 0;
    for (int32_t t = 0; t < lengths[s]; t++) {
      const int32_t i = row_of(&lower, s, t);
      sum += t ? score[i] : 0;
      const bool border = t == 0 || (sum >= threshold && is_place(where, score, symbol, i, row_of(&lower, s, t - 1)));
      sum = border ? 0 : sum;
      rule = rule && links.mask[i] == border;
      borders[s] += border;
      const int32_t last = row_of(&upper, s, borders[s] - 1);
      const bool has_parent = !border && borders[s] > 1;
      parents = parents && links.parent[i] == (has_parent ? last : -1);
      sources = sources && (!border || links.source[last] == i);
      conditioned += has_parent;
    }
  }
  CHECK(rule, "borders by %s at %g", SUMMING[where], (double)threshold);
  CHECK(parents && said == conditioned, "%lld positions have the parent that they should", (long long)conditioned);
  CHECK(sources, "tokens come from their borders");
  check_rows(&upper, sequences, borders);
}

/** The highest possible scores, and random ones. */
static void check_room(int32_t steps, double threshold, double most) {
  const ac_rule *rule = ac_rule_at(AC_RULE_ACCUMULATED);
  const int32_t room = ac_rule_most(rule, steps, threshold, most);
  int32_t worst = 0;
  for (int kind = 0; kind < 4; kind++) {
    ac_rule_state state = {0};
    int32_t borders = 0;
    for (int32_t t = 0; t < steps; t++) {
      const double share = kind == 0 ? 1 : kind == 1 ? ac_random_uniform(&source) : t % kind == 0;
      const ac_rule_input in = {.score = (ac_real)(0.999 * most * share), .threshold = (ac_real)threshold};
      borders += ac_rule_decide(rule, &state, &in);
    }
    worst = borders > worst ? borders : worst;
  }
  CHECK(worst <= room && room <= steps, "%d borders of %d steps at threshold %g have room for %d", (int)worst,
        (int)steps, threshold, (int)room);
  CHECK(threshold < 4 * most || room <= 2 + steps / 4, "a threshold of %g saves room", threshold);
}

/**
 * Weights from a file may be anything. These make every logit as low as the filler that the core once put beyond the
 * symbols: the entropy must be that of the symbols alone, or there would be more borders than room.
 */
static void check_crafted_weights(ac_real logit) {
  ac_config config = test_config(2, 4, 2, 500);
  config.byte_entropy_threshold = 5.57f;
  ac_model *model = test_model(&config);
  const ac_tensor *weight = test_tensor(model, "byte_encoder_head.weight"),
                  *bias = test_tensor(model, "byte_encoder_head.bias");
  memset(ac_model_parameters(model) + weight->offset, 0, (size_t)weight->size * sizeof(ac_real));
  for (int64_t i = 0; i < bias->size; i++) {
    ac_model_parameters(model)[bias->offset + i] = logit;
  }
  ac_model_parameters_changed(model);
  size_t size;
  test_forward(model, test_text(&size), 2, 500, AC_EVALUATE, NULL);
  CHECK_NEAR(ac_model_sums(model)->encoder / 1000, log(AC_SYMBOLS), 1e-5, "cross-entropy of logits all %g",
             (double)logit);
  CHECK(ac_model_steps(model, 1) == 250, "%d tokens of logits all %g", (int)ac_model_steps(model, 1), (double)logit);
}

int main(void) {
  source = ac_random_make(2, 2);
  check_group("rows, borders, links");
  for (int times = 0; times < 2000; times++) {
    int32_t lengths[MOST_SEQUENCES];
    const int32_t sequences = 1 + below(MOST_SEQUENCES), longest = 1 + below(MOST_STEPS);
    for (int32_t s = 0; s < sequences; s++) {
      lengths[s] = 1 + below(longest);
    }
    check_level(times % SUMS, sequences, lengths, (ac_real)(times % 10 ? 3 * ac_random_uniform(&source) : 0));
  }
  check_group("room for borders");
  for (int times = 0; times < 2000; times++) {
    check_room(1 + below(3000), exp(12 * ac_random_uniform(&source) - 2), 5.56);
  }
  check_room(AC_MAX_LENGTH, 0x1p20, 5.56);
  check_room(AC_MAX_LENGTH, 1e30, 5.56);
  check_room(1, 0, 5.56);
  check_group("crafted weights");
  check_crafted_weights(0);
  check_crafted_weights((ac_real)-1e9);
  check_crafted_weights((ac_real)-1e30);
  check_crafted_weights((ac_real)-1e37);
  check_crafted_weights((ac_real)1e37);
  test_free_all();
  return check_finish("borders");
}
