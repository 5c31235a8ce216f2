/* The range coder: what goes in comes out, at the cost that the probabilities imply, whatever they are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../c/coder.h"
#include "../../c/random.h"
#include "support/check.h"
#include "support/models.h"

enum { DECISIONS = 8 << 20 };

/** How the probability of a 1 and the bits are drawn. */
typedef struct source {
  const char *name;
  uint32_t (*one)(ac_random *r);
  bool contrary; /* the bit is always the unlikely one */
} source;

static uint32_t any(ac_random *r) { return 1 + ac_random_bits(r) % (AC_CODER_ONE - 1); }
static uint32_t half(ac_random *r) { return (void)r, AC_CODER_ONE / 2; }
static uint32_t certain(ac_random *r) { return ac_random_bits(r) & 1 ? AC_CODER_ONE - 1 : 1; }
static uint32_t skewed(ac_random *r) {
  return ac_random_bits(r) & 1 ? AC_CODER_ONE - 1 - any(r) / 64 : 1 + any(r) / 64;
}
static uint32_t sure_of_one(ac_random *r) { return (void)r, AC_CODER_ONE - 1; }

static const source SOURCES[] = {
    {"any", any, false},
    {"half", half, false},
    {"certain", certain, false},
    {"skewed", skewed, false},
    {"any, contrary", any, true},
    {"certain, contrary", certain, true},
    {"all ones", sure_of_one, false},
};

static int draw(const source *from, ac_random *r, uint32_t one) {
  if (from->contrary) {
    return one < AC_CODER_ONE / 2;
  }
  return ac_random_bits(r) % AC_CODER_ONE < one;
}

static void check_source(const source *from, int64_t decisions) {
  const int64_t room = decisions * 2 + AC_CODER_TAIL;
  uint8_t *out = test_bytes((size_t)room);
  ac_random r = ac_random_make(7, 1);
  ac_encoder e;
  double cost = 0;
  ac_encoder_start(&e, out, room);
  for (int64_t i = 0; i < decisions; i++) {
    const uint32_t one = from->one(&r);
    const int bit = draw(from, &r, one);
    cost -= log2((double)(bit ? one : AC_CODER_ONE - one) / AC_CODER_ONE);
    ac_encoder_bit(&e, bit, one);
  }
  ac_encoder_finish(&e);
  CHECK(!e.full, "%s: there is room", from->name);
  CHECK((double)e.size <= cost / 8 * 1.0002 + 5, "%s: %lld bytes for %.1f", from->name, (long long)e.size, cost / 8);
  ac_decoder d;
  int64_t wrong = 0;
  r = ac_random_make(7, 1);
  ac_decoder_start(&d, out, e.size);
  for (int64_t i = 0; i < decisions; i++) {
    const uint32_t one = from->one(&r);
    wrong += draw(from, &r, one) != ac_decoder_bit(&d, one);
  }
  CHECK(wrong == 0, "%s: %lld of %lld bits differ", from->name, (long long)wrong, (long long)decisions);
  CHECK(d.used >= d.size, "%s: all of the code was read", from->name);
}

/** Every short string of bits, so that every kind of end and carry comes up. */
static void check_short(void) {
  static const uint32_t ONES[] = {1, 2, 255, 32768, 65281, 65535};
  int64_t wrong = 0;
  for (int n = 0; n <= 10; n++) {
    for (uint32_t bits = 0; bits < 1u << n; bits++) {
      for (size_t o = 0; o < sizeof ONES / sizeof *ONES; o++) {
        uint8_t out[64];
        ac_encoder e;
        ac_decoder d;
        ac_encoder_start(&e, out, sizeof out);
        for (int i = 0; i < n; i++) {
          ac_encoder_bit(&e, bits >> i & 1, ONES[(o + (size_t)i * bits) % 6]);
        }
        ac_encoder_finish(&e);
        ac_decoder_start(&d, out, e.size);
        for (int i = 0; i < n; i++) {
          wrong += ac_decoder_bit(&d, ONES[(o + (size_t)i * bits) % 6]) != (int)(bits >> i & 1);
        }
      }
    }
  }
  CHECK(wrong == 0, "%lld bits of short strings differ", (long long)wrong);
}

static void check_room(void) {
  uint8_t out[8];
  ac_encoder e;
  ac_encoder_start(&e, out, 8);
  for (int i = 0; i < 1000; i++) {
    ac_encoder_bit(&e, i & 1, 32768);
  }
  ac_encoder_finish(&e);
  CHECK(e.full && e.size <= 8, "a full buffer is reported, and not overrun");
}

int main(void) {
  check_group("a million bytes' worth");
  for (size_t i = 0; i < sizeof SOURCES / sizeof *SOURCES; i++) {
    check_source(&SOURCES[i], SOURCES[i].contrary ? DECISIONS / 16 : DECISIONS);
    test_free_all();
  }
  check_group("short strings");
  check_short();
  check_group("room");
  check_room();
  return check_finish("coder");
}
