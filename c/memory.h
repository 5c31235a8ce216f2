/**
 * What sequences remember from one piece to the next: hidden states, the latest outputs of the levels above, and what the
 * levels' rules count and add up. A pass goes on from its sequences' memories and brings them up to date
 * (ac_model_continue); a stream is such a pass over one sequence, a byte at a time.
 */
#ifndef AC_MEMORY_H
#define AC_MEMORY_H

#include "arena.h"
#include "rules.h"

typedef struct ac_memory {
  int32_t sequences, levels;
  int64_t width;        /* numbers of each sequence; the kind of model sets their order */
  ac_real *states;      /* [sequences][width] */
  ac_rule_state *rules; /* [sequences][levels] */
} ac_memory;

/** Lays out the memories of `sequences` sequences. */
void ac_memory_layout(ac_arena *arena, int32_t sequences, int64_t width, int32_t levels, ac_memory *memory);

/** Puts all sequences back to their start. */
void ac_memory_forget(const ac_memory *memory);

/** Whether the sequences of two memories remember the same things. */
bool ac_memory_fits(const ac_memory *a, const ac_memory *b);

/** Copies sequence f of one memory to sequence t of another; the two must fit. */
void ac_memory_copy(const ac_memory *to, int32_t t, const ac_memory *from, int32_t f);

#endif
