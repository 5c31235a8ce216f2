/**
 * One block of memory, handed out front to back. With `base` NULL it only counts, so that the function which lays out
 * a thing also says how much it needs.
 */
#ifndef AC_ARENA_H
#define AC_ARENA_H

#include <stddef.h>
#include <stdint.h>

/** What the arena's pieces, and blocks handed to the core, are aligned to. */
#define AC_ALIGNMENT 64

typedef struct ac_arena {
  unsigned char *base; /* NULL: count only */
  uint64_t used;       /* bytes */
} ac_arena;

/** `count` things of `size` bytes, aligned; NULL when counting. Both are far below overflow (see config.h). */
static inline void *ac_take(ac_arena *arena, uint64_t count, size_t size) {
  const uint64_t bytes = (count * size + AC_ALIGNMENT - 1) / AC_ALIGNMENT * AC_ALIGNMENT;
  void *piece = arena->base ? arena->base + arena->used : NULL;
  arena->used += bytes;
  return piece;
}

/** `count` things of a type from an arena. */
#define AC_TAKE(arena, type, count) ((type *)ac_take((arena), (uint64_t)(count), sizeof(type)))

/** Memory for the three parts of a model. Arenas that only count give NULL. */
typedef struct ac_room {
  ac_arena *weights;  /* parameters, also packed for products; all models that read with them share these */
  ac_arena *work;     /* what a pass computes */
  ac_arena *training; /* gradients and moments, and weights packed for the backward pass */
} ac_room;

#endif
