/**
 * What sequences remember from one piece of them to the next: hidden states, what the tokens above gave last, and what the
 * rules of their levels count and add up. A pass goes on from the memories of its sequences and leaves them behind
 * (ac_model_continue); a stream is such a pass over one sequence, a byte at a time.
 */
#ifndef AC_MEMORY_H
#define AC_MEMORY_H

#include "arena.h"
#include "rules.h"

typedef struct ac_memory {
  int32_t sequences, levels;
  int64_t width;        /* numbers of each sequence, in an order of the kind of model */
  ac_real *states;      /* [sequences][width] */
  ac_rule_state *rules; /* [sequences][levels] */
} ac_memory;

/** Lays out the memories of so many sequences. */
void ac_memory_layout(ac_arena *arena, int32_t sequences, int64_t width, int32_t levels, ac_memory *memory);

/** All sequences are at their start again. */
void ac_memory_forget(const ac_memory *memory);

/** Whether the sequences of two memories remember the same things. */
bool ac_memory_fits(const ac_memory *a, const ac_memory *b);

/** Sequence t of one memory becomes what sequence f of another is, which must fit. */
void ac_memory_copy(const ac_memory *to, int32_t t, const ac_memory *from, int32_t f);

#endif
