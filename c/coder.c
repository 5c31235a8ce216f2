#include "coder.h"

/** The range is kept at or above this, so that a decision of 2⁻¹⁶ has room. */
static const uint32_t LEAST = 1u << 24;

static void put(ac_encoder *e, uint8_t byte) {
  if (e->size < 0) {
    /* The place for a carry out of the first byte, which never comes, since all numbers are below 1. */
    e->size = 0;
    return;
  }
  if (e->size >= e->room) {
    e->full = true;
    return;
  }
  e->out[e->size++] = byte;
}

void ac_encoder_start(ac_encoder *e, uint8_t *out, int64_t room) {
  *e = (ac_encoder){.range = UINT32_MAX, .waiting = 1, .out = out, .room = room, .size = -1};
}

/** Moves the top byte of `low` out, once no carry can reach it. */
static void shift(ac_encoder *e) {
  if (e->low < 0xff000000u || e->low > UINT32_MAX) {
    const uint8_t carry = (uint8_t)(e->low >> 32);
    for (; e->waiting > 0; e->waiting--) {
      put(e, (uint8_t)(e->held + carry));
      e->held = 0xff;
    }
    e->held = (uint8_t)(e->low >> 24);
  }
  e->waiting++;
  e->low = (e->low & 0x00ffffffu) << 8;
}

void ac_encoder_bit(ac_encoder *e, int bit, uint32_t one) {
  const uint32_t part = (uint32_t)(((uint64_t)e->range * one) >> AC_CODER_BITS);
  if (bit) {
    e->range = part;
  } else {
    e->low += part;
    e->range -= part;
  }
  while (e->range < LEAST) {
    e->range <<= 8;
    shift(e);
  }
}

void ac_encoder_finish(ac_encoder *e) {
  /* Of the numbers in the range the one with the most zeros at its end: the decoder reads zeros past the end. */
  uint64_t end = e->low + e->range - 1;
  for (int zeros = 32; zeros >= 8; zeros -= 8) {
    const uint64_t rounded = end >> zeros << zeros;
    if (rounded >= e->low) {
      end = rounded;
      break;
    }
  }
  e->low = end;
  for (int i = 0; i < AC_CODER_TAIL; i++) {
    shift(e);
  }
  while (e->size > 0 && e->out[e->size - 1] == 0) {
    e->size--;
  }
}

void ac_decoder_start(ac_decoder *d, const uint8_t *in, int64_t size) {
  *d = (ac_decoder){.range = UINT32_MAX, .in = in, .size = size};
  for (int i = 0; i < 4; i++) {
    d->code = d->code << 8 | (d->used < d->size ? d->in[d->used] : 0u);
    d->used++;
  }
}

int ac_decoder_bit(ac_decoder *d, uint32_t one) {
  const uint32_t part = (uint32_t)(((uint64_t)d->range * one) >> AC_CODER_BITS);
  const int bit = d->code < part;
  if (bit) {
    d->range = part;
  } else {
    d->code -= part;
    d->range -= part;
  }
  while (d->range < LEAST) {
    d->range <<= 8;
    d->code = d->code << 8 | (d->used < d->size ? d->in[d->used] : 0u);
    d->used++;
  }
  return bit;
}
