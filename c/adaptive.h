/** The adaptive model whose decoder mirrors its encoder: adaptive.c has the pass, adaptive_stream.c the stream. */
#ifndef AC_ADAPTIVE_H
#define AC_ADAPTIVE_H

#include "kinds.h"

extern const ac_kind ac_adaptive_kind;

/** The number of parameters of a model with this hidden size and number of levels. */
int64_t ac_adaptive_parameters(int64_t hidden, int64_t levels);

/** Numbers in a stream's memory of one sequence. */
int64_t ac_adaptive_memory(const ac_model *m);

/* Its stream functions; see ac_kind. */
void ac_adaptive_stream_layout(ac_arena *arena, const ac_model *m, ac_stream *s);
void ac_adaptive_stream_derive(ac_stream *s);
void ac_adaptive_stream_feed(ac_stream *s, int32_t target, int wants);
const ac_real *ac_adaptive_stream_state(const ac_stream *s, int32_t kind, int32_t level, int32_t layer);

#endif
