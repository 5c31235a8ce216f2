/**
 * Hashed n-gram embeddings: tables whose rows stand for the last bytes. Each order from 2 to the highest has a table of
 * ngram_rows rows; the row of a position is a hash of its last bytes, and n-grams may share one:
 *
 *   h₁ = mix(0, x_t + 1), hₙ = mix(hₙ₋₁, x_{t−n+1} + 1), 0 in place of x + 1 before the text's first byte
 *   mix(h, v): h ← (h ⊕ v) · 0x9E3779B1 mod 2³², then h ⊕ (h >> 15)
 *   row = hₙ mod ngram_rows
 *
 * Spans have tables, too: what a level's borders cut. The row of a position in the table of order 1 is a hash of the bytes
 * from the latest border before the position to the position itself; order k goes on with the k − 1 spans before that. So
 * the context that a row stands for is as long as the borders make it. Hashes of spans have 24 bits, which a float holds:
 *
 *   p = mix(…mix(mix(0, x_b + 1), x_{b+1} + 1)…, x_t + 1) mod 2²⁴ after each step, b the first byte of the span
 *   h₁ = p, hₖ = mix(hₖ₋₁, p of the span k − 1 before + 1), 0 in place of p + 1 before the text's first span
 *   row = hₖ mod ngram_rows
 *
 * A token of level 1 may have an embedding, too: what goes up at a border is the encoder's state plus the row p mod ngram_rows
 * of one more table, p of the span that the border ends. So the level is told which word it was.
 *
 * With `recall`, each n-gram and each span that has a table has another one, for what followed it the last time (recall.h).
 *
 * Few rows have a gradient in a step, so only these are kept, exchanged and updated: a row that no position of the batch
 * reads stays as it is, moments included. Hashed n-gram embeddings of bytes: Pagnoni et al. 2024, "Byte Latent Transformer".
 */
#ifndef AC_NGRAMS_H
#define AC_NGRAMS_H

#include "kernels/vector.h"
#include "model.h"

/** The highest order. */
#define AC_MAX_NGRAM 8

/** Most spans that a row stands for. */
#define AC_MAX_SPANS 4

/** The tables of a model, those of bytes first; `tables` is 0 where there are none. */
typedef struct ac_ngrams {
  int32_t count;    /* tables of bytes: orders 2 … count + 1 */
  int32_t spans;    /* tables of spans: orders 1 … spans */
  int32_t tokens;   /* tables of tokens: 1 or 0 */
  int32_t tables;   /* of these kinds */
  int32_t rows;     /* of each */
  int32_t recalled; /* [0, recalled) contexts with a table of recall: none, or those of bytes and then those of spans */
  int32_t columns;  /* tables of all kinds */
  int32_t first;    /* number of the first one in the table of tensors; the others follow */
  int64_t at;       /* where a sequence's last bytes stand in a row of memory: [count], x + 1, the latest first */
  int64_t spans_at; /* likewise hashes of its latest spans: [spans], at least 1, the unfinished one first */
  int64_t recall_at; /* what it recalls, as recall.h has it */
  int32_t *row; /* [N][columns] rows that each position reads, numbered through all tables: of bytes, spans, tokens */
  int32_t *touched;  /* rows with a gradient, in the order in which they got it */
  ac_real *gradient; /* [reached][H] theirs: the tables are large, and few of their rows have one */
  int32_t *place;    /* [all rows] each row's place in that list, from 1; 0 where it is not in it */
  int32_t reached;   /* rows in the list */
  int32_t *slot;     /* [N][recalled] where each position's slots stand in the memory of all sequences */
} ac_ngrams;

/** Adds the tables to the table of tensors, all zero at first and without weight decay: its last tensors. */
void ac_ngrams_tensors(const ac_config *config, ac_tensor_builder *b);

/** Numbers that a sequence of a checked configuration remembers to recall; 0 where it does not. */
int64_t ac_recall_numbers(const ac_config *config);

/** Lays out the rows of a pass of `positions` positions, and places in each sequence's memory. */
void ac_ngrams_layout(const ac_room *room, ac_model *m, int64_t positions);

/** One step of the hash. */
uint32_t ac_mix(uint32_t h, uint32_t value);

/** Most rows of bytes, and of spans and tokens, that a position has. */
#define AC_MAX_BYTE_ROWS (2 * (AC_MAX_NGRAM - 1))
#define AC_MAX_SPAN_ROWS (2 * AC_MAX_SPANS + 1)

/** `row` of a position by its bytes, from the last one and its sequence's `memory`, which is brought up to date. */
void ac_ngrams_read(const ac_ngrams *n, int32_t symbol, ac_real *memory, int32_t *row);

/** Adds the embeddings of `row`, as ac_ngrams_read gave it, to x [H]. */
void ac_ngrams_add(const ac_model *m, const int32_t *row, ac_real *x);

/** The rows of position i of a pass that ac_spans_read gave. */
int32_t *ac_spans_row(const ac_model *m, int64_t i);

/**
 * `row` of a position by its spans, from its byte and its sequence's `memory`, which is brought up to date, where `border` says
 * whether the position ends its span. The last row is that of the token that begins there if it is a border.
 */
void ac_spans_read(const ac_ngrams *n, int32_t symbol, bool border, ac_real *memory, int32_t *row);

/** Adds the embeddings of the spans of `row`, as ac_spans_read gave it, to x [H]. */
void ac_spans_add(const ac_model *m, const int32_t *row, ac_real *x);

/** Adds the embedding of the token that begins at a position, where tokens have any, to x [H]; `row` as ac_spans_read gave it. */
void ac_token_add(const ac_model *m, const int32_t *row, ac_real *x);

/** Finds the spans' rows of all positions of a pass, whose borders are known; spans go on from `states` [sequences][width]. */
void ac_spans_find(ac_model *m, ac_real *states, int64_t width);

/** Adds ds [H] to the gradients of what ac_spans_add added at position i of a pass. */
void ac_spans_backward(ac_model *m, int64_t i, const ac_real *ds);

/** Adds dx [H] to the gradient of what ac_token_add added for the token that begins at position i of a pass. */
void ac_token_backward(ac_model *m, int64_t i, const ac_real *dx);

/** Finds the rows of all positions of a pass, whose sequences' bytes go on from `states` [sequences][width], and adds their embeddings to x [N][P]. */
void ac_ngrams_forward(ac_model *m, ac_real *states, int64_t width, ac_real *x);

/** Adds dx [N][P] to the gradients of what ac_ngrams_forward added. */
void ac_ngrams_backward(ac_model *m, const ac_real *dx);

/** Σ of the squares of the gradients. */
double ac_ngrams_squares(const ac_model *m);

/** The update of the rows that have a gradient. */
void ac_ngrams_update(ac_model *m, const ac_tensor *tensor, const ac_adamw_constants *constants);

#endif
