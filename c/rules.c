#include "rules.h"

#include <stddef.h>

#include "random.h"

/* Thresholds where no list names one. */

static float accumulated_threshold(const ac_config *c, int32_t level) {
  return level ? c->meta_uncertainty_threshold : c->byte_entropy_threshold;
}

static float error_threshold(const ac_config *c, int32_t level) {
  (void)level;
  return c->threshold;
}

static float level_threshold(const ac_config *c, int32_t level) {
  (void)c;
  return level ? 0.5F : 2.5F;
}

/** A rise that is one: nats at level 0, squared error above. */
static float clear_rise(int32_t level) { return level ? 0.1F : 0.5F; }

static float rise_threshold(const ac_config *c, int32_t level) {
  (void)c;
  return clear_rise(level);
}

static float spacing_threshold(const ac_config *c, int32_t level) {
  (void)c;
  (void)level;
  return 6;
}

static float no_threshold(const ac_config *c, int32_t level) {
  (void)c;
  (void)level;
  return 0;
}

/* The rules. */

/** The sum of scores since the latest border has reached the threshold, and this is a place for a border. */
static bool accumulated_at(ac_rule_state *state, const ac_rule_input *in, bool place) {
  state->sum += in->score;
  state->reached = state->sum;
  if (state->sum >= in->threshold && place) {
    state->sum = 0;
    return true;
  }
  return false;
}

static bool accumulated(ac_rule_state *state, const ac_rule_input *in) { return accumulated_at(state, in, true); }

/** Then where the score next rises clearly. */
static bool accumulated_rise(ac_rule_state *state, const ac_rule_input *in) {
  return accumulated_at(state, in, in->score - state->score >= clear_rise(in->level));
}

static int32_t most_accumulated(int32_t positions, double threshold, double score) {
  if (threshold <= score) {
    return positions;
  }
  const double borders = 1 + (double)(positions - 1) * score / threshold;
  return borders < (double)positions ? (int32_t)borders : positions;
}

/** The prediction was wrong: at level 0 another byte came, above the error is beyond the threshold. */
static bool teacher_forced(ac_rule_state *state, const ac_rule_input *in) {
  state->reached = in->error;
  return in->level ? in->error > in->threshold : in->best != in->target;
}

/** The score is high. */
static bool high(ac_rule_state *state, const ac_rule_input *in) {
  state->reached = in->score;
  return in->score >= in->threshold;
}

/** The score rose. */
static bool rise(ac_rule_state *state, const ac_rule_input *in) {
  state->reached = in->score - state->score;
  return state->reached >= in->threshold;
}

static bool is_space(int32_t symbol) { return symbol == ' ' || (symbol >= '\t' && symbol <= '\r'); }

/** A space after something that is none. */
static bool whitespace(ac_rule_state *state, const ac_rule_input *in) {
  return is_space(in->symbol) && !is_space(state->symbol);
}

/** Accumulated, then where the next word has ended. */
static bool accumulated_word_end(ac_rule_state *state, const ac_rule_input *in) {
  return accumulated_at(state, in, whitespace(state, in));
}

/** The latest border is as many positions back as the threshold says. */
static bool every_nth(ac_rule_state *state, const ac_rule_input *in) {
  state->reached = (ac_real)state->since;
  return state->reached >= in->threshold;
}

/** The reader's list has a border of this level, or of a higher one, here. */
static bool given(ac_rule_state *state, const ac_rule_input *in) {
  (void)state;
  return in->mark > in->level;
}

/** By chance, once in `threshold` positions on average; position and seed decide. */
static bool random_borders(ac_rule_state *state, const ac_rule_input *in) {
  const uint64_t hash = ac_hash3(in->seed, (uint64_t)in->level, (uint64_t)state->count);
  const double chance = (double)(hash >> 11) * 0x1p-53;
  return chance * (double)in->threshold < 1;
}

/* name, unit at level 0 and above, keeps, leaks, marked, threshold, decide, most */
static const ac_rule RULES[] = {
    [AC_RULE_ACCUMULATED] = {"accumulated",
                             {"nats", "squared error"},
                             AC_KEEPS_SUM,
                             0,
                             0,
                             accumulated_threshold,
                             accumulated,
                             most_accumulated},
    [AC_RULE_TEACHER_FORCED] =
        {"teacher_forced", {"", "squared error"}, AC_KEEPS_NOTHING, 1, 0, error_threshold, teacher_forced, NULL},
    {"level", {"nats", "squared error"}, AC_KEEPS_NOTHING, 0, 0, level_threshold, high, NULL},
    {"rise", {"nats", "squared error"}, AC_KEEPS_SCORE, 0, 0, rise_threshold, rise, NULL},
    {"accumulated_rise",
     {"nats", "squared error"},
     AC_KEEPS_SUM | AC_KEEPS_SCORE,
     0,
     0,
     accumulated_threshold,
     accumulated_rise,
     most_accumulated},
    {"accumulated_word_end",
     {"nats", "squared error"},
     AC_KEEPS_SUM | AC_KEEPS_SYMBOL,
     0,
     0,
     accumulated_threshold,
     accumulated_word_end,
     most_accumulated},
    {"whitespace", {"", ""}, AC_KEEPS_SYMBOL, 0, 0, no_threshold, whitespace, NULL},
    {"every_nth", {"bytes", "positions"}, AC_KEEPS_COUNT, 0, 0, spacing_threshold, every_nth, NULL},
    {"random", {"bytes", "positions"}, AC_KEEPS_COUNT, 0, 0, spacing_threshold, random_borders, NULL},
    {"given", {"", ""}, AC_KEEPS_NOTHING, 0, 1, no_threshold, given, NULL},
};

const ac_rule *ac_rule_at(int32_t i) {
  return i >= 0 && i < (int32_t)(sizeof RULES / sizeof RULES[0]) ? &RULES[i] : NULL;
}

bool ac_rule_decide(const ac_rule *rule, ac_rule_state *state, const ac_rule_input *in) {
  state->reached = 0;
  const bool border = state->count == 0 || rule->decide(state, in);
  state->score = in->score;
  state->symbol = in->symbol;
  state->since = border ? 1 : state->since + 1;
  state->count++;
  return border;
}

int32_t ac_rule_most(const ac_rule *rule, int32_t positions, double threshold, double score) {
  return rule->most ? rule->most(positions, threshold, score) : positions;
}

ac_status ac_reroute(const ac_rule *rule, int32_t level, float threshold, uint32_t seed, int32_t n,
                     const ac_real *score, const uint8_t *symbol, uint8_t *border, ac_real *reached) {
  if (rule->leaks) {
    return AC_LEAKS;
  }
  if (rule->marked || !(threshold >= 0)) {
    return AC_BAD_INPUT;
  }
  ac_rule_state state = {0};
  ac_rule_input in = {.level = level, .threshold = threshold, .seed = seed};
  for (int32_t i = 0; i < n; i++) {
    in.score = score[i];
    in.symbol = symbol[i];
    border[i] = ac_rule_decide(rule, &state, &in);
    reached[i] = state.reached;
  }
  return AC_OK;
}
