#include "memory.h"

#include "kernels/vector.h"

void ac_memory_layout(ac_arena *arena, int32_t sequences, int64_t width, int32_t levels, ac_memory *memory) {
  *memory = (ac_memory){.sequences = sequences, .levels = levels, .width = width};
  memory->states = AC_TAKE(arena, ac_real, sequences * width);
  memory->rules = AC_TAKE(arena, ac_rule_state, (int64_t)sequences * levels);
}

void ac_memory_forget(const ac_memory *memory) {
  if (memory->states) {
    ac_zero(memory->sequences * memory->width, memory->states);
    for (int32_t i = 0; i < memory->sequences * memory->levels; i++) {
      memory->rules[i] = (ac_rule_state){0};
    }
  }
}

bool ac_memory_fits(const ac_memory *a, const ac_memory *b) { return a->width == b->width && a->levels == b->levels; }

void ac_memory_copy(const ac_memory *to, int32_t t, const ac_memory *from, int32_t f) {
  ac_copy(from->width, from->states + f * from->width, to->states + t * to->width);
  for (int32_t l = 0; l < from->levels; l++) {
    to->rules[t * to->levels + l] = from->rules[f * from->levels + l];
  }
}
