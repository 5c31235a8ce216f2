/** Internals of a stream: what stream.c and the kinds of model share; not for hosts. */
#ifndef AC_STREAM_PARTS_H
#define AC_STREAM_PARTS_H

#include "model_parts.h"

/** A level: places in the stream's memory, and what the stream has beside it. */
typedef struct ac_level_state {
  ac_real *encoder, *decoder; /* [layers][P] hidden states; of the residual stream the second are its blocks' */
  ac_real *given;             /* [P] the output of the level's latest token that conditions the level below */
  ac_real *prediction;        /* [P] of the level's next input */
  ac_real *predicted;         /* 1 where that is there, else 0 */
  ac_rule_state *rule;        /* its count is that of the level's tokens */
  ac_real *parent;            /* [P] projection of the output above: conditions this level's positions now */
  ac_real *orphan;            /* [P] projection of no vector, 0 */
  bool off;                   /* whether its positions go without a parent */
  ac_real *input, *stream;    /* [P below], [P] of the residual stream: the latest input, what the level gives */
  ac_real threshold;
} ac_level_state;

struct ac_stream {
  ac_model *model;
  ac_memory memory; /* of one sequence */
  bool derived;     /* whether what follows from the memory is up to date */
  ac_level_state level[AC_MAX_LEVELS];
  ac_real *work;                  /* [7P] */
  ac_real *input, *output, *mix;  /* [P] */
  int32_t symbol;                 /* the current byte */
  uint8_t mark;                   /* of the current byte; between bytes, of the next */
  int32_t span[AC_MAX_SPAN_ROWS]; /* rows of its spans' tables, and of its token's */
  ac_outcome outcome;
  void *own; /* whatever else a kind has */
};

/** The place of the number `at` of a stream's memory; NULL while memory is only counted. */
static inline ac_real *ac_stream_place(const ac_stream *s, int64_t at) {
  return s->memory.states ? s->memory.states + at : NULL;
}

/** What a head says of the state `hidden` [P]; `target` is the symbol that follows, or −1. */
void ac_stream_predict(const ac_stream *s, const ac_head *head, const ac_real *hidden, int32_t target,
                       ac_prediction *out);

/** Applies a level's rule to a position: fills the token's border and sum from its score. */
void ac_stream_route(ac_stream *s, int l, ac_token *token);

#endif
