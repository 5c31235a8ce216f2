/* A model that learns from what it predicts: both directions learn the same, it improves, and bad plans are refused. */
#include <string.h>

#include "../../c/learner.h"
#include "../../c/model_parts.h"
#include "../../c/rules.h"
#include "support/check.h"
#include "support/models.h"

enum { WINDOW = 16, BATCH = 4, PIECE = 4000, BITS = 10 };

static const ac_lessons LESSONS = {.stride = 32, .fresh = 2, .kept = 40, .rising = 5, .falling = 100000};

static ac_config settings(int32_t levels) {
  ac_config c = test_config(levels, 12, BATCH, WINDOW);
  c.model_type = levels > 1 ? AC_ADAPTIVE : AC_FLAT;
  c.wiring = AC_RESIDUAL;
  c.learning_rate = 0.01F;
  c.clip_norm = 1;
  c.seed = 3;
  for (int l = 0; l < levels - 1; l++) {
    c.level[l].threshold = 8;
    c.level[l].target_rate = 4;
  }
  return c;
}

/** A learner, and the codec that it predicts for. */
typedef struct side {
  ac_model *model;
  ac_stream *stream;
  ac_codec *codec;
} side;

static void open_side(side *s, const ac_config *config, int32_t who, const ac_lessons *lessons) {
  s->model = test_model(config);
  s->stream = test_stream(s->model);
  const uint64_t bytes = ac_learner_bytes(s->model, lessons), room = ac_codec_bytes(who, BITS);
  ac_learner *learner;
  /* Filled, since a block need not be zeroed. */
  uint8_t *block = memset(test_bytes(bytes), 0xa5, bytes);
  CHECK(ac_learner_init(s->model, s->stream, lessons, block, bytes, &learner) == AC_OK, "a learner is made");
  const ac_predictor predictor = ac_learner_predictor(learner);
  CHECK(ac_codec_init(who, BITS, &predictor, test_bytes(room), room, &s->codec) == AC_OK, "a codec is made");
}

static int64_t encode(side *s, const uint8_t *text, uint8_t *coded, int64_t room) {
  ac_codec_begin_encode(s->codec, coded, room);
  ac_codec_encode(s->codec, text, PIECE, NULL, NULL);
  return ac_codec_end_encode(s->codec);
}

/** `most`: bytes that the piece may take, 1 % above what it took when this was written. */
static void check_both_ways_of(const ac_config *config, int32_t who, const uint8_t *text, int64_t most) {
  const int32_t levels = config->num_levels;
  side one, other;
  uint8_t coded[2 * PIECE], back[PIECE];
  open_side(&one, config, who, &LESSONS);
  open_side(&other, config, who, &LESSONS);
  const int64_t n = encode(&one, text, coded, sizeof coded);
  CHECK(n > 0 && n <= most, "%d levels, mode %d: %lld bytes", levels, who, (long long)n);
  ac_codec_begin_decode(other.codec, coded, n);
  /* In two parts that split a window: where they meet does not matter. */
  ac_codec_decode(other.codec, back, PIECE / 3);
  ac_codec_decode(other.codec, back + PIECE / 3, PIECE - PIECE / 3);
  CHECK(ac_codec_end_decode(other.codec) == AC_OK, "all of the piece was needed");
  CHECK_SAME(back, text, PIECE, "%d levels, mode %d", levels, who);
  const size_t bytes = (size_t)ac_model_size(one.model) * sizeof(ac_real);
  CHECK_SAME(ac_model_parameters(one.model), ac_model_parameters(other.model), bytes, "weights of %d levels", levels);
  test_free_all();
}

static void check_both_ways(int32_t levels, int32_t who, const uint8_t *text, int64_t most) {
  const ac_config config = settings(levels);
  check_both_ways_of(&config, who, text, most);
}

/** A model that recalls learns, too, and its learner does not keep more windows than there is room for. */
static void check_recalling(const uint8_t *text, int64_t most) {
  ac_config config = settings(2);
  config.ngram_order = 4;
  config.ngram_rows = 64;
  config.span_order = 2;
  config.recall = 1;
  check_both_ways_of(&config, AC_CODE_MODEL, text, most);
  ac_lessons many = LESSONS;
  many.kept = 8192;
  const uint64_t room = ac_learner_bytes(test_model(&config), &many);
  CHECK(room > 0 && room < 300 << 20, "%llu bytes", (unsigned long long)room);
  test_free_all();
}

static void check_learning(const uint8_t *text) {
  const ac_config config = settings(1);
  ac_config still = config;
  still.learning_rate = 0;
  side taught, untaught;
  uint8_t coded[2 * PIECE];
  open_side(&taught, &config, AC_CODE_MODEL, &LESSONS);
  open_side(&untaught, &still, AC_CODE_MODEL, &LESSONS);
  const int64_t a = encode(&taught, text, coded, sizeof coded), b = encode(&untaught, text, coded, sizeof coded);
  CHECK(a > 0 && 10 * a < 7 * b, "%lld bytes with lessons, %lld without", (long long)a, (long long)b);
  test_free_all();
}

/** Both sides have the same borders where an encoder's head scores the bytes, and learns. */
static void check_encoder_scores(const uint8_t *text, int64_t most) {
  ac_config config = settings(2);
  config.encoder_scores = 1;
  config.encoder_loss_weight = 1;
  check_both_ways_of(&config, AC_CODE_MODEL, text, most);
}

/** A stream's memory is what a pass over the same bytes leaves. */
static void check_memory(int32_t levels, const uint8_t *text) {
  const ac_config config = settings(levels);
  ac_model *model = test_model(&config);
  ac_stream *stream = test_stream(model);
  const ac_memory *memory = ac_model_memory(model, AC_EVALUATE), *own = ac_stream_memory(stream);
  const int32_t next = text[WINDOW];
  CHECK(ac_model_continue(model, text, &next, 1, WINDOW, AC_EVALUATE, NULL) == AC_OK, "a window");
  for (int i = 0; i < WINDOW; i++) {
    ac_stream_feed(stream, text[i], -1, 0);
  }
  CHECK_SAME(own->states, memory->states, (size_t)memory->width * sizeof(ac_real), "states of %d levels", levels);
  for (int l = 0; l < levels - 1; l++) {
    const ac_rule_state *a = &own->rules[l], *b = &memory->rules[l];
    CHECK(a->sum == b->sum && a->count == b->count, "rule of level %d", l);
  }
  test_free_all();
}

static void check_refusals(void) {
  const ac_config config = settings(1);
  ac_model *model = test_model(&config);
  ac_stream *stream = test_stream(model);
  CHECK(ac_learner_bytes(model, &LESSONS) > 0, "good lessons");
  const ac_lessons bad[] = {{0, 2, 40, 5, 1},  {33, 2, 40, 5, 1},      {32, 0, 40, 5, 1},
                            {32, 5, 40, 5, 1}, {32, 2, 4, 5, 1},       {32, 2, 40, 0, 1},
                            {32, 2, 40, 5, 0}, {32, 2, 1 << 21, 5, 1}, {-32, 2, 40, 5, 1}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    ac_learner *learner;
    CHECK(ac_learner_bytes(model, &bad[i]) == 0, "bad lessons %zu", i);
    CHECK(ac_learner_init(model, stream, &bad[i], NULL, 0, &learner) == AC_BAD_SETTING, "bad lessons %zu", i);
  }
  ac_learner *learner;
  CHECK(ac_learner_init(model, stream, &LESSONS, NULL, 0, &learner) == AC_SMALL_BLOCK, "a small block");
  const ac_config mirror = test_config(2, 12, BATCH, WINDOW);
  ac_model *other = test_model(&mirror);
  CHECK(ac_learner_bytes(other, &LESSONS) == 0, "a model that carries nothing");
  CHECK(!ac_model_memory(other, AC_TRAIN)->states, "it has no memory between passes");
  test_free_all();
}

int main(void) {
  size_t size;
  const uint8_t *text = test_text(&size);
  check_group("both ways");
  check_both_ways(1, AC_CODE_MODEL, text, 2533);
  check_both_ways(3, AC_CODE_MODEL, text, 2531);
  check_both_ways(1, AC_CODE_BOTH, text, 1250);
  check_recalling(text, 2150);
  check_encoder_scores(text, 2531);
  check_group("learning");
  check_learning(text);
  check_group("memory");
  check_memory(1, text);
  check_memory(3, text);
  check_group("refusals");
  check_refusals();
  return check_finish("learner");
}
