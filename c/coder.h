/**
 * A range coder of binary decisions: bits in, bytes out, and back. 32-bit range, carry by a cached byte and a count of
 * 0xff bytes behind it, as in Igor Pavlov's LZMA, after G. N. N. Martin, "Range encoding: an algorithm for removing
 * redundancy from a digitised message" (1979). The range is split by a 64-bit product, so that no precision is lost to
 * rounding it first. Integers only: the same bytes everywhere.
 */
#ifndef AC_CODER_H
#define AC_CODER_H

#include <stdbool.h>
#include <stdint.h>

/** Probabilities are whole multiples of 2⁻¹⁶; a coder takes 1 … 65535 of them. */
#define AC_CODER_BITS 16
#define AC_CODER_ONE (1 << AC_CODER_BITS)

/** The most bytes that an encoder writes beyond what its decisions cost. */
#define AC_CODER_TAIL 5

/** An encoder into a buffer. Where that is full, it writes no further and `full` is set. */
typedef struct ac_encoder {
  uint64_t low;
  uint32_t range;
  uint8_t held;     /* the last byte that a carry may still reach */
  uint32_t waiting; /* 0xff bytes behind it, and itself */
  uint8_t *out;
  int64_t room, size; /* bytes; size is −1 before the first */
  bool full;
} ac_encoder;

/** A decoder of a buffer. Past its end it reads zeros and counts them. */
typedef struct ac_decoder {
  uint32_t range, code;
  const uint8_t *in;
  int64_t size, used; /* bytes; `used` goes on past `size` */
} ac_decoder;

/** Starts an encoder that writes to `out` [room] bytes. */
void ac_encoder_start(ac_encoder *e, uint8_t *out, int64_t room);

/** Encodes a bit, which is 1 with probability `one` · 2⁻¹⁶, 1 … 65535. */
void ac_encoder_bit(ac_encoder *e, int bit, uint32_t one);

/** Writes out what is held back; `e->size` is then the number of bytes. Trailing zeros are left out. */
void ac_encoder_finish(ac_encoder *e);

/** Starts a decoder of `in` [size] bytes. */
void ac_decoder_start(ac_decoder *d, const uint8_t *in, int64_t size);

/** Decodes a bit, which is 1 with probability `one` · 2⁻¹⁶, 1 … 65535. Any input gives some bit. */
int ac_decoder_bit(ac_decoder *d, uint32_t one);

#endif
