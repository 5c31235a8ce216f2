/**
 * The kinds of model, one row each, with the functions in which they differ. A new kind is a row in kinds.c and its own
 * files; what all kinds share is in model.c and stream.c, which call through the row.
 */
#ifndef AC_KINDS_H
#define AC_KINDS_H

#include "stream.h"

typedef struct ac_kind {
  int32_t model_type, wiring; /* the settings that choose it; the wiring only counts for AC_ADAPTIVE */
  bool hierarchy;             /* whether it has levels, and so borders */
  bool carries;               /* whether a pass can go on from where the one before it ended */

  /** AC_BAD_SETTING where a configuration, though within all ranges, asks for what this kind does not have; NULL where it has all. */
  ac_status (*check)(const ac_config *config);
  /** Adds its tensors to the table, in order. */
  void (*tensors)(const ac_config *config, ac_tensor_builder *builder);

  /** Lays out its own parts of a model. */
  void (*layout)(const ac_room *room, ac_model *m);
  /** Packs weights as they are now, for the forward pass and, if wanted, the backward pass. */
  void (*pack)(ac_model *m, bool backward);
  /** The forward pass over the rows of level 0: fills `m->sums`, except its sequences and bytes. `outputs` may be NULL. */
  void (*forward)(ac_model *m, bool training, const ac_outputs *outputs);
  /** The backward pass, scaled by `m->total`: adds to the gradients, which already hold those of the heads. */
  void (*backward)(ac_model *m);
  /** Steers thresholds by `m->total`, after an update of the parameters; NULL where there is nothing to steer. */
  void (*steer)(ac_model *m);
  /** Losses from sums. */
  void (*losses)(const ac_config *config, const ac_sums *sums, ac_losses *losses);

  /** Lays out what a stream has besides its memory, and finds its places in that. NULL where there is nothing. */
  void (*stream_layout)(ac_arena *arena, const ac_model *m, ac_stream *s);
  /** Works out what follows from the memory and the weights; NULL where nothing does. */
  void (*stream_derive)(ac_stream *s);
  /** Reads the byte `s->symbol`, whose embedding is in `s->input`; fills s->outcome. */
  void (*stream_feed)(ac_stream *s, int32_t target, int wants);
  /** As ac_stream_state. */
  const ac_real *(*stream_state)(const ac_stream *s, int32_t kind, int32_t level, int32_t layer);
} ac_kind;

/** The kind that a configuration chooses; NULL where there is none. */
const ac_kind *ac_kind_of(const ac_config *config);

#endif
