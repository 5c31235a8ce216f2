/**
 * Bytes into fewer bytes, and back: predictions of a context model (counts.h), of a language model, or of both, mixed
 * bit by bit (mix.h) and coded by a range coder (coder.h). Both directions read the same bytes and make the same
 * predictions, bit for bit, on every machine.
 *
 * A text is coded in pieces, each with a coder of its own; what was learned goes on from piece to piece. A piece that
 * would grow is better stored: hand it to ac_codec_pass, so that both sides learn from it all the same.
 */
#ifndef AC_COMPRESS_H
#define AC_COMPRESS_H

#include "coder.h"
#include "counts.h"
#include "status.h"

/**
 * Who predicts. AC_CODE_TRAINED is both, with a trained model: mixing trusts the model from the start and changes slowly.
 * With AC_CODE_BOTH it trusts the counts first.
 */
enum { AC_CODE_COUNTS = 1, AC_CODE_MODEL = 2, AC_CODE_BOTH = 3, AC_CODE_TRAINED = 7 };

/** The version of the coding: it changes whenever the same bytes and settings would give other bits. */
#define AC_CODE_VERSION 1

typedef struct ac_codec ac_codec;

/** Where the language model's predictions come from; its functions are called in turn, first `expect`. */
typedef struct ac_predictor {
  void *state;
  /** Probabilities [256] of the next byte, which need not add up to 1; any numbers behind them are ignored. */
  const ac_real *(*expect)(void *state);
  /** Takes the byte that came. */
  void (*feed)(void *state, uint8_t byte);
} ac_predictor;

/** Bytes of memory for a codec; `bits` as in counts.h, ignored without counts. 0 where a setting is out of range. */
uint64_t ac_codec_bytes(int32_t who, int32_t bits);

/** Makes a codec in `block` of ac_codec_bytes. `predictor` is copied; NULL without a model. AC_BAD_SETTING, AC_SMALL_BLOCK. */
ac_status ac_codec_init(int32_t who, int32_t bits, const ac_predictor *predictor, void *block, uint64_t bytes,
                        ac_codec **out);

/** Starts a piece that is coded to `out` [room] bytes, which must stay until the piece ends. */
void ac_codec_begin_encode(ac_codec *c, uint8_t *out, int64_t room);

/**
 * Codes `in` [n], in a piece. `bits` [n], unless NULL, gets what each byte cost, in bits; `alone` [n], unless NULL and if
 * there is a model, what each would have cost by the model alone.
 */
void ac_codec_encode(ac_codec *c, const uint8_t *in, int64_t n, float *bits, float *alone);

/** Ends the piece. Returns its size, or −1 where that is more than its room; either way its bytes were learned. */
int64_t ac_codec_end_encode(ac_codec *c);

/** Starts a piece that is decoded from `in` [size] bytes, which must stay until the piece ends. */
void ac_codec_begin_decode(ac_codec *c, const uint8_t *in, int64_t size);

/** Decodes `out` [n], in a piece. Past the piece's end it reads the zeros that the encoder left out. Wrong bytes give noise. */
void ac_codec_decode(ac_codec *c, uint8_t *out, int64_t n);

/** Ends the piece. AC_BAD_INPUT where some of it was left over. */
ac_status ac_codec_end_decode(ac_codec *c);

/** Learns from `bytes` [n] that are stored as they are. */
void ac_codec_pass(ac_codec *c, const uint8_t *bytes, int64_t n);

/** Σ −log₂ of the probabilities that all bits so far were coded with, in bits. */
double ac_codec_cost(const ac_codec *c);

#endif
