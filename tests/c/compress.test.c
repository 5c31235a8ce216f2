// tier: slow
/* The codec: bytes come back, at the cost that it reports; bad input is refused; every build gives the same bytes. */
#include <string.h>

#include "../../c/compress_model.h"
#include "../../c/random.h"
#include "support/check.h"
#include "support/models.h"

enum { BITS = 14, PIECE = 20000, SMALL = 3000 };

/** A codec and what it predicts with. */
typedef struct side {
  ac_codec *codec;
  ac_listener listener;
} side;

static void open_side(side *s, int32_t who, ac_model *model) {
  ac_predictor predictor = {0};
  if (who & AC_CODE_MODEL) {
    predictor = ac_listener_make(test_stream(model), &s->listener);
  }
  const uint64_t bytes = ac_codec_bytes(who, BITS);
  /* Filled, since a block need not be zeroed. */
  uint8_t *block = test_bytes(bytes);
  memset(block, 0xa5, bytes);
  CHECK(ac_codec_init(who, BITS, &predictor, block, bytes, &s->codec) == AC_OK, "a codec is made");
}

/** A whole piece at once, and back. */
static int64_t encode(ac_codec *c, const uint8_t *in, int64_t n, uint8_t *out, int64_t room, float *bits) {
  ac_codec_begin_encode(c, out, room);
  ac_codec_encode(c, in, n, bits, NULL);
  return ac_codec_end_encode(c);
}

static ac_status decode(ac_codec *c, const uint8_t *in, int64_t size, uint8_t *out, int64_t n) {
  ac_codec_begin_decode(c, in, size);
  /* In two parts: where they meet does not matter. */
  ac_codec_decode(c, out, n / 3);
  ac_codec_decode(c, out + n / 3, n - n / 3);
  return ac_codec_end_decode(c);
}

/** `most`: bytes that all pieces may take together, 1 % above what they took when this was written. */
static void check_pieces(int32_t who, ac_model *model, const uint8_t *text, int64_t piece, int pieces, double most) {
  side encoder, decoder;
  open_side(&encoder, who, model);
  open_side(&decoder, who, model);
  const int64_t room = 17 * piece;
  uint8_t *coded = test_bytes((size_t)room), *back = test_bytes((size_t)piece);
  double size = 0;
  for (int i = 0; i < pieces; i++, text += piece) {
    if (i == 1) {
      ac_codec_pass(encoder.codec, text, piece);
      ac_codec_pass(decoder.codec, text, piece);
      continue;
    }
    const double before = ac_codec_cost(encoder.codec);
    const int64_t n = encode(encoder.codec, text, piece, coded, room, NULL);
    const double cost = (ac_codec_cost(encoder.codec) - before) / 8;
    CHECK(n >= 0 && (double)n <= cost * 1.001 + 8, "mode %d, piece %d: %lld bytes for %.1f", who, i, (long long)n,
          cost);
    CHECK(decode(decoder.codec, coded, n, back, piece) == AC_OK, "mode %d, piece %d is decoded", who, i);
    CHECK_SAME(back, text, (size_t)piece, "mode %d, piece %d", who, i);
    size += (double)n;
  }
  CHECK(size < most, "mode %d: %.0f bytes for %lld", who, size, (long long)(piece * pieces));
}

/** A piece that needs more than its room is refused, and both sides stay in step. */
static void check_growth(void) {
  side encoder, decoder;
  open_side(&encoder, AC_CODE_COUNTS, NULL);
  open_side(&decoder, AC_CODE_COUNTS, NULL);
  uint8_t noise[SMALL], coded[2 * SMALL], back[SMALL];
  ac_random r = ac_random_make(3, 1);
  for (int i = 0; i < SMALL; i++) {
    noise[i] = (uint8_t)ac_random_bits(&r);
  }
  CHECK(encode(encoder.codec, noise, SMALL, coded, SMALL, NULL) == -1, "noise does not shrink");
  ac_codec_pass(decoder.codec, noise, SMALL);
  float bits[SMALL];
  const int64_t n = encode(encoder.codec, noise, SMALL, coded, sizeof coded, bits);
  CHECK(n > 0 && n < SMALL / 2, "the second time it does: %lld", (long long)n);
  double sum = 0;
  for (int i = 0; i < SMALL; i++) {
    sum += (double)bits[i];
  }
  CHECK((double)n <= sum / 8 * 1.001 + 8 && (double)n >= sum / 8 - 1, "costs of bytes add up: %.1f", sum / 8);
  CHECK(decode(decoder.codec, coded, n, back, SMALL) == AC_OK, "it is decoded");
  CHECK_SAME(back, noise, SMALL, "noise");
}

/** The reported cost by the model alone is its cost when it predicts alone; with counts alone there is none. */
static void check_alone(ac_model *model, const uint8_t *text) {
  side by_model, by_both, by_counts;
  uint8_t coded[17 * SMALL];
  float costs[SMALL], alone[SMALL], in_both[SMALL], none[SMALL];
  open_side(&by_model, AC_CODE_MODEL, model);
  open_side(&by_both, AC_CODE_BOTH, model);
  open_side(&by_counts, AC_CODE_COUNTS, NULL);
  ac_codec_begin_encode(by_model.codec, coded, sizeof coded);
  ac_codec_encode(by_model.codec, text, SMALL, costs, alone);
  ac_codec_begin_encode(by_both.codec, coded, sizeof coded);
  ac_codec_encode(by_both.codec, text, SMALL, NULL, in_both);
  CHECK_SAME(alone, costs, sizeof costs, "the model alone");
  CHECK_SAME(in_both, costs, sizeof costs, "the model beside counts");
  memset(none, 0, sizeof none);
  memset(alone, 0, sizeof alone);
  ac_codec_begin_encode(by_counts.codec, coded, 0);
  ac_codec_encode(by_counts.codec, text, SMALL, costs, alone);
  CHECK_SAME(alone, none, sizeof none, "counts without a model");
  CHECK(ac_codec_end_encode(by_counts.codec) == -1 && costs[SMALL - 1] > 0, "costs are reported even without room");
}

/** A model that finds all bytes equally likely. */
static const ac_real *expect_any(void *state) { return state; }
static void feed_none(void *state, uint8_t byte) {
  (void)state;
  (void)byte;
}

/** Ones alone are coded as zeros alone: all of these are left out, and the ones come back. */
static void check_zeros(void) {
  ac_real even[256];
  for (int i = 0; i < 256; i++) {
    even[i] = (ac_real)(1.0 / 256);
  }
  const ac_predictor predictor = {even, expect_any, feed_none};
  const uint64_t bytes = ac_codec_bytes(AC_CODE_MODEL, 0);
  ac_codec *encoder, *decoder;
  CHECK(ac_codec_init(AC_CODE_MODEL, 0, &predictor, test_bytes(bytes), bytes, &encoder) == AC_OK, "a codec is made");
  CHECK(ac_codec_init(AC_CODE_MODEL, 0, &predictor, test_bytes(bytes), bytes, &decoder) == AC_OK, "another is made");
  uint8_t ones[SMALL], coded[2 * SMALL], back[SMALL];
  memset(ones, 255, SMALL);
  const int64_t n = encode(encoder, ones, SMALL, coded, sizeof coded, NULL);
  CHECK(n == 0, "%lld bytes", (long long)n);
  CHECK(decode(decoder, coded, n, back, SMALL) == AC_OK, "they are decoded");
  CHECK_SAME(back, ones, SMALL, "ones");
  test_free_all();
}

/** Whatever the bytes, decoding ends, with some bytes or with a status. */
static void check_damage(const uint8_t *text) {
  side s;
  uint8_t coded[2 * SMALL], back[SMALL];
  ac_random r = ac_random_make(5, 1);
  open_side(&s, AC_CODE_COUNTS, NULL);
  const int64_t n = encode(s.codec, text, SMALL, coded, sizeof coded, NULL);
  int same = 0;
  for (int i = 0; i < 40; i++) {
    side d;
    uint8_t bad[2 * SMALL];
    memcpy(bad, coded, (size_t)n);
    int64_t size = n;
    if (i % 2) {
      size = ac_random_bits(&r) % (uint32_t)n;
    } else {
      bad[ac_random_bits(&r) % (uint32_t)(n - 1)] ^= (uint8_t)(1u << (i / 2 % 8));
    }
    open_side(&d, AC_CODE_COUNTS, NULL);
    same += decode(d.codec, bad, size, back, SMALL) == AC_OK && memcmp(back, text, SMALL) == 0;
    test_free_all();
  }
  CHECK(same == 0, "%d damaged pieces gave the text", same);
}

static void check_settings(void) {
  CHECK(ac_codec_bytes(0, BITS) == 0 && ac_codec_bytes(4, BITS) == 0, "no predictor, and an unknown one");
  CHECK(ac_codec_bytes(AC_CODE_COUNTS, 9) == 0 && ac_codec_bytes(AC_CODE_BOTH, 23) == 0, "too small and too large");
  const uint64_t bytes = ac_codec_bytes(AC_CODE_COUNTS, BITS);
  uint8_t *block = test_bytes(bytes);
  ac_codec *codec;
  CHECK(ac_codec_init(AC_CODE_COUNTS, BITS, NULL, block, bytes - 1, &codec) == AC_SMALL_BLOCK, "a small block");
  CHECK(ac_codec_init(AC_CODE_BOTH, BITS, NULL, block, bytes, &codec) == AC_BAD_SETTING, "no model");
}

int main(void) {
  size_t size;
  const uint8_t *text = test_text(&size);
  check_group("counts");
  /* The text is the core's sources, which change: the bounds are what they took when this was written, plus 1 %. */
  check_pieces(AC_CODE_COUNTS, NULL, text, PIECE, 4, 11760);
  check_pieces(AC_CODE_COUNTS, NULL, text, 1000, 9, 1866);
  test_free_all();
  check_group("model");
  ac_model *model = test_lively_model(3, 1, 64);
  check_pieces(AC_CODE_MODEL, model, text, SMALL, 3, 4644);
  check_group("both");
  check_pieces(AC_CODE_BOTH, model, text, SMALL, 3, 1515);
  check_group("both, with a trained model");
  check_pieces(AC_CODE_TRAINED, model, text, SMALL, 3, 1700);
  check_group("the model's share");
  check_alone(model, text);
  test_free_all();
  check_group("pieces that would grow");
  check_growth();
  check_group("zeros that are left out");
  check_zeros();
  check_group("damage");
  check_damage(text);
  check_group("settings");
  check_settings();
  test_free_all();
  return check_finish("compress");
}
