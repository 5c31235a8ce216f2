#include "learner.h"

#include <stddef.h>

#include "arena.h"
#include "kernels/math.h"
#include "random.h"

/**
 * Most windows remembered, and numbers of what streams recalled at their starts. The next lesson comes after 1/EARLY of the
 * windows so far, or after a stride if that is less.
 */
enum { MOST_KEPT = 1 << 20, MOST_NUMBERS = 1 << 26, EARLY = 16 };

struct ac_learner {
  ac_lessons lessons;
  ac_model *model;
  ac_stream *stream;
  ac_listener listener;
  ac_predictor reader; /* the stream alone */
  ac_random random;
  int64_t size;     /* bytes so far */
  int64_t due;      /* windows before the next lesson */
  int64_t held;     /* lessons so far */
  uint8_t *text;    /* [kept][window] window w at w % kept */
  ac_memory starts; /* [kept] what the stream remembered at its start */
  uint8_t *batch;   /* [batch_size][window] */
  int32_t *next;    /* [batch_size] */
};

/** Windows to keep: fewer where what a stream recalls is large. */
static int32_t keeps(ac_model *model, const ac_lessons *lessons) {
  if (!ac_model_config(model)->recall) {
    return lessons->kept;
  }
  const int64_t most = MOST_NUMBERS / ac_model_memory(model, AC_TRAIN)->width,
                batch = ac_model_config(model)->batch_size;
  const int64_t kept = most > batch + 1 ? most : batch + 1;
  return kept < lessons->kept ? (int32_t)kept : lessons->kept;
}

static void layout(ac_arena *arena, ac_learner *l, ac_model *model) {
  const ac_config *config = ac_model_config(model);
  const ac_memory *memory = ac_model_memory(model, AC_TRAIN);
  l->lessons.kept = keeps(model, &l->lessons);
  const int64_t kept = l->lessons.kept, window = config->sequence_length, batch = config->batch_size;
  l->text = AC_TAKE(arena, uint8_t, kept * window);
  ac_memory_layout(arena, l->lessons.kept, memory->width, memory->levels, &l->starts);
  l->batch = AC_TAKE(arena, uint8_t, batch * window);
  l->next = AC_TAKE(arena, int32_t, batch);
}

static bool fits(ac_model *model, const ac_lessons *lessons) {
  const ac_config *config = ac_model_config(model);
  return ac_model_memory(model, AC_TRAIN)->states && lessons->stride > 0 &&
         lessons->stride % config->sequence_length == 0 && lessons->fresh > 0 && lessons->fresh <= config->batch_size &&
         lessons->kept > config->batch_size && lessons->kept <= MOST_KEPT && lessons->rising > 0 &&
         lessons->falling > 0;
}

uint64_t ac_learner_bytes(ac_model *model, const ac_lessons *lessons) {
  if (!fits(model, lessons)) {
    return 0;
  }
  ac_arena arena = {NULL, 0};
  ac_learner counted = {.lessons = *lessons};
  ac_take(&arena, 1, sizeof counted);
  layout(&arena, &counted, model);
  return arena.used;
}

ac_status ac_learner_init(ac_model *model, ac_stream *stream, const ac_lessons *lessons, void *block, uint64_t bytes,
                          ac_learner **out) {
  const uint64_t needed = ac_learner_bytes(model, lessons);
  if (needed == 0) {
    return AC_BAD_SETTING;
  }
  if (bytes < needed) {
    return AC_SMALL_BLOCK;
  }
  ac_arena arena = {block, 0};
  ac_learner *l = ac_take(&arena, 1, sizeof *l);
  *l = (ac_learner){.lessons = *lessons, .model = model, .stream = stream};
  layout(&arena, l, model);
  l->reader = ac_listener_make(stream, &l->listener);
  l->random = ac_random_make(ac_model_config(model)->seed, 0);
  *out = l;
  return AC_OK;
}

/** Keeps a copy of the stream's memory, at the start of window w. */
static void remember(ac_learner *l, int64_t w) {
  ac_memory_copy(&l->starts, (int32_t)(w % l->lessons.kept), ac_stream_memory(l->stream), 0);
}

/** Puts window w into the batch, as sequence s. */
static void deal(ac_learner *l, int64_t w, int32_t s) {
  const int32_t window = ac_model_config(l->model)->sequence_length;
  const int64_t place = w % l->lessons.kept;
  for (int32_t i = 0; i < window; i++) {
    l->batch[s * window + i] = l->text[place * window + i];
  }
  l->next[s] = l->text[(w + 1) % l->lessons.kept * window];
  ac_memory_copy(ac_model_memory(l->model, AC_TRAIN), s, &l->starts, (int32_t)place);
}

static double rate(const ac_learner *l) {
  const double full = (double)ac_model_config(l->model)->learning_rate;
  const double risen = l->held < l->lessons.rising ? (double)(l->held + 1) / l->lessons.rising : 1;
  return full * risen / ac_sqrt_scalar(1 + (double)l->size / l->lessons.falling);
}

/** Trains the model once. `whole`: the number of windows whose following byte is known too. */
static void learn(ac_learner *l, int64_t whole) {
  const ac_config *config = ac_model_config(l->model);
  const int64_t oldest = whole < l->lessons.kept ? 0 : whole - l->lessons.kept + 1;
  const int64_t before = whole - l->lessons.fresh;
  int32_t count = 0;
  for (int64_t w = whole - 1; w >= oldest && count < l->lessons.fresh; w--) {
    deal(l, w, count++);
  }
  while (before > oldest && count < config->batch_size) {
    deal(l, oldest + ac_random_bits(&l->random) % (uint32_t)(before - oldest), count++);
  }
  if (ac_model_continue(l->model, l->batch, l->next, count, config->sequence_length, AC_TRAIN, NULL) != AC_OK) {
    /* Nothing is changed: the model goes on as it is, on both sides. */
    return;
  }
  double norm;
  ac_model_backward(l->model, ac_model_sums(l->model));
  ac_model_update(l->model, rate(l), &norm);
  l->held++;
  for (int32_t level = 0; level < config->num_levels - 1; level++) {
    ac_stream_set_threshold(l->stream, level, ac_model_thresholds(l->model)[level]);
  }
}

static const ac_real *expect(void *state) {
  const ac_learner *l = state;
  return l->reader.expect(l->reader.state);
}

static void feed(void *state, uint8_t byte) {
  ac_learner *l = state;
  const int32_t window = ac_model_config(l->model)->sequence_length;
  const int64_t w = l->size / window, place = l->size % window;
  if (place == 0) {
    remember(l, w);
  }
  l->text[w % l->lessons.kept * window + place] = byte;
  l->size++;
  l->reader.feed(l->reader.state, byte);
  if (place == 0 && w > 0 && w >= l->due) {
    const int64_t most = l->lessons.stride / window, wait = w / EARLY < most ? w / EARLY : most;
    learn(l, w);
    l->due = w + (wait > 0 ? wait : 1);
  }
}

ac_predictor ac_learner_predictor(ac_learner *learner) { return (ac_predictor){learner, expect, feed}; }
