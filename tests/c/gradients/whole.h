/**
 * Whole models: the gradient of the total loss in every tensor, along random directions and in single numbers. Borders
 * are piecewise constant and pass no gradient, so a difference that moves one means nothing: it is left out and counted.
 */
#ifndef WHOLE_H
#define WHOLE_H

#include "../../../c/model_parts.h"
#include "differences.h"

enum { MOST_ROWS = 72, MOST_NUMBERS = 4096 };

/** A model, its input, and the values of the unperturbed pass that differences hold constant. */
typedef struct whole {
  ac_config config;
  ac_model *model;
  uint8_t bytes[MOST_ROWS];
  uint8_t mask[AC_MAX_LEVELS][MOST_ROWS];
  ac_real error[AC_MAX_LEVELS][MOST_ROWS];
  bool moved; /* a border, since this was last cleared */
  ac_real *gradients;
} whole;

/** What came up in all the cases: without it the test would be empty. */
static struct {
  long cases, differences, left_out;
  long ragged, single;             /* cases with sequences of different lengths, with one token, at a higher level */
  long conditioned[AC_MAX_LEVELS]; /* cases with parents that condition this level */
  long unreached;                  /* tensors that no gradient reaches */
} met;

static bool has_borders(const whole *w, int l) {
  return w->config.model_type == AC_ADAPTIVE && l < w->config.num_levels - 1;
}

static void forward(whole *w, ac_purpose purpose) {
  ac_model_parameters_changed(w->model);
  test_forward(w->model, w->bytes, w->config.batch_size, w->config.sequence_length, purpose, NULL);
}

/** The total loss, with the s of the second meta loss as it was in the unperturbed pass. */
static double total_loss(whole *w) {
  /* Without dropout, a pass that prepares no gradients gives the same, faster. */
  forward(w, w->config.dropout > 0 ? AC_TRAIN : AC_EVALUATE);
  ac_losses losses;
  ac_losses_from_sums(&w->config, ac_model_sums(w->model), &losses);
  const int levels = w->config.model_type == AC_BASELINE ? 1 : w->config.num_levels;
  for (int l = 0; l < levels; l++) {
    const ac_level *level = &w->model->level[l];
    if (has_borders(w, l) && memcmp(level->links.mask, w->mask[l], (size_t)level->rows.total) != 0) {
      w->moved = true;
      return NAN;
    }
    double distance = 0;
    for (int32_t i = 0; l > 0 && i < level->rows.total; i++) {
      distance += (level->meta.score[i] - w->error[l][i]) * (level->meta.score[i] - w->error[l][i]);
    }
    if (l > 0) {
      losses.total += (double)w->config.uncertainty_loss_weight * (distance - ac_model_sums(w->model)->distance[l]) /
                      level->rows.total / (levels - 1);
    }
  }
  return losses.total;
}

/** The difference along a direction of length 1 in a tensor; false where a border moves. */
static bool difference_along(whole *w, const ac_tensor *t, const double *direction, double *out) {
  ac_real *x = ac_model_parameters(w->model) + t->offset, kept[MOST_NUMBERS];
  double loss[2];
  memcpy(kept, x, (size_t)t->size * sizeof *x);
  w->moved = false;
  for (int side = 0; side < 2; side++) {
    for (int64_t i = 0; i < t->size; i++) {
      x[i] = kept[i] + (side ? -STEP : STEP) * direction[i];
    }
    loss[side] = total_loss(w);
  }
  memcpy(x, kept, (size_t)t->size * sizeof *x);
  *out = (loss[0] - loss[1]) / (2 * STEP);
  return !w->moved;
}

/** Along a random direction (`single` < 0), or in one number of a tensor. Tries again when a border moves. */
static void check_direction(whole *w, const ac_tensor *t, int64_t single) {
  double direction[MOST_NUMBERS] = {0}, length = 0, difference = 0, gradient = 0;
  for (int64_t i = 0; i < t->size; i++) {
    direction[i] = single < 0 ? ac_random_normal(&source) : i == single;
    length += direction[i] * direction[i];
  }
  for (int64_t i = 0; i < t->size; i++) {
    direction[i] /= sqrt(length);
    gradient += direction[i] * (double)w->gradients[t->offset + i];
  }
  if (!difference_along(w, t, direction, &difference)) {
    met.left_out++;
    return;
  }
  met.differences++;
  CHECK_NEAR(gradient, difference, RELATIVE * fabs(difference) + FLOOR,
             "%s (%d), H %d, L %d, B %d, T %d, mode %d, p %g", t->name, (int)single, (int)w->config.hidden_size,
             (int)w->config.num_levels, (int)w->config.batch_size, (int)w->config.sequence_length,
             (int)w->config.border_mode, (double)w->config.dropout);
}

static void check_tensors(whole *w) {
  const ac_tensor_table *table = ac_model_tensors(w->model);
  for (int32_t i = 0; i < table->count; i++) {
    const ac_tensor *t = &table->rows[i];
    if (t->size == 0) {
      continue;
    }
    if (!ac_model_reaches(w->model, t)) {
      int64_t zeros = 0;
      while (zeros < t->size && w->gradients[t->offset + zeros] == 0) {
        zeros++;
      }
      CHECK(zeros == t->size, "no gradient reaches %s", t->name);
      met.unreached++;
    }
    check_direction(w, t, -1);
    if (i % 4 == (int32_t)(met.cases % 4)) {
      check_direction(w, t, (int64_t)(ac_random_bits(&source) % (uint64_t)t->size));
    }
  }
}

/** Multiplies a tensor, if there is one with that number. */
static void multiply(whole *w, int32_t tensor, double factor) {
  const ac_tensor *t = &ac_model_tensors(w->model)->rows[tensor];
  for (int64_t i = 0; i < t->size; i++) {
    ac_model_parameters(w->model)[t->offset + i] *= factor;
  }
}

/** Weights for which entropies and uncertainties vary and the encoder is sometimes right. */
static void enliven(whole *w) {
  const ac_tensor_table *table = ac_model_tensors(w->model);
  if (w->config.model_type == AC_BASELINE) {
    return;
  }
  multiply(w, table->encoder_head.weight, 4);
  for (int i = 0; i < 4; i++) {
    ac_model_parameters(w->model)[table->rows[table->encoder_head.bias].offset + 'a' + i] += 3.5;
  }
  for (int l = 0; l < w->config.num_levels - 1; l++) {
    multiply(w, table->uncertainty[l].weight, 3);
  }
}

/** Records the values of the unperturbed pass, and what came up in it. */
static void note(whole *w) {
  bool ragged = false, single = false;
  for (int l = 0; w->config.model_type == AC_ADAPTIVE && l < w->config.num_levels; l++) {
    const ac_level *level = &w->model->level[l];
    if (has_borders(w, l)) {
      memcpy(w->mask[l], level->links.mask, (size_t)level->rows.total);
      met.conditioned[l] += ac_model_sums(w->model)->conditioned[l] > 0;
    }
    if (l > 0) {
      memcpy(w->error[l], level->meta.error, (size_t)level->rows.total * sizeof(ac_real));
      ragged = ragged || level->rows.count[level->rows.steps - 1] < level->rows.sequences;
      single = single || level->rows.steps == 1;
    }
  }
  met.ragged += ragged;
  met.single += single;
}

static void check_whole(int32_t model_type, int32_t hidden, int32_t levels, int32_t batch, int32_t length,
                        long number) {
  whole w = {.config = test_config(levels, hidden, batch, length)};
  ac_config *c = &w.config;
  c->model_type = model_type;
  c->border_mode = number % 2 ? AC_TEACHER_FORCED : AC_UNCERTAINTY;
  c->dropout = number / 2 % 3 == 1 ? 0.3f : 0;
  c->entropy_floor = number / 4 % 2 ? 4.5f : 0;
  c->entropy_reg_weight = 0.4f;
  c->encoder_loss_weight = 0.7f;
  c->decoder_loss_weight = 1.3f;
  c->meta_loss_weight = 0.6f;
  c->uncertainty_loss_weight = 0.9f;
  c->byte_entropy_threshold = (float)uniform(4, 9);
  c->meta_uncertainty_threshold = (float)uniform(0.6, 1.8);
  c->threshold = (float)uniform(0.1, 0.6);
  c->seed = (uint32_t)number;
  w.model = test_model(c);
  for (int i = 0; i < batch * length; i++) {
    w.bytes[i] = (uint8_t)('a' + ac_random_bits(&source) % 4);
  }
  enliven(&w);
  ac_model_set_step(w.model, 17);
  forward(&w, AC_TRAIN);
  note(&w);
  CHECK(ac_model_backward(w.model, ac_model_sums(w.model)) == AC_OK, "the backward pass");
  const size_t size = (size_t)ac_model_size(w.model);
  w.gradients = test_reals(size);
  ac_model_copy_gradients(w.model, w.gradients);
  check_tensors(&w);
  met.cases++;
  test_free_all();
}

static void check_models(void) {
  static const int32_t HIDDEN[] = {1, 3, 5, 8, 9}, BATCH[] = {1, 3}, LENGTH[] = {1, 2, 7};
  long number = 0;
  check_group("adaptive model, 1 to 4 levels");
  for (size_t h = 0; h < 5; h++) {
    for (int32_t levels = 1; levels <= 4; levels++) {
      for (size_t b = 0; b < 2; b++) {
        for (size_t t = 0; t < 3; t++) {
          check_whole(AC_ADAPTIVE, HIDDEN[h], levels, BATCH[b], LENGTH[t], number++);
        }
      }
    }
  }
  check_group("adaptive model, longer sequences");
  for (int32_t levels = 3; levels <= 4; levels++) {
    for (long settings = 0; settings < 4; settings++) {
      check_whole(AC_ADAPTIVE, settings % 3 ? 3 : 9, levels, 3, 24, 1000 + settings);
    }
  }
  const long adaptive = met.cases;
  check_group("baseline");
  for (size_t h = 0; h < 5; h++) {
    for (int32_t levels = 1; levels <= 3; levels++) {
      check_whole(AC_BASELINE, HIDDEN[h], levels, BATCH[levels % 2], LENGTH[(h + (size_t)levels) % 3], number++);
    }
  }
  check_group("what came up in the cases");
  CHECK(adaptive == 128 && met.cases == 143, "%ld cases", met.cases);
  CHECK(met.differences > 50 * met.left_out, "%ld differences, %ld left out", met.differences, met.left_out);
  CHECK(met.ragged >= 15, "%ld cases with sequences of different lengths above", met.ragged);
  CHECK(met.single >= 30, "%ld cases with one token at a level above", met.single);
  CHECK(met.conditioned[0] >= 30 && met.conditioned[1] >= 10 && met.conditioned[2] >= 3,
        "%ld, %ld, %ld cases with conditioned positions at levels 0, 1, 2", met.conditioned[0], met.conditioned[1],
        met.conditioned[2]);
  CHECK(met.unreached >= 30, "%ld tensors that no gradient reaches", met.unreached);
}

#endif
