#include "recall.h"

#include "kernels/gemm.h"
#include "ngrams.h"

/** A slot's number has the byte plus 1 in its lowest 9 bits, 0 where there is none, then 3 of repeats, then the check's. */
enum { BYTE_BITS = 9, REPEAT_BITS = 3, CHECK_AT = BYTE_BITS + REPEAT_BITS, CHECK_FROM = 21, SALT = 0x5EED };

typedef struct memory_of {
  int32_t byte; /* plus 1 */
  int32_t repeats;
  uint32_t check;
} memory_of;

int64_t ac_recall_width(int32_t contexts) {
  return contexts > 0 ? ac_padded(contexts) + (int64_t)contexts * AC_RECALL_SLOTS : 0;
}

/** What a slot says. Memory may come from a file, so that any number may stand there: those of no slot say nothing. */
static memory_of unpacked(ac_real number) {
  const bool known = number >= 0 && number < 1 << (CHECK_AT + 32 - CHECK_FROM);
  const uint32_t bits = known ? (uint32_t)number : 0;
  const int32_t byte = (int32_t)(bits & ((1 << BYTE_BITS) - 1));
  const int32_t repeats = (int32_t)(bits >> BYTE_BITS & AC_RECALL_MOST);
  return (memory_of){byte <= 257 ? byte : 0, repeats, bits >> CHECK_AT};
}

static ac_real packed(memory_of known) {
  return (ac_real)(known.check << CHECK_AT | (uint32_t)known.repeats << BYTE_BITS | (uint32_t)known.byte);
}

/** A slot learns that a byte followed its context. */
static void learn(int32_t symbol, ac_real *slot) {
  memory_of known = unpacked(*slot);
  const bool again = known.byte == symbol + 1;
  known.repeats = !again ? 0 : known.repeats < AC_RECALL_MOST ? known.repeats + 1 : AC_RECALL_MOST;
  known.byte = symbol + 1;
  *slot = packed(known);
}

/** Where a context's slots begin in a sequence's memory. */
static int64_t slots_at(int32_t contexts, int32_t context) {
  return ac_padded(contexts) + (int64_t)context * AC_RECALL_SLOTS;
}

int64_t ac_recall_place(int32_t contexts, int32_t context, const ac_real *memory) {
  return slots_at(contexts, context) + (int64_t)memory[context] - 1;
}

int32_t ac_recall_row(int32_t contexts, int32_t context, int32_t symbol, uint32_t hash, ac_real *memory) {
  ac_real *slots = memory + slots_at(contexts, context);
  const ac_real before = memory[context];
  if (before >= 1 && before <= AC_RECALL_SLOTS) {
    learn(symbol, slots + (int32_t)before - 1);
  }
  const uint32_t g = ac_mix(hash, SALT);
  const int32_t at = (int32_t)(g % AC_RECALL_SLOTS);
  memory_of known = unpacked(slots[at]);
  if (known.check != g >> CHECK_FROM) {
    known = (memory_of){0, 0, g >> CHECK_FROM};
    slots[at] = packed(known);
  }
  memory[context] = (ac_real)(at + 1);
  return known.byte == 0 ? 0 : known.byte + 257 * known.repeats;
}
