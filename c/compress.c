#include "compress.h"

#include <stddef.h>

#include "kernels/math.h"
#include "kernels/vector.h"
#include "mix.h"

/** Inputs of the first layer: those of the counts, and two from the language model. */
enum { MODEL_INPUTS = 2, INPUTS = AC_COUNTS_INPUTS + MODEL_INPUTS, ROOM = (INPUTS + 3) / 4 * 4 };

/** Sets of the last layer, chosen by the current byte's bits, by the latest byte, and by match and bits left. */
enum { LAST_SETS = 3, PARTIAL = 256, LAST_BYTE = 256 };

/** Maps at the end, chosen by the latest byte and by a hash of the latest two. */
enum { MAPS = 2, MAP_BITS = 16 };

struct ac_codec {
  int32_t who;
  ac_predictor predictor;
  ac_counts *counts;
  ac_mix_layer first, last;
  ac_map map[MAPS];
  ac_real *inputs;   /* [ROOM] */
  ac_real tree[512]; /* node k's probability is the sum of those of 2k and 2k + 1; from 256 on the bytes */
  uint64_t seen;     /* bytes */
  ac_real rate, last_rate;
  uint32_t partial;
  double cost; /* bits */
  ac_encoder encoder;
  ac_decoder decoder;
};

static void layout(ac_arena *arena, ac_codec *c, int32_t who, int32_t bits) {
  c->who = who;
  if (!(who & AC_CODE_COUNTS)) {
    return;
  }
  const uint64_t bytes = ac_counts_bytes(bits);
  c->counts = ac_take(arena, bytes, 1);
  c->inputs = AC_TAKE(arena, ac_real, ROOM);
  c->first.sets = AC_COUNTS_CHOICES;
  c->first.inputs = AC_COUNTS_INPUTS + (who & AC_CODE_MODEL ? MODEL_INPUTS : 0);
  for (int i = 0; i < AC_COUNTS_CHOICES; i++) {
    c->first.size[i] = AC_COUNTS_CHOICE_SIZE[i];
  }
  c->last.sets = LAST_SETS;
  c->last.inputs = AC_MIX_SETS;
  c->last.size[0] = PARTIAL;
  c->last.size[1] = LAST_BYTE;
  c->last.size[2] = AC_COUNTS_CHOICE_SIZE[2];
  ac_mix_layout(arena, &c->first);
  ac_mix_layout(arena, &c->last);
  for (int i = 0; i < MAPS; i++) {
    ac_map_layout(arena, &c->map[i], 1 << MAP_BITS);
  }
}

uint64_t ac_codec_bytes(int32_t who, int32_t bits) {
  const bool known = (who >= AC_CODE_COUNTS && who <= AC_CODE_BOTH) || who == AC_CODE_TRAINED;
  if (!known || ((who & AC_CODE_COUNTS) && ac_counts_bytes(bits) == 0)) {
    return 0;
  }
  ac_arena arena = {NULL, 0};
  ac_codec counted = {0};
  ac_take(&arena, 1, sizeof counted);
  layout(&arena, &counted, who, bits);
  return arena.used;
}

ac_status ac_codec_init(int32_t who, int32_t bits, const ac_predictor *predictor, void *block, uint64_t bytes,
                        ac_codec **out) {
  const uint64_t needed = ac_codec_bytes(who, bits);
  if (needed == 0 || ((who & AC_CODE_MODEL) && predictor == NULL)) {
    return AC_BAD_SETTING;
  }
  if (bytes < needed) {
    return AC_SMALL_BLOCK;
  }
  ac_arena arena = {block, 0};
  ac_codec *c = ac_take(&arena, 1, sizeof *c);
  *c = (ac_codec){0};
  layout(&arena, c, who, bits);
  if (who & AC_CODE_MODEL) {
    c->predictor = *predictor;
  }
  if (who & AC_CODE_COUNTS) {
    ac_real weights[ROOM] = {0}, even[AC_MIX_SETS] = {0};
    ac_counts_init(bits, c->counts);
    ac_zero(ROOM, c->inputs);
    ac_counts_first_weights(weights);
    weights[AC_COUNTS_INPUTS] = (ac_real)0.3;
    if (who == AC_CODE_TRAINED) {
      for (int i = 0; i < AC_COUNTS_INPUTS; i++) {
        weights[i] *= (ac_real)0.15;
      }
      weights[AC_COUNTS_INPUTS] = 1;
    }
    for (int i = 0; i < AC_COUNTS_CHOICES; i++) {
      even[i] = (ac_real)1 / AC_COUNTS_CHOICES;
    }
    ac_mix_fill(&c->first, weights);
    ac_mix_fill(&c->last, even);
  }
  *out = c;
  return AC_OK;
}

/** Adds the model's probabilities up the tree of a byte's bits. None is zero, so that no bit is impossible. */
static void begin_byte(ac_codec *c) {
  /* Weights change fast at first; then they follow the text slowly. */
  const ac_real age = 1 + (ac_real)2e-4 * (ac_real)c->seen;
  c->rate = c->who == AC_CODE_TRAINED ? (ac_real)0.001 + (ac_real)0.002 / age : (ac_real)0.0015 + (ac_real)0.02 / age;
  c->last_rate = (ac_real)0.0005 + (ac_real)0.005 / age;
  c->seen++;
  c->partial = 1;
  if (!(c->who & AC_CODE_MODEL)) {
    return;
  }
  const ac_real *probabilities = c->predictor.expect(c->predictor.state);
  for (int i = 0; i < 256; i++) {
    const ac_real p = probabilities[i];
    c->tree[256 + i] = (p > 0 && p <= 1 ? p : 0) + (ac_real)1e-7;
  }
  for (int i = 255; i > 0; i--) {
    c->tree[i] = c->tree[2 * i] + c->tree[2 * i + 1];
  }
}

/** The nearest probability that the coder takes. */
static uint32_t coded(ac_real p) {
  const int32_t one = (int32_t)(p * AC_CODER_ONE + (ac_real)0.5);
  return one < 1 ? 1 : one > AC_CODER_ONE - 1 ? AC_CODER_ONE - 1 : (uint32_t)one;
}

/** The model's own probability that the bit after those in `partial` is 1, in units of the coder. */
static uint32_t expected(const ac_codec *c, uint32_t partial) {
  return coded(c->tree[2 * partial + 1] / (c->tree[2 * partial] + c->tree[2 * partial + 1]));
}

/** The probability that the next bit is 1, in units of the coder. */
static uint32_t predict(ac_codec *c) {
  const ac_real one = c->tree[2 * c->partial + 1], zero = c->tree[2 * c->partial];
  if (!(c->who & AC_CODE_COUNTS)) {
    return expected(c, c->partial);
  }
  ac_counts_predict(c->counts, c->inputs, c->first.chosen);
  if (c->who & AC_CODE_MODEL) {
    const ac_real odds = (ac_real)(ac_log((double)one) - ac_log((double)zero));
    c->inputs[AC_COUNTS_INPUTS] = odds;
    c->inputs[AC_COUNTS_INPUTS + 1] = one / (zero + one) - (ac_real)0.5;
  }
  ac_mix_predict(&c->first, c->inputs);
  const uint32_t c1 = ac_counts_byte(c->counts, 1), c2 = ac_counts_byte(c->counts, 2);
  c->last.chosen[0] = (int32_t)c->partial;
  c->last.chosen[1] = (int32_t)c1;
  c->last.chosen[2] = c->first.chosen[2];
  ac_mix_predict(&c->last, c->first.odds);
  const ac_real odds = ((c->last.odds[0] + c->last.odds[1]) + c->last.odds[2]) * (ac_real)(1.0 / 3);
  const ac_v4 p = ac_sigmoid(ac_splat(odds));
  const uint32_t two = (c->partial | c1 << 8 | c2 << 16) * 0x9e3779b1u;
  const ac_real after_one = ac_map_predict(&c->map[0], (int32_t)(c->partial | c1 << 8), odds);
  const ac_real after_two = ac_map_predict(&c->map[1], (int32_t)(two >> (32 - MAP_BITS)), odds);
  return coded((ac_real)0.5 * ac_lane(p, 0) + ((ac_real)0.25 * after_one + (ac_real)0.25 * after_two));
}

static void learn(ac_codec *c, int bit) {
  if (c->who & AC_CODE_COUNTS) {
    ac_mix_learn(&c->last, c->first.odds, bit, c->last_rate);
    ac_mix_learn(&c->first, c->inputs, bit, c->rate);
    for (int i = 0; i < MAPS; i++) {
      ac_map_learn(&c->map[i], bit);
    }
    ac_counts_learn(c->counts, bit);
  }
  c->partial = 2 * c->partial + (uint32_t)bit;
}

static void end_byte(ac_codec *c) {
  if (c->who & AC_CODE_MODEL) {
    c->predictor.feed(c->predictor.state, (uint8_t)c->partial);
  }
}

/** The probability that `bit` had, where `one` · 2⁻¹⁶ is that of a 1. */
static double share(int bit, uint32_t one) { return (bit ? one : AC_CODER_ONE - one) * (1.0 / AC_CODER_ONE); }

/** −log₂ p. */
static double bits_of(double p) { return ac_log(p) * -1.44269504088896340736; }

/** What a byte would cost by the model alone, in bits. Call it while the model predicts this byte. */
static double cost_alone(const ac_codec *c, uint8_t byte) {
  double product = 1;
  uint32_t partial = 1;
  for (int left = 7; left >= 0; left--) {
    const int bit = byte >> left & 1;
    product *= share(bit, expected(c, partial));
    partial = 2 * partial + (uint32_t)bit;
  }
  return bits_of(product);
}

/** Learns a byte, and codes it where there is an encoder; returns what it costs, in bits. */
static double encode_byte(ac_codec *c, uint8_t byte, ac_encoder *e, float *alone) {
  double product = 1;
  begin_byte(c);
  if (alone && (c->who & AC_CODE_MODEL)) {
    *alone = (float)cost_alone(c, byte);
  }
  for (int left = 7; left >= 0; left--) {
    const int bit = byte >> left & 1;
    const uint32_t one = predict(c);
    product *= share(bit, one);
    if (e) {
      ac_encoder_bit(e, bit, one);
    }
    learn(c, bit);
  }
  end_byte(c);
  return bits_of(product);
}

void ac_codec_begin_encode(ac_codec *c, uint8_t *out, int64_t room) { ac_encoder_start(&c->encoder, out, room); }

void ac_codec_encode(ac_codec *c, const uint8_t *in, int64_t n, float *bits, float *alone) {
  for (int64_t i = 0; i < n; i++) {
    const double cost = encode_byte(c, in[i], &c->encoder, alone ? alone + i : NULL);
    c->cost += cost;
    if (bits) {
      bits[i] = (float)cost;
    }
  }
}

int64_t ac_codec_end_encode(ac_codec *c) {
  ac_encoder_finish(&c->encoder);
  return c->encoder.full ? -1 : c->encoder.size;
}

void ac_codec_begin_decode(ac_codec *c, const uint8_t *in, int64_t size) { ac_decoder_start(&c->decoder, in, size); }

void ac_codec_decode(ac_codec *c, uint8_t *out, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    begin_byte(c);
    for (int left = 7; left >= 0; left--) {
      const int bit = ac_decoder_bit(&c->decoder, predict(c));
      learn(c, bit);
    }
    out[i] = (uint8_t)c->partial;
    end_byte(c);
  }
}

ac_status ac_codec_end_decode(ac_codec *c) { return c->decoder.used < c->decoder.size ? AC_BAD_INPUT : AC_OK; }

void ac_codec_pass(ac_codec *c, const uint8_t *bytes, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    encode_byte(c, bytes[i], NULL, NULL);
  }
}

double ac_codec_cost(const ac_codec *c) { return c->cost; }
