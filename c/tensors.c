#include "tensors.h"

#include "kernels/math.h"
#include "kinds.h"

int64_t ac_gru_parameters(int64_t h) { return 12 * h * h + 12 * h; }

static char *append(char *out, const char *end, const char *text) {
  while (*text && out < end) {
    *out++ = *text++;
  }
  return out;
}

/** `prefix`, the number unless it is negative, `suffix`. */
static void write_name(char *name, const char *prefix, int number, const char *suffix) {
  const char *end = name + AC_TENSOR_NAME - 1;
  char digits[3] = {(char)('0' + number / 10), (char)('0' + number % 10), 0};
  char *out = append(name, end, prefix);
  if (number >= 0) {
    out = append(out, end, digits + (number < 10));
  }
  *append(out, end, suffix) = 0;
}

int32_t ac_add_tensor(ac_tensor_builder *b, const char *prefix, int number, const char *suffix, int32_t rows,
                      int32_t columns, ac_start start) {
  ac_tensor_table *t = b->table;
  const int32_t i = t->count++;
  const int64_t size = (int64_t)rows * (columns ? columns : 1);
  if (t->rows) {
    ac_tensor *row = &t->rows[i];
    *row = (ac_tensor){.rank = columns ? 2 : 1, .shape = {rows, columns ? columns : 1}, .start = start};
    write_name(row->name, prefix, number, suffix);
    row->reach = b->reach;
    row->sparse = b->sparse;
    row->rate = b->rate;
    row->bound = b->bound;
    row->offset = t->parameters;
    row->size = size;
  }
  t->parameters += size;
  t->dense += b->sparse ? 0 : size;
  return i;
}

ac_linear_tensors ac_add_linear(ac_tensor_builder *b, const char *prefix, int number, const char *weight,
                                const char *bias, int32_t out, int32_t in) {
  ac_linear_tensors l;
  l.weight = ac_add_tensor(b, prefix, number, weight, out, in, AC_START_UNIFORM);
  l.bias = ac_add_tensor(b, prefix, number, bias, out, 0, AC_START_UNIFORM);
  return l;
}

ac_gru_tensors ac_add_gru(ac_tensor_builder *b, const char *prefix, int number, const char *const suffix[8],
                          int32_t h) {
  ac_gru_tensors g;
  for (int layer = 0; layer < 2; layer++) {
    const char *const *names = suffix + 4 * layer;
    g.weight_ih[layer] = ac_add_tensor(b, prefix, number, names[0], 3 * h, h, AC_START_UNIFORM);
    g.weight_hh[layer] = ac_add_tensor(b, prefix, number, names[1], 3 * h, h, AC_START_UNIFORM);
    g.bias_ih[layer] = ac_add_tensor(b, prefix, number, names[2], 3 * h, 0, AC_START_UNIFORM);
    g.bias_hh[layer] = ac_add_tensor(b, prefix, number, names[3], 3 * h, 0, AC_START_UNIFORM);
  }
  return g;
}

static void fill(const ac_config *config, ac_tensor_table *table, ac_tensor *rows) {
  *table = (ac_tensor_table){.rows = rows};
  ac_tensor_builder builder = {.table = table, .reach = 0, .rate = 1};
  builder.bound = 1 / ac_sqrt_scalar((double)config->hidden_size);
  ac_kind_of(config)->tensors(config, &builder);
}

void ac_tensor_table_build(const ac_config *config, ac_arena *arena, ac_tensor_table *table) {
  fill(config, table, NULL);
  fill(config, table, AC_TAKE(arena, ac_tensor, table->count));
}
