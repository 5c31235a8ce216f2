/*
 * A number that is not finite is reported, wherever it comes in, and leaves nothing behind: once the weights are good
 * again, so is everything else, to the bit.
 */
#include <math.h>
#include <string.h>

#include "support/check.h"
#include "support/models.h"

enum { BATCH = 2, LENGTH = 40 };

static uint8_t text[BATCH * LENGTH];

static ac_model *new_model(int32_t model_type, int32_t border_mode) {
  ac_config config = test_config(3, 5, BATCH, LENGTH);
  config.model_type = model_type;
  config.border_mode = border_mode;
  config.byte_entropy_threshold = 11;
  config.meta_uncertainty_threshold = 1.2f;
  config.entropy_floor = 5.6f;
  config.threshold = 0.3f;
  ac_model *model = test_model(&config);
  if (model_type == AC_ADAPTIVE) {
    /* The encoder bets on blanks, so that some of its predictions are right. */
    ac_model_parameters(model)[test_tensor(model, "byte_encoder_head.bias")->offset + ' '] += 3;
    ac_model_parameters_changed(model);
  }
  return model;
}

static double loss_of(ac_model *model, ac_purpose purpose) {
  ac_losses losses;
  test_forward(model, text, BATCH, LENGTH, purpose, NULL);
  ac_losses_from_sums(ac_model_config(model), ac_model_sums(model), &losses);
  return losses.total;
}

/** Puts a bad number into one parameter of each tensor in turn. */
static void check_parameters(ac_model *model, ac_real bad) {
  const ac_tensor_table *table = ac_model_tensors(model);
  ac_real *parameters = ac_model_parameters(model);
  const double good = loss_of(model, AC_TRAIN);
  const double *conditioned = ac_model_sums(model)->conditioned;
  CHECK((conditioned[0] > 0 && conditioned[1] > 0) || ac_model_config(model)->model_type == AC_BASELINE,
        "%g and %g positions have parents", conditioned[0], conditioned[1]);
  for (int32_t i = 0; i < table->count; i++) {
    const ac_tensor *t = &table->rows[i];
    if (t->reach < 0) {
      continue;
    }
    /* In the embedding, a row that is read; in a head, also symbols that are never a target. */
    const int64_t place = i == table->embedding ? text[3] * t->shape[1] : (t->size - 1) / 3;
    ac_real *at = parameters + t->offset + place;
    const ac_real kept = *at;
    for (int purpose = AC_EVALUATE; purpose <= AC_TRAIN; purpose++) {
      *at = bad;
      ac_model_parameters_changed(model);
      CHECK(ac_model_forward(model, text, BATCH, LENGTH, (ac_purpose)purpose, NULL) == AC_NOT_FINITE,
            "%g in %s is told (purpose %d, mode %d)", (double)bad, t->name, purpose,
            (int)ac_model_config(model)->border_mode);
      CHECK(ac_model_backward(model, ac_model_sums(model)) == AC_WRONG_ORDER, "no backward pass after %s", t->name);
      *at = kept;
      ac_model_parameters_changed(model);
      CHECK(loss_of(model, (ac_purpose)purpose) == good, "all is well again after %s", t->name);
    }
  }
}

/** A stream that has read with such weights is as good as new after a reset. */
static void check_stream(ac_model *model) {
  ac_stream *stream = test_stream(model);
  ac_real good[AC_SYMBOLS];
  for (int t = 0; t < LENGTH; t++) {
    memcpy(good, ac_stream_feed(stream, text[t], -1, AC_WANT_DECODER)->decoder.logits, sizeof good);
  }
  ac_real *parameter = ac_model_parameters(model) + ac_model_size(model) / 2, kept = *parameter;
  *parameter = (ac_real)NAN;
  ac_model_parameters_changed(model);
  for (int t = 0; t < LENGTH; t++) {
    ac_stream_feed(stream, text[t], -1, AC_WANT_DECODER | AC_WANT_ENCODER | AC_WANT_PREDICTIONS);
  }
  *parameter = kept;
  ac_model_parameters_changed(model);
  ac_stream_reset(stream);
  const ac_outcome *outcome = NULL;
  for (int t = 0; t < LENGTH; t++) {
    outcome = ac_stream_feed(stream, text[t], -1, AC_WANT_DECODER);
  }
  CHECK_SAME(outcome->decoder.logits, good, sizeof good, "a stream after a reset");
}

/** An update with a bad gradient, or at a bad rate, changes nothing; the same update with good ones goes through. */
static void check_update(ac_model *model, ac_real bad) {
  const size_t size = (size_t)ac_model_size(model), bytes = size * sizeof(ac_real);
  const size_t counts = (size_t)ac_model_tensors(model)->count * sizeof(int32_t);
  ac_real *kept[4];
  int32_t updates[128];
  for (int i = 0; i < 4; i++) {
    kept[i] = test_reals(size);
  }
  test_train(model, text, BATCH, LENGTH);
  loss_of(model, AC_TRAIN);
  CHECK(ac_model_backward(model, ac_model_sums(model)) == AC_OK, "a backward pass");
  ac_real *const arrays[4] = {ac_model_parameters(model), ac_model_first_moments(model), ac_model_second_moments(model),
                              ac_model_gradients(model)};
  for (int i = 0; i < 4; i++) {
    memcpy(kept[i], arrays[i], bytes);
  }
  memcpy(updates, ac_model_updates(model), counts);
  double norm;
  for (size_t place = 0; place < size; place += size / 7 + 1) {
    arrays[3][place] = bad;
    CHECK(ac_model_update(model, 1e-3, &norm) == AC_NOT_FINITE, "a gradient of %g is reported", (double)bad);
    arrays[3][place] = kept[3][place];
  }
  CHECK(ac_model_update(model, (double)NAN, &norm) == AC_NOT_FINITE, "a learning rate of NaN");
  CHECK(ac_model_update(model, (double)INFINITY, &norm) == AC_NOT_FINITE, "an infinite learning rate");
  for (int i = 0; i < 4; i++) {
    CHECK_SAME(arrays[i], kept[i], bytes, "a refused update leaves array %d", i);
  }
  CHECK_SAME(ac_model_updates(model), updates, counts, "the counts of updates");
  CHECK(ac_model_update(model, 1e-3, &norm) == AC_OK && isfinite(norm) && memcmp(arrays[0], kept[0], bytes) != 0,
        "the update goes through with good gradients");
}

int main(void) {
  size_t size;
  memcpy(text, test_text(&size), sizeof text);
  check_group("parameters that are not finite");
  check_parameters(new_model(AC_ADAPTIVE, AC_UNCERTAINTY), (ac_real)NAN);
  check_parameters(new_model(AC_ADAPTIVE, AC_TEACHER_FORCED), (ac_real)NAN);
  check_parameters(new_model(AC_BASELINE, AC_UNCERTAINTY), (ac_real)NAN);
  check_group("streams");
  check_stream(new_model(AC_ADAPTIVE, AC_UNCERTAINTY));
  check_stream(new_model(AC_BASELINE, AC_UNCERTAINTY));
  check_group("gradients that are not finite");
  check_update(new_model(AC_ADAPTIVE, AC_UNCERTAINTY), (ac_real)NAN);
  check_update(new_model(AC_ADAPTIVE, AC_UNCERTAINTY), (ac_real)INFINITY);
  check_update(new_model(AC_BASELINE, AC_UNCERTAINTY), (ac_real)-INFINITY);
  test_free_all();
  return check_finish("finite");
}
