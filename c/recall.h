/**
 * Recall: what a sequence remembers of its own past. Each context that chooses a row of a table (ngrams.h) also remembers
 * which byte followed it the last time, and how many times in a row the same one did:
 *
 *   slot = g mod AC_RECALL_SLOTS, check = g >> 21, g = mix(h, 0x5EED), h the context's hash; mix as in ngrams.h
 *   row  = 0 where nothing is known, else 1 + byte + 257 · min(repeats, AC_RECALL_MOST)
 *
 * A slot has room for one context, which `check` tells from most others: a new one takes the place of the old one. The row
 * of another table, which the model learns, says what such a memory is worth. So names and phrases of a text are known from
 * their second time on, though the weights have never seen them. As a cache of what followed: Grave et al. 2017, "Improving
 * Neural Language Models with a Continuous Cache"; as counts of repeats: the match models of lossless compressors.
 */
#ifndef AC_RECALL_H
#define AC_RECALL_H

#include "kernels/vector.h"

/** Slots of each context. */
#define AC_RECALL_SLOTS 32768

/** Repeats that are told from each other at most. */
#define AC_RECALL_MOST 7

/** Rows of a context's table. */
#define AC_RECALL_ROWS (1 + 257 * (AC_RECALL_MOST + 1))

/** Numbers that a sequence remembers for so many contexts: [contexts] each one's slot, from 1, and [contexts][AC_RECALL_SLOTS]. */
int64_t ac_recall_width(int32_t contexts);

/**
 * The row that context number `context` has by its hash, after `symbol`, and by a sequence's `memory`: first the slot that it
 * had a byte earlier learns that this byte followed.
 */
int32_t ac_recall_row(int32_t contexts, int32_t context, int32_t symbol, uint32_t hash, ac_real *memory);

/** Where in a sequence's `memory` the slot stands that a context came to with the last ac_recall_row. */
int64_t ac_recall_place(int32_t contexts, int32_t context, const ac_real *memory);

#endif
