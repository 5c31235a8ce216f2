/*
 * A seed decides everything: the same weights, masks and order of the data. Replicas that share a batch train as one
 * model does, and the random generator has the right distributions.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../c/random.h"
#include "support/check.h"
#include "support/models.h"

enum { BATCH = 8, LENGTH = 24 };

static ac_config settings(int32_t model_type, int32_t wiring, float dropout) {
  ac_config config = test_config(3, 12, BATCH, LENGTH);
  config.model_type = model_type;
  config.wiring = wiring;
  config.byte_entropy_threshold = 14;
  config.meta_uncertainty_threshold = 1.6f;
  config.learning_rate = 3e-3f;
  config.dropout = dropout;
  return config;
}

/** Batch `step` of a run: windows of the text in the order that the seed gives. */
static void take_batch(const ac_config *config, uint32_t step, uint8_t *bytes) {
  size_t size;
  const uint8_t *text = test_text(&size);
  const uint32_t windows = (uint32_t)(size / LENGTH);
  for (uint32_t s = 0; s < BATCH; s++) {
    memcpy(bytes + s * LENGTH, text + (size_t)ac_shuffled(config->seed, 0, windows, step * BATCH + s) * LENGTH, LENGTH);
  }
}

static void run(ac_model *model, uint32_t from, uint32_t to) {
  uint8_t bytes[BATCH * LENGTH];
  for (uint32_t step = from; step < to; step++) {
    take_batch(ac_model_config(model), step, bytes);
    ac_model_set_step(model, step);
    test_train(model, bytes, BATCH, LENGTH);
  }
}

static bool same_state(ac_model *a, ac_model *b) {
  const size_t bytes = (size_t)ac_model_size(a) * sizeof(ac_real);
  return memcmp(ac_model_parameters(a), ac_model_parameters(b), bytes) == 0 &&
         memcmp(ac_model_first_moments(a), ac_model_first_moments(b), bytes) == 0 &&
         memcmp(ac_model_second_moments(a), ac_model_second_moments(b), bytes) == 0 &&
         memcmp(ac_model_updates(a), ac_model_updates(b), (size_t)ac_model_tensors(a)->count * sizeof(int32_t)) == 0;
}

static void check_runs(int32_t model_type, int32_t wiring, float dropout) {
  ac_config config = settings(model_type, wiring, dropout);
  ac_model *one = test_model(&config), *two = test_model(&config);
  run(one, 0, 20);
  run(two, 0, 20);
  CHECK(same_state(one, two), "type %d, dropout %g: two runs have the same bits", (int)model_type, (double)dropout);

  /* Started again in the same block. */
  ac_model_reset(two);
  run(two, 0, 20);
  CHECK(same_state(one, two), "type %d, dropout %g: a run after a reset", (int)model_type, (double)dropout);

  /* Interrupted after 8 steps and resumed in another model, from what a checkpoint holds. */
  ac_model *three = test_model(&config), *four = test_model(&config);
  const size_t bytes = (size_t)ac_model_size(one) * sizeof(ac_real);
  run(three, 0, 8);
  test_copy_parameters(four, three);
  memcpy(ac_model_first_moments(four), ac_model_first_moments(three), bytes);
  memcpy(ac_model_second_moments(four), ac_model_second_moments(three), bytes);
  memcpy(ac_model_updates(four), ac_model_updates(three), (size_t)ac_model_tensors(one)->count * sizeof(int32_t));
  run(four, 8, 20);
  CHECK(same_state(one, four), "type %d, dropout %g: a resumed run", (int)model_type, (double)dropout);

  config.seed++;
  ac_model *other = test_model(&config);
  CHECK(memcmp(ac_model_parameters(other), ac_model_parameters(one), bytes) != 0, "another seed starts elsewhere");
  if (dropout > 0) {
    /* Only the masks differ between steps on the same data. */
    uint8_t data[BATCH * LENGTH];
    ac_losses losses[3];
    take_batch(&config, 0, data);
    for (uint32_t i = 0; i < 3; i++) {
      ac_model_set_step(other, i == 1 ? 1 : 0);
      test_forward(other, data, BATCH, LENGTH, AC_TRAIN, NULL);
      ac_losses_from_sums(&config, ac_model_sums(other), &losses[i]);
    }
    CHECK(losses[0].total != losses[1].total && losses[0].total == losses[2].total, "masks follow the step");
  }
}

/** Adds numbers to others. */
static void add_doubles(size_t n, double *to, const double *from) {
  for (size_t i = 0; i < n; i++) {
    to[i] += from[i];
  }
}

static ac_sums add_sums(ac_model *const replica[2]) {
  ac_sums sums[2] = {*ac_model_sums(replica[0]), *ac_model_sums(replica[1])};
  add_doubles(sizeof sums[0] / sizeof(double), (double *)&sums[0], (const double *)&sums[1]);
  return sums[0];
}

static void check_replicas(int32_t model_type, int32_t wiring, float dropout) {
  enum { HALF = BATCH / 2, STEPS = 50 };
  ac_config config = settings(model_type, wiring, dropout);
  config.entropy_floor = 5.4f;
  config.entropy_reg_weight = 0.1f;
  config.clip_norm = 1;
  ac_model *whole = test_model(&config);
  ac_model *const replica[2] = {test_replica(&config, HALF, 0), test_replica(&config, HALF, HALF)};
  uint8_t bytes[BATCH * LENGTH];
  double first = 0, norm[3];
  ac_losses losses = {0};
  for (uint32_t step = 0; step < STEPS; step++) {
    take_batch(&config, step, bytes);
    ac_model_set_step(whole, step);
    const double expected = test_train(whole, bytes, BATCH, LENGTH);
    for (int r = 0; r < 2; r++) {
      ac_model_set_step(replica[r], step);
      test_forward(replica[r], bytes + r * HALF * LENGTH, HALF, LENGTH, AC_TRAIN, NULL);
    }
    const ac_sums total = add_sums(replica);
    ac_losses_from_sums(&config, &total, &losses);
    first = step ? first : losses.total;
    CHECK_NEAR(losses.total, expected, 1e-5 * expected, "type %d, dropout %g: loss of step %u", (int)model_type,
               (double)dropout, step);
    bool fine = ac_model_backward(replica[0], &total) == AC_OK && ac_model_backward(replica[1], &total) == AC_OK;
    const int64_t size = ac_model_size(whole), half = size / 2;
    const ac_real *theirs = ac_model_gradients(replica[1]);
    fine = fine && ac_model_add_gradients(replica[0], half, size - half, theirs + half) == AC_OK &&
           ac_model_add_gradients(replica[0], 0, half, theirs) == AC_OK &&
           ac_model_add_gradients(replica[0], half, size - half + 1, theirs) == AC_BAD_INPUT &&
           ac_model_add_gradients(replica[0], -1, 1, theirs) == AC_BAD_INPUT &&
           ac_model_add_gradients(replica[0], 0, -1, theirs) == AC_BAD_INPUT &&
           ac_model_add_gradients(replica[0], size + 1, 0, theirs) == AC_BAD_INPUT;
    memcpy(ac_model_gradients(replica[1]), ac_model_gradients(replica[0]), (size_t)size * sizeof(ac_real));
    for (int r = 0; r < 2; r++) {
      fine = fine && ac_model_update(replica[r], (double)config.learning_rate, &norm[r]) == AC_OK;
    }
    CHECK(fine && norm[0] == norm[1] && same_state(replica[0], replica[1]), "the replicas stay one at step %u", step);
  }
  CHECK(losses.total < 0.9 * first, "type %d, dropout %g: the loss falls from %g to %g", (int)model_type,
        (double)dropout, first, losses.total);
}

static void check_shuffles(void) {
  static const uint32_t COUNTS[] = {1, 2, 3, 4, 5, 7, 16, 17, 63, 64, 65, 255, 257, 1000, 4096, 5000, 65537};
  for (size_t c = 0; c < sizeof COUNTS / sizeof *COUNTS; c++) {
    const uint32_t n = COUNTS[c];
    uint8_t *seen = test_bytes(n);
    uint32_t fresh = 0, kept = 0, other_epoch = 0, other_seed = 0;
    for (uint32_t i = 0; i < n; i++) {
      const uint32_t at = ac_shuffled(5, 2, n, i);
      if (at < n && !seen[at]) {
        seen[at] = 1;
        fresh++;
      }
      kept += at == i;
      other_epoch += at != ac_shuffled(5, 3, n, i);
      other_seed += at != ac_shuffled(6, 2, n, i);
    }
    CHECK(fresh == n, "a permutation of %u", n);
    /* A random permutation leaves one element in its place on average; two permutations agree at one place. */
    CHECK(n < 16 || (kept < 12 && other_epoch > n - 12 && other_seed > n - 12),
          "of %u: %u places kept, %u others in the next epoch, %u with the next seed", n, kept, other_epoch,
          other_seed);
  }
  CHECK(ac_shuffled(1, 1, 10, 10) == 0, "an index beyond the count");
}

/** Moments within five standard deviations, and all bits in use. */
static void check_generator(void) {
  enum { N = 200000 };
  ac_random r = ac_random_make(9, 4), again = ac_random_make(9, 4), other = ac_random_make(9, 5);
  double sum = 0, squares = 0, normal = 0, normal_squares = 0, fourth = 0, lagged = 0, last = 0;
  uint32_t ones = 0, zeros = 0, agree = 0, bins[16] = {0};
  bool inside = true, repeats = true;
  for (int i = 0; i < N; i++) {
    const uint32_t bits = ac_random_bits(&r);
    ones |= bits;
    zeros |= ~bits;
    repeats = repeats && bits == ac_random_bits(&again);
    agree += bits == ac_random_bits(&other);
    const double u = ac_random_uniform(&other), g = ac_random_normal(&other);
    inside = inside && u >= 0 && u < 1;
    bins[(int)(16 * u)]++;
    sum += u;
    squares += u * u;
    lagged += (u - 0.5) * (last - 0.5);
    last = u;
    normal += g;
    normal_squares += g * g;
    fourth += g * g * g * g;
  }
  const double deviation = 5 / sqrt(N);
  CHECK(repeats, "a seed and a stream decide what is drawn");
  CHECK(ones == UINT32_MAX && zeros == UINT32_MAX && agree <= 1,
        "all bits vary, and another stream gives other numbers");
  CHECK(inside, "uniform numbers are in [0, 1)");
  CHECK_NEAR(sum / N, 0.5, deviation * 0.289, "mean of uniform numbers");
  CHECK_NEAR(squares / N, 1.0 / 3, deviation * 0.299, "squares of uniform numbers");
  CHECK_NEAR(lagged / N, 0, deviation / 12, "neighbours of uniform numbers");
  CHECK_NEAR(normal / N, 0, deviation, "mean of normal numbers");
  CHECK_NEAR(normal_squares / N, 1, deviation * 1.42, "squares of normal numbers");
  CHECK_NEAR(fourth / N, 3, deviation * 9.8, "fourth powers of normal numbers");
  double chi = 0;
  for (int i = 0; i < 16; i++) {
    chi += (bins[i] - N / 16.0) * (bins[i] - N / 16.0) / (N / 16.0);
  }
  CHECK(chi < 50, "sixteenths of uniform numbers: chi-squared %g with 15 degrees of freedom", chi);
}

int main(void) {
  check_group("runs of one seed");
  check_runs(AC_ADAPTIVE, AC_MIRROR, 0);
  check_runs(AC_ADAPTIVE, AC_MIRROR, 0.2f);
  check_runs(AC_ADAPTIVE, AC_RESIDUAL, 0.2f);
  check_runs(AC_BASELINE, AC_MIRROR, 0.2f);
  test_free_all();
  check_group("replicas");
  check_replicas(AC_ADAPTIVE, AC_MIRROR, 0);
  check_replicas(AC_ADAPTIVE, AC_MIRROR, 0.2f);
  check_replicas(AC_ADAPTIVE, AC_RESIDUAL, 0.2f);
  check_replicas(AC_BASELINE, AC_MIRROR, 0.2f);
  test_free_all();
  check_group("orders of the data");
  check_shuffles();
  test_free_all();
  check_group("generator");
  check_generator();
  return check_finish("seeds");
}
