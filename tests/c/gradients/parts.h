/** The parts of a model, each on its own: linear layer, GRU block, head, meta heads. */
#ifndef PARTS_H
#define PARTS_H

#include "../../../c/head.h"
#include "../../../c/kernels/gemm.h"
#include "../../../c/meta.h"
#include "differences.h"

enum { MOST_TENSORS = 8, ARENA = 1 << 23, MOST_SEQUENCES = 3 };

/** A part with its few tensors, the rows of one level, its input, and a random covector of its output. */
typedef struct part {
  ac_shared shared;
  ac_tensor tensors[MOST_TENSORS];
  int32_t tensor_count;
  int64_t parameters;
  ac_arena arena;
  ac_room room; /* the arena for everything */
  ac_rows rows;
  ac_real *x, *hidden, *y, *covector, *dx, *dhidden;
  ac_linear linear;
  ac_gru gru;
  ac_head head;
  ac_head_pass pass;
  ac_meta meta;
  double squared_weight, distance_weight;
  ac_real *error; /* s of the unperturbed pass, which the second meta loss holds constant */
} part;

static int32_t add_tensor(part *q, int32_t rows, int32_t columns) {
  ac_tensor *t = &q->tensors[q->tensor_count];
  *t = (ac_tensor){.rank = 2, .shape = {rows, columns}, .offset = q->parameters, .size = (int64_t)rows * columns};
  q->parameters += t->size;
  return q->tensor_count++;
}

static void begin(part *q, int32_t hidden, double dropout) {
  *q = (part){.arena = {test_bytes(ARENA), 0}};
  q->room = (ac_room){&q->arena, &q->arena, &q->arena};
  q->shared.hidden = hidden;
  q->shared.padded = ac_padded(hidden);
  q->shared.dropout = dropout;
  q->shared.seed = 3;
  q->shared.dropout_step = 11;
  q->shared.first_sequence = 2;
  q->shared.tensors = q->tensors;
}

/** Parameters uniform in ±range, gradients at START, rows of the given lengths, and all the shared room. */
static void furnish(part *q, double range, int32_t sequences, const int32_t *lengths, int outputs) {
  int32_t total = 0, steps = 0;
  for (int32_t s = 0; s < sequences; s++) {
    total += lengths[s];
    steps = lengths[s] > steps ? lengths[s] : steps;
  }
  ac_shared *shared = &q->shared;
  const int64_t p = shared->padded, wide = ac_padded(outputs) > p ? ac_padded(outputs) : p;
  shared->parameters = AC_TAKE(&q->arena, ac_real, q->parameters);
  shared->gradients = AC_TAKE(&q->arena, ac_real, q->parameters);
  shared->zeros = AC_TAKE(&q->arena, ac_real, 4 * p);
  shared->scratch = AC_TAKE(&q->arena, ac_real, ac_gradient_scratch((int)wide, (int)p));
  shared->recurrent = AC_TAKE(&q->arena, ac_real, 3 * p * sequences);
  shared->between = AC_TAKE(&q->arena, ac_real, p * total);
  q->x = AC_TAKE(&q->arena, ac_real, p * total);
  q->hidden = AC_TAKE(&q->arena, ac_real, p * total);
  q->dx = AC_TAKE(&q->arena, ac_real, p * total);
  q->dhidden = AC_TAKE(&q->arena, ac_real, p * total);
  q->y = AC_TAKE(&q->arena, ac_real, wide * total);
  q->covector = AC_TAKE(&q->arena, ac_real, wide * total);
  q->error = AC_TAKE(&q->arena, ac_real, total);
  ac_rows_layout(&q->arena, sequences, steps, total, &q->rows);
  ac_rows_build(&q->rows, sequences, lengths);
  fill((size_t)q->parameters, range, shared->parameters);
  fill_with((size_t)q->parameters, START, shared->gradients);
  fill_rows(total, shared->hidden, shared->padded, 1, q->x);
  fill_rows(total, shared->hidden, shared->padded, 1, q->hidden);
  fill_with((size_t)(p * total), START, q->dx);
  fill_with((size_t)(p * total), START, q->dhidden);
  CHECK(q->arena.used <= ARENA, "the part has room");
}

/** Compares the gradients of all tensors, and of the inputs of about a dozen rows. */
static void compare(part *q, const char *what, loss_function loss, ac_real *x, const ac_real *dx, double start,
                    size_t sampled) {
  for (int32_t i = 0; i < q->tensor_count; i++) {
    const ac_tensor *t = &q->tensors[i];
    check_numbers(what, loss, q, (size_t)t->size, q->shared.parameters + t->offset, q->shared.gradients + t->offset,
                  START, sampled);
  }
  for (int32_t r = 0; r < q->rows.total; r += 1 + q->rows.total / 12) {
    const ptrdiff_t at = (ptrdiff_t)r * q->shared.padded;
    check_numbers(what, loss, q, (size_t)q->shared.hidden, x + at, dx + at, start, sampled);
  }
}

static double dot_rows(const part *q, const ac_real *y, int width, int stride) {
  double sum = 0;
  for (int32_t r = 0; r < q->rows.total; r++) {
    for (int i = 0; i < width; i++) {
      sum += q->covector[r * stride + i] * y[r * stride + i];
    }
  }
  return sum;
}

static double linear_loss(void *context) {
  part *q = context;
  ac_linear_pack(&q->shared, &q->linear, true);
  ac_linear_forward(&q->shared, &q->linear, q->rows.total, q->x, q->y);
  return dot_rows(q, q->y, q->linear.outputs, q->linear.out);
}

static void check_linear(int32_t hidden, int32_t outputs, int32_t rows) {
  part q;
  begin(&q, hidden, 0);
  ac_linear_tensors tensors;
  tensors.weight = add_tensor(&q, outputs, hidden);
  tensors.bias = add_tensor(&q, outputs, 1);
  furnish(&q, 1, 1, &rows, outputs);
  ac_linear_layout(&q.room, &q.shared, &tensors, outputs, &q.linear);
  fill_rows(rows, outputs, q.linear.out, 1, q.covector);
  linear_loss(&q);
  ac_linear_backward(&q.shared, &q.linear, rows, q.x, q.covector, q.dx);
  compare(&q, "linear layer", linear_loss, q.x, q.dx, START, 40);
}

static double gru_loss(void *context) {
  part *q = context;
  ac_gru_pack(&q->shared, &q->gru, true);
  ac_gru_forward(&q->shared, &q->gru, &q->rows, q->x, true);
  return dot_rows(q, q->gru.hidden[1], q->shared.hidden, q->shared.padded);
}

static void check_gru(int32_t hidden, double dropout, int32_t sequences, const int32_t *lengths) {
  part q;
  begin(&q, hidden, dropout);
  ac_gru_tensors tensors;
  for (int layer = 0; layer < 2; layer++) {
    tensors.weight_ih[layer] = add_tensor(&q, 3 * hidden, hidden);
    tensors.weight_hh[layer] = add_tensor(&q, 3 * hidden, hidden);
    tensors.bias_ih[layer] = add_tensor(&q, 3 * hidden, 1);
    tensors.bias_hh[layer] = add_tensor(&q, 3 * hidden, 1);
  }
  furnish(&q, 0.8, sequences, lengths, 0);
  ac_gru_layout(&q.room, &q.shared, &tensors, 5, q.rows.total, dropout > 0, &q.gru);
  fill_rows(q.rows.total, hidden, q.shared.padded, 1, q.covector);
  gru_loss(&q);
  /* The backward pass uses its dy up. */
  memcpy(q.y, q.covector, (size_t)(q.rows.total * q.shared.padded) * sizeof *q.y);
  ac_gru_backward(&q.shared, &q.gru, &q.rows, q.x, q.y, q.dx);
  compare(&q, "GRU block", gru_loss, q.x, q.dx, START, 24);
}

static double head_loss(void *context) {
  part *q = context;
  double below = 0;
  ac_linear_pack(&q->shared, &q->head.linear, true);
  const double cross_entropy = ac_head_run(&q->shared, &q->head, &q->pass, &below);
  return (double)q->pass.ce_weight * cross_entropy + (double)q->pass.floor_weight * below;
}

/** Weights in ±range: a large range has probabilities below the entropy's 1e-8. The floor lies among the entropies. */
static void check_head(int32_t hidden, int32_t rows, double range, bool floored) {
  part q;
  begin(&q, hidden, 0);
  ac_linear_tensors tensors;
  tensors.weight = add_tensor(&q, AC_SYMBOLS, hidden);
  tensors.bias = add_tensor(&q, AC_SYMBOLS, 1);
  furnish(&q, range, 1, &rows, AC_SYMBOLS);
  ac_head_layout(&q.room, &q.shared, &tensors, &q.head);
  int32_t *targets = AC_TAKE(&q.arena, int32_t, rows);
  for (int32_t r = 0; r < rows; r++) {
    targets[r] = r ? (int32_t)(ac_random_bits(&source) % AC_SYMBOLS) : AC_EOS;
  }
  q.pass = (ac_head_pass){.rows = &q.rows, .hidden = q.x, .targets = targets, .training = true};
  q.pass.ce_weight = 0.7 / rows;
  q.pass.floor_weight = 3.0 / rows;
  q.pass.gradient = q.dx;
  q.pass.entropy = AC_TAKE(&q.arena, ac_real, rows);
  head_loss(&q);
  if (floored) {
    double mean = 0;
    for (int32_t r = 0; r < rows; r++) {
      mean += q.pass.entropy[r] / rows;
    }
    q.pass.floor = rows > 1 ? mean : mean + 0.5;
    fill_with((size_t)q.parameters, START, q.shared.gradients);
    const double lower = head_loss(&q);
    q.pass.floor = 0;
    q.pass.training = false;
    CHECK(head_loss(&q) < lower, "the floor adds to the loss");
    q.pass.floor = rows > 1 ? mean : mean + 0.5;
  }
  q.pass.training = false;
  /* The head overwrites the gradient of its input, it does not add to it. */
  compare(&q, "head", head_loss, q.x, q.dx, 0, 5);
}

/** Both meta losses, the second with s as it was in the unperturbed pass. */
static double meta_loss(void *context) {
  part *q = context;
  ac_meta_pack(&q->shared, &q->meta, true);
  ac_meta_forward(&q->shared, &q->meta, &q->rows, q->hidden, q->x);
  double distance = 0;
  for (int32_t r = 0; r < q->rows.total; r++) {
    distance += (q->meta.score[r] - q->error[r]) * (q->meta.score[r] - q->error[r]);
  }
  return q->squared_weight * q->meta.squared + q->distance_weight * distance;
}

static void check_meta(int32_t hidden, int32_t sequences, const int32_t *lengths) {
  part q;
  begin(&q, hidden, 0);
  ac_linear_tensors predictor, uncertainty;
  predictor.weight = add_tensor(&q, hidden, hidden);
  predictor.bias = add_tensor(&q, hidden, 1);
  uncertainty.weight = add_tensor(&q, 1, hidden);
  uncertainty.bias = add_tensor(&q, 1, 1);
  const int32_t eos = add_tensor(&q, hidden, 1);
  furnish(&q, 1, sequences, lengths, 0);
  ac_meta_layout(&q.room, &q.shared, &predictor, &uncertainty, eos, q.rows.total, &q.meta);
  q.squared_weight = 0.6;
  q.distance_weight = 1.7;
  meta_loss(&q);
  memcpy(q.error, q.meta.error, (size_t)q.rows.total * sizeof *q.error);
  ac_meta_backward(&q.shared, &q.meta, &q.rows, q.squared_weight, q.distance_weight, q.hidden, q.dhidden, q.dx);
  compare(&q, "meta heads, by their inputs", meta_loss, q.x, q.dx, START, 60);
  compare(&q, "meta heads, by the states", meta_loss, q.hidden, q.dhidden, START, 60);
}

static void check_parts(void) {
  static const int32_t HIDDEN[] = {1, 3, 5, 8, 9}, OUTPUTS[] = {1, 3, 8, 257}, ROWS[] = {1, 2, 7};
  static const int32_t LENGTHS[][MOST_SEQUENCES] = {{1}, {2}, {7}, {1, 1, 1}, {2, 7, 1}, {7, 7, 3}};
  check_group("linear layer");
  for (size_t h = 0; h < 5; h++) {
    for (size_t o = 0; o < 4; o++) {
      for (size_t r = 0; r < 3; r++) {
        check_linear(HIDDEN[h], OUTPUTS[o], ROWS[r]);
        test_free_all();
      }
    }
  }
  check_group("GRU block");
  for (size_t h = 0; h < 5; h++) {
    for (size_t l = 0; l < 6; l++) {
      check_gru(HIDDEN[h], 0, LENGTHS[l][1] ? 3 : 1, LENGTHS[l]);
      check_gru(HIDDEN[h], 0.4, LENGTHS[l][1] ? 3 : 1, LENGTHS[l]);
      test_free_all();
    }
  }
  check_group("meta heads");
  for (size_t h = 0; h < 5; h++) {
    for (size_t l = 0; l < 6; l++) {
      check_meta(HIDDEN[h], LENGTHS[l][1] ? 3 : 1, LENGTHS[l]);
      test_free_all();
    }
  }
  check_group("head");
  for (size_t h = 0; h < 5; h++) {
    check_head(HIDDEN[h], 1, 1, false);
    check_head(HIDDEN[h], 1, 1, true);
    check_head(HIDDEN[h], 65, 3, true);
    check_head(HIDDEN[h], 70, 12, true);
    test_free_all();
  }
}

#endif
