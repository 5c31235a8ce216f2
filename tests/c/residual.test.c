/* The residual stream: windows that continue one another, the stream, and parts of a batch all give the same bits. */
#include <string.h>

#include "../../c/model_parts.h"
#include "../../c/random.h"
#include "support/check.h"
#include "support/models.h"

enum { LENGTH = 240, MOST_SEQUENCES = 3 };

static ac_random source;
static uint8_t text[MOST_SEQUENCES][LENGTH + 1];
static ac_real costs[MOST_SEQUENCES][LENGTH];

/** What came up: borders of levels below the top, and higher levels without a token in a window. */
static long borders[AC_MAX_LEVELS], empty;

static ac_config settings(int32_t type, int32_t levels, long number) {
  static const int32_t WIDTHS[] = {16, 9, 16, 24}, RULES[] = {0, 3, 4, 5, 2};
  ac_config c = test_config(levels, 16, MOST_SEQUENCES, LENGTH);
  c.model_type = type;
  c.wiring = AC_RESIDUAL;
  c.carry_state = 1;
  c.decoder_loss_weight = 1;
  c.seed = (uint32_t)number;
  c.ngram_order = (int32_t)(number % 5) + 1;
  c.ngram_rows = 50 + (int32_t)(number % 3) * 400;
  c.span_order = (int32_t)(number % 4);
  c.token_embeddings = (int32_t)(number / 2 % 2);
  c.recall = (int32_t)(number / 3 % 2);
  c.encoder_scores = (int32_t)(number / 4 % 2);
  for (int l = 0; l < levels; l++) {
    c.level[l].width = WIDTHS[(l + number) % 4];
    c.level[l].blocks = (int32_t)((l + number) % 3);
    c.level[l].rule = RULES[(l + number) % 5];
    c.level[l].threshold = (float[]){2, 0.01f, 0, 3, 0.7f}[(l + number) % 5];
  }
  return c;
}

/** A model whose tables of n-grams have numbers: they start as zeros. */
static ac_model *model_of(const ac_config *config) {
  ac_model *m = test_model(config);
  for (int64_t i = ac_model_dense_size(m); i < ac_model_size(m); i++) {
    ac_model_parameters(m)[i] = (ac_real)ac_random_normal(&source);
  }
  return m;
}

/** The text in windows of random length, each continuing the one before; costs of all bytes. */
static void read_in_pieces(ac_model *m, int32_t first, int32_t sequences, int32_t most, ac_real out[][LENGTH]) {
  uint8_t bytes[MOST_SEQUENCES * LENGTH];
  int32_t next[MOST_SEQUENCES];
  ac_real piece[MOST_SEQUENCES * LENGTH];
  const ac_outputs outputs = {.costs = piece};
  ac_model_forget(m, AC_EVALUATE);
  for (int32_t at = 0, n; at < LENGTH; at += n) {
    const int32_t wanted = 1 + (int32_t)(ac_random_bits(&source) % (uint32_t)most);
    n = most == LENGTH || wanted > LENGTH - at ? LENGTH - at : wanted;
    for (int32_t s = 0; s < sequences; s++) {
      memcpy(bytes + s * n, text[first + s] + at, (size_t)n);
      next[s] = text[first + s][at + n];
    }
    CHECK(ac_model_continue(m, bytes, next, sequences, n, AC_EVALUATE, &outputs) == AC_OK, "a window of %d", (int)n);
    for (int32_t s = 0; s < sequences; s++) {
      memcpy(out[s] + at, piece + s * n, (size_t)n * sizeof(ac_real));
    }
    empty += m->config.num_levels > 1 && m->level[1].rows.steps == 0;
  }
}

static void stream_text(ac_model *m, int32_t s, bool parents, ac_real *out) {
  ac_stream *stream = test_stream(m);
  ac_stream_set_parents(stream, parents);
  for (int32_t t = 0; t < LENGTH; t++) {
    const ac_outcome *outcome = ac_stream_feed(stream, text[s][t], text[s][t + 1], AC_WANT_DECODER);
    out[t] = outcome->decoder.cross_entropy;
    for (int l = 0; l < outcome->depth; l++) {
      borders[l] += outcome->token[l].border;
    }
  }
}

static void check_reading(int32_t type, int32_t levels, long number) {
  const ac_config config = settings(type, levels, number);
  ac_model *m = model_of(&config);
  ac_real other[MOST_SEQUENCES][LENGTH];
  read_in_pieces(m, 0, MOST_SEQUENCES, LENGTH, costs);
  for (int most = 1; most <= 64; most *= 8) {
    read_in_pieces(m, 0, MOST_SEQUENCES, most, other);
    CHECK_SAME(costs, other, sizeof costs, "windows of up to %d bytes", most);
  }
  ac_model *share = test_replica(&config, 2, 1);
  test_copy_parameters(share, m);
  read_in_pieces(share, 1, 2, 50, other);
  CHECK_SAME(costs[1], other, 2 * sizeof *costs, "a part of the batch");
  for (int32_t s = 0; s < MOST_SEQUENCES; s++) {
    stream_text(m, s, true, other[s]);
  }
  CHECK_SAME(costs, other, sizeof costs, "the stream");
  /* Without parents, one sequence of the pass against the stream. */
  const uint32_t without[MOST_SEQUENCES] = {0, ~0u, 0};
  ac_model_set_without(m, without);
  read_in_pieces(m, 0, MOST_SEQUENCES, 40, other);
  ac_model_set_without(m, NULL);
  CHECK_SAME(costs[0], other[0], sizeof *costs, "parents of the first sequence");
  ac_real alone[LENGTH];
  stream_text(m, 1, false, alone);
  CHECK_SAME(alone, other[1], sizeof alone, "the second without parents");
  CHECK(levels == 1 || type == AC_FLAT || memcmp(alone, costs[1], sizeof alone) != 0, "parents matter");
  /* A byte changes only what comes after it. */
  const int32_t changed = LENGTH / 3;
  text[0][changed] ^= 1;
  read_in_pieces(m, 0, MOST_SEQUENCES, 30, other);
  text[0][changed] ^= 1;
  CHECK_SAME(costs[0], other[0], (size_t)(changed - 1) * sizeof(ac_real), "bytes before one that changed");
  CHECK_SAME(costs[1], other[1], 2 * sizeof *costs, "sequences beside it");
  CHECK(costs[0][changed + 1] != other[0][changed + 1], "bytes after it");
}

/** The scores of a sequence's bytes in the pass that was the latest. */
static void scores_of(const ac_model *m, int32_t s, ac_real *out) {
  const ac_rows *rows = &m->level[0].rows;
  for (int32_t i = ac_rows_first(rows, s); i >= 0; i = rows->after[i]) {
    out[rows->time[i]] = m->stage[0].score[i];
  }
}

/** Scores are entropies of the encoder's predictions, which the pass and a stream give alike, and know nothing of the future. */
static void check_encoder(int32_t levels, long number) {
  enum { ROW = AC_SYMBOLS * sizeof(ac_real) };
  ac_config config = settings(AC_ADAPTIVE, levels, number);
  config.encoder_scores = 1;
  ac_model *m = model_of(&config);
  ac_real *logits = test_reals(LENGTH * AC_SYMBOLS), scores[LENGTH], other[LENGTH];
  const ac_outputs outputs = {.encoder_logits = logits};
  CHECK(!test_tensor(m, "levels.0.uncertainty_head.weight") && test_tensor(m, "byte_encoder_head.weight"), "the head");
  test_forward(m, text[0], 1, LENGTH, AC_EVALUATE, &outputs);
  scores_of(m, 0, scores);
  const ac_sums sums = *ac_model_sums(m);
  ac_losses losses;
  ac_losses_from_sums(&config, &sums, &losses);
  CHECK(losses.byte_encoder == sums.encoder / LENGTH && losses.byte_encoder != losses.byte_decoder, "two predictions");
  CHECK(sums.distance[0] == 0 && (levels > 2 ? losses.uncertainty > 0 : losses.uncertainty == 0),
        "%g is the uncertainty loss of the levels above", losses.uncertainty);
  ac_stream *stream = test_stream(m);
  double nats = 0;
  for (int32_t t = 0; t < LENGTH; t++) {
    /* Borders need the softmax, whatever is wanted. */
    const int32_t target = t + 1 < LENGTH ? text[0][t + 1] : AC_EOS;
    const ac_outcome *outcome = ac_stream_feed(stream, text[0][t], target, t % 2 ? AC_WANT_DECODER : 0);
    const ac_prediction *own = &outcome->encoder;
    nats += (double)own->cross_entropy;
    CHECK(outcome->token[0].score == scores[t] && own->entropy == scores[t], "the score of byte %d", (int)t);
    CHECK_SAME(own->logits, logits + t * AC_SYMBOLS, ROW, "the encoder's logits at byte %d", (int)t);
    CHECK(t % 2 == 0 || memcmp(own->logits, outcome->decoder.logits, ROW) != 0, "the decoder's at byte %d", (int)t);
  }
  CHECK_NEAR(nats, sums.encoder, 1e-5 * nats, "what the text costs the encoder");
  const int32_t changed = LENGTH / 3;
  text[0][changed] ^= 1;
  test_forward(m, text[0], 1, LENGTH, AC_EVALUATE, NULL);
  scores_of(m, 0, other);
  text[0][changed] ^= 1;
  CHECK_SAME(scores, other, (size_t)changed * sizeof *scores, "scores before a byte that changed");
  CHECK(scores[changed] != other[changed], "its own score");
  test_free_all();
}

/** Without borders there is no such head. */
static void check_without_borders(void) {
  for (int flat = 0; flat < 2; flat++) {
    ac_config with = settings(flat ? AC_FLAT : AC_ADAPTIVE, flat ? 2 : 1, 0), plain = with;
    with.encoder_scores = 1;
    ac_model *one = test_model(&with), *other = test_model(&plain);
    CHECK(ac_model_size(one) == ac_model_size(other), "flat: %d", flat);
    ac_losses losses[2];
    test_forward(one, text[0], 1, LENGTH, AC_EVALUATE, NULL);
    test_forward(other, text[0], 1, LENGTH, AC_EVALUATE, NULL);
    ac_losses_from_sums(&with, ac_model_sums(one), &losses[0]);
    ac_losses_from_sums(&plain, ac_model_sums(other), &losses[1]);
    CHECK_SAME(&losses[0], &losses[1], sizeof *losses, "losses, flat: %d", flat);
    test_free_all();
  }
}

/** A window by itself is a whole text, and predicts its end. */
static void check_fresh(void) {
  const ac_config config = settings(AC_ADAPTIVE, 3, 1);
  ac_model *m = test_model(&config);
  const int32_t next[1] = {AC_EOS};
  test_forward(m, text[0], 1, 50, AC_EVALUATE, NULL);
  const double once = ac_model_sums(m)->decoder;
  test_forward(m, text[0], 1, 50, AC_EVALUATE, NULL);
  CHECK(ac_model_sums(m)->decoder == once, "again the same");
  CHECK(ac_model_continue(m, text[0], next, 1, 50, AC_EVALUATE, NULL) == AC_OK, "a second window");
  CHECK(ac_model_sums(m)->decoder != once, "it continues the first");
  ac_model_forget(m, AC_EVALUATE);
  ac_model_continue(m, text[0], next, 1, 50, AC_EVALUATE, NULL);
  CHECK(ac_model_sums(m)->decoder == once, "the same after it was made to forget");
  const int32_t wrong[1] = {AC_SYMBOLS};
  CHECK(ac_model_continue(m, text[0], wrong, 1, 50, AC_EVALUATE, NULL) == AC_BAD_INPUT, "no such symbol");
  const ac_config mirror = test_config(2, 8, 1, 50);
  CHECK(ac_model_continue(test_model(&mirror), text[0], next, 1, 50, AC_EVALUATE, NULL) == AC_BAD_SETTING,
        "the mirror carries nothing");
}

/** Thresholds reach the target rate, and do not move in evaluations. */
static void check_rates(int32_t rule, double target, int32_t encoder_scores) {
  size_t size;
  const uint8_t *bytes = test_text(&size);
  ac_config config = settings(AC_ADAPTIVE, 2, 0);
  config.encoder_scores = encoder_scores;
  config.batch_size = 8;
  config.sequence_length = 64;
  config.learning_rate = 0.004f;
  config.uncertainty_loss_weight = 0.1f;
  config.level[0].rule = rule;
  config.level[0].threshold = 0.3f;
  config.level[0].target_rate = (float)target;
  ac_model *m = test_model(&config);
  double tokens = 0, seen = 0;
  for (int step = 0; step < 300; step++) {
    uint8_t window[8 * 64];
    int32_t next[8];
    double norm;
    for (size_t s = 0; s < 8; s++) {
      const uint8_t *from = bytes + s * (size / 8) + (size_t)(step % 150) * 64;
      memcpy(window + s * 64, from, 64);
      next[s] = from[64];
    }
    CHECK(ac_model_continue(m, window, next, 8, 64, AC_TRAIN, NULL) == AC_OK, "step %d", step);
    ac_model_backward(m, ac_model_sums(m));
    if (step >= 270) {
      seen += ac_model_sums(m)->tokens[0];
      tokens += ac_model_sums(m)->tokens[1];
    }
    CHECK(ac_model_update(m, 0.004 * (1 - step / 300.0), &norm) == AC_OK, "its update");
  }
  CHECK_NEAR(seen / tokens, target, 0.05 * target, "bytes a token by rule %d", (int)rule);
  const float steered = ac_model_thresholds(m)[0];
  test_forward(m, bytes, 8, 64, AC_EVALUATE, NULL);
  CHECK(steered != 0.3f && ac_model_thresholds(m)[0] == steered, "the threshold is %g, and stays", (double)steered);
}

/** Row of the table of an order, from 1, at the last byte of a text in which a border follows each space; 4 is the token's. */
static int32_t row_at_end(const char *words, int32_t order) {
  const ac_ngrams n = {.spans = 3, .tokens = 1, .tables = 4, .rows = 1 << 20};
  ac_real memory[3] = {0};
  int32_t row[4] = {0};
  for (; *words; words++) {
    ac_spans_read(&n, *words, *words == ' ', memory, row);
  }
  return row[order - 1] - (order - 1) * n.rows;
}

/** A row says what the latest spans are, and nothing of what was before them. */
static void check_spans(void) {
  static const struct {
    const char *one, *other;
    int32_t same; /* orders up to this have the same row, those above have another */
  } PAIRS[] = {
      {"sea", "sea", 3},
      {"sea", "tea", 0},
      {"the sea", "a sea", 1},
      {"the sea", "thesea", 0},
      {"on the sea", "of the sea", 2},
      {"go on the sea", "sit on the sea", 3},
      {"the sea ", "a sea ", 1},
      {"sea", "the sea", 1},
  };
  for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
    for (int32_t order = 1; order <= 3; order++) {
      const bool same = row_at_end(PAIRS[i].one, order) == row_at_end(PAIRS[i].other, order);
      CHECK(same == (order <= PAIRS[i].same), "\"%s\" and \"%s\", order %d", PAIRS[i].one, PAIRS[i].other, (int)order);
    }
    CHECK(row_at_end(PAIRS[i].one, 4) == row_at_end(PAIRS[i].one, 1), "the token's row is its span's alone");
  }
}

int main(void) {
  source = ac_random_make(4, 9);
  for (int s = 0; s < MOST_SEQUENCES; s++) {
    for (int t = 0; t <= LENGTH; t++) {
      text[s][t] = (uint8_t)(ac_random_bits(&source) % 5 ? 'a' + ac_random_bits(&source) % 20 : ' ');
    }
  }
  check_group("reading");
  long number = 0;
  for (int32_t levels = 1; levels <= 5; levels++) {
    for (int i = 0; i < 3; i++, number++) {
      check_reading(AC_ADAPTIVE, levels, number);
      test_free_all();
    }
  }
  check_reading(AC_FLAT, 1, 2);
  CHECK(borders[0] > 100 && borders[1] > 10 && borders[2] > 10 && borders[3] > 0 && empty > 0,
        "borders: %ld, %ld, %ld, %ld; windows without tokens: %ld", borders[0], borders[1], borders[2], borders[3],
        empty);
  check_group("an encoder's head");
  for (int32_t levels = 2; levels <= 4; levels++) {
    for (number = 0; number < 4; number++) {
      check_encoder(levels, number);
    }
  }
  check_without_borders();
  check_group("windows of their own");
  check_fresh();
  test_free_all();
  check_group("spans");
  check_spans();
  check_group("rates");
  check_rates(3, 5.5, 0);
  check_rates(0, 4, 0);
  check_rates(0, 4, 1);
  test_free_all();
  return check_finish("residual");
}
