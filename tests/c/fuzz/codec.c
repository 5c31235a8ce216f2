/*
 * Bytes become pieces that are coded and decoded, predictions of any kind, and pieces that no codec made: anything that
 * a damaged file or a broken model might hand to the codec. libFuzzer looks for bytes that reach new code; the
 * sanitizers and the checks below look for what must not be. See tests/proof/fuzz.js.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../c/compress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Longest piece, and most pieces. */
enum { PIECE = 128, MOST_PIECES = 6, WHOLE = 17 * PIECE };

typedef struct source {
  const uint8_t *data;
  size_t size;
} source;

static uint8_t take_byte(source *s) {
  if (s->size == 0) {
    return 0;
  }
  s->size--;
  return *s->data++;
}

static void must(bool holds) {
  if (!holds) {
    abort();
  }
}

/** A model that predicts anything, but always the same after the same byte. */
typedef struct oracle {
  ac_real numbers[256];
  uint8_t last;
  ac_real turned[256];
} oracle;

static const ac_real *expect(void *state) {
  oracle *o = state;
  for (int i = 0; i < 256; i++) {
    o->turned[i] = o->numbers[(i + o->last) & 255];
  }
  return o->turned;
}

static void feed(void *state, uint8_t byte) { ((oracle *)state)->last = byte; }

static oracle make_oracle(source *s) {
  static const ac_real SOME[] = {0,    1,     -1,     0.5f, 1e-7f,  1e-30f, 1e-45f, 2,
                                 1e9f, 3e38f, -3e38f, 0.9f, 0.003f, 0.01f,  0.2f,   -0.0f};
  oracle o = {.last = 0};
  for (int i = 0; i < 256; i++) {
    const uint8_t byte = i < 64 ? take_byte(s) : (uint8_t)(i * 7);
    o.numbers[i] = byte == 255   ? __builtin_nanf("")
                   : byte == 254 ? __builtin_inff()
                   : byte == 253 ? -__builtin_inff()
                                 : SOME[byte % 16];
  }
  return o;
}

typedef struct side {
  oracle model;
  void *block;
  ac_codec *codec;
} side;

/** A codec in a block of exactly its size, or a refusal. */
static void open_side(side *s, int32_t who, int32_t bits, const oracle *model, uint64_t less) {
  s->model = *model;
  s->codec = NULL;
  const ac_predictor predictor = {&s->model, expect, feed};
  const uint64_t bytes = ac_codec_bytes(who, bits);
  s->block = aligned_alloc(AC_ALIGNMENT, (size_t)(bytes > 0 ? bytes : AC_ALIGNMENT));
  const ac_status status = ac_codec_init(who, bits, &predictor, s->block, bytes - (bytes > 0 ? less : 0), &s->codec);
  must((status == AC_OK) == (s->codec != NULL));
  must((status == AC_OK) == (bytes > 0 && less == 0));
}

/** Codes and decodes a piece of the text: it comes back, or is stored where it would outgrow its room. */
static void pass_piece(side *one, side *other, source *s) {
  uint8_t text[PIECE], coded[WHOLE], back[PIECE];
  const int64_t n = take_byte(s) % (PIECE + 1), room = take_byte(s) % 4 == 0 ? n : WHOLE;
  const uint8_t repeat = take_byte(s) % 32;
  for (int64_t i = 0; i < n; i++) {
    text[i] = repeat > 0 && i >= repeat ? text[i - repeat] : take_byte(s);
  }
  float bits[PIECE];
  ac_codec_begin_encode(one->codec, coded, room);
  ac_codec_encode(one->codec, text, n, bits, NULL);
  const int64_t size = ac_codec_end_encode(one->codec);
  must(size <= room);
  for (int64_t i = 0; i < n; i++) {
    /* Eight decisions, each of probability 2⁻¹⁶ at least. */
    must(bits[i] > 0 && bits[i] <= 8 * 16.001f);
  }
  if (size < 0) {
    ac_codec_pass(other->codec, text, n);
    return;
  }
  ac_codec_begin_decode(other->codec, coded, size);
  ac_codec_decode(other->codec, back, n);
  must(memcmp(back, text, (size_t)n) == 0);
  must(ac_codec_end_decode(other->codec) == AC_OK);
}

/** Decodes a piece that no codec made, in a block of exactly its size: it gives some bytes, or a status. */
static void decode_noise(side *d, source *s) {
  uint8_t back[PIECE];
  const size_t size = s->size;
  uint8_t *noise = malloc(size + (size == 0));
  memcpy(noise, s->data, size);
  ac_codec_begin_decode(d->codec, noise, (int64_t)size);
  for (int i = 0; i < 4; i++) {
    ac_codec_decode(d->codec, back, PIECE);
  }
  const ac_status status = ac_codec_end_decode(d->codec);
  must(status == AC_OK || status == AC_BAD_INPUT);
  free(noise);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  source s = {data, size};
  const uint8_t how = take_byte(&s);
  const int32_t who = how % 16 == 15 ? (int8_t)take_byte(&s)
                      : how % 4 > 0  ? AC_CODE_MODEL
                      : how % 8      ? AC_CODE_BOTH
                                     : AC_CODE_COUNTS;
  const int32_t bits = how / 16 == 15 ? (int8_t)take_byte(&s) : AC_COUNTS_LEAST_BITS;
  if ((who & AC_CODE_COUNTS) && bits > AC_COUNTS_LEAST_BITS + 2 && bits <= AC_COUNTS_MOST_BITS) {
    return 0;
  }
  const oracle model = make_oracle(&s);
  side one, other;
  open_side(&one, who, bits, &model, how == 0);
  open_side(&other, who, bits, &model, how == 0);
  const int pieces = 1 + take_byte(&s) % MOST_PIECES;
  for (int i = 0; one.codec && i < pieces; i++) {
    pass_piece(&one, &other, &s);
  }
  if (other.codec) {
    decode_noise(&other, &s);
  }
  free(one.block);
  free(other.block);
  return 0;
}
