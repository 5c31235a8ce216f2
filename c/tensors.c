#include "tensors.h"

/** A GRU block of two layers: 12 H² weights, 12 H biases. */
static int64_t block_parameters(int64_t h) { return 12 * h * h + 12 * h; }

int64_t ac_parameter_count(int64_t h, int64_t levels) {
  const int64_t embedding = AC_SYMBOLS * h, head = AC_SYMBOLS * h + AC_SYMBOLS;
  const int64_t above = h * h + h /* predictor */ + h + 1 /* uncertainty */ + h * h + h /* projection */ + h /* EOS */;
  return embedding + 2 * head + levels * block_parameters(h) + (levels - 1) * (above + block_parameters(h));
}

static int64_t baseline_parameters(int64_t h, int64_t blocks) {
  return AC_SYMBOLS * h + AC_SYMBOLS * h + AC_SYMBOLS + blocks * block_parameters(h);
}

/** Most blocks with which the baseline is not larger than the adaptive model. */
static int32_t baseline_blocks(int64_t h, int32_t levels) {
  int32_t blocks = 1;
  while (blocks < 8 * levels && baseline_parameters(h, blocks + 1) <= ac_parameter_count(h, levels)) {
    blocks++;
  }
  return blocks;
}

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

typedef struct builder {
  ac_tensor_table *table;
  int32_t reach;
} builder;

/** Adds a tensor; `columns` 0 means rank 1. Returns its number. */
static int32_t add(builder *b, const char *prefix, int number, const char *suffix, int32_t rows, int32_t columns,
                   ac_start start) {
  ac_tensor_table *t = b->table;
  const int32_t i = t->count++;
  const int64_t size = (int64_t)rows * (columns ? columns : 1);
  if (t->rows) {
    ac_tensor *row = &t->rows[i];
    *row = (ac_tensor){.rank = columns ? 2 : 1, .shape = {rows, columns ? columns : 1}, .start = start};
    write_name(row->name, prefix, number, suffix);
    row->reach = b->reach;
    row->offset = t->parameters;
    row->size = size;
  }
  t->parameters += size;
  return i;
}

static ac_linear_tensors add_linear(builder *b, const char *prefix, int number, const char *weight, const char *bias,
                                    int32_t out, int32_t in) {
  ac_linear_tensors l;
  l.weight = add(b, prefix, number, weight, out, in, AC_START_UNIFORM);
  l.bias = add(b, prefix, number, bias, out, 0, AC_START_UNIFORM);
  return l;
}

static ac_gru_tensors add_gru(builder *b, const char *prefix, int number, const char *const suffix[8], int32_t h) {
  ac_gru_tensors g;
  for (int layer = 0; layer < 2; layer++) {
    const char *const *names = suffix + 4 * layer;
    g.weight_ih[layer] = add(b, prefix, number, names[0], 3 * h, h, AC_START_UNIFORM);
    g.weight_hh[layer] = add(b, prefix, number, names[1], 3 * h, h, AC_START_UNIFORM);
    g.bias_ih[layer] = add(b, prefix, number, names[2], 3 * h, 0, AC_START_UNIFORM);
    g.bias_hh[layer] = add(b, prefix, number, names[3], 3 * h, 0, AC_START_UNIFORM);
  }
  return g;
}

/* A GRU's eight tensors in PyTorch's order, behind the name of the module that holds it. */
#define GRU_NAMES(module)                                                                          \
  {                                                                                                \
    module ".weight_ih_l0", module ".weight_hh_l0", module ".bias_ih_l0", module ".bias_hh_l0",    \
        module ".weight_ih_l1", module ".weight_hh_l1", module ".bias_ih_l1", module ".bias_hh_l1" \
  }
static const char *const ENCODER_GRU[8] = GRU_NAMES(".gru");
static const char *const DECODER_GRU[8] = GRU_NAMES(".gru.gru");
static const char *const BASELINE_GRU[8] = GRU_NAMES(".gru_block.gru");

static void add_adaptive(builder *b, int32_t h, int levels) {
  ac_tensor_table *t = b->table;
  t->embedding = add(b, "byte_embedding.weight", -1, "", AC_SYMBOLS, h, AC_START_NORMAL);
  for (int l = 0; l < levels; l++) {
    t->encoder[l] = add_gru(b, "encoder_blocks.", l, ENCODER_GRU, h);
  }
  for (int l = 0; l < levels - 1; l++) {
    t->predictor[l] = add_linear(b, "meta_predictors.", l, ".weight", ".bias", h, h);
  }
  for (int l = 0; l < levels - 1; l++) {
    t->uncertainty[l] = add_linear(b, "meta_uncertainty_heads.", l, ".weight", ".bias", 1, h);
  }
  for (int l = 0; l < levels - 1; l++) {
    b->reach = l;
    t->projection[l] =
        add_linear(b, "decoder_blocks.", l, ".parent_projection.weight", ".parent_projection.bias", h, h);
    t->decoder[l] = add_gru(b, "decoder_blocks.", l, DECODER_GRU, h);
  }
  b->reach = 0;
  t->encoder_head = add_linear(b, "byte_encoder_head", -1, ".weight", ".bias", AC_SYMBOLS, h);
  t->decoder_head = add_linear(b, "byte_decoder_head", -1, ".weight", ".bias", AC_SYMBOLS, h);
  for (int l = 0; l < levels - 1; l++) {
    t->meta_eos[l] = add(b, "meta_eos_embeddings.", l, "", h, 0, AC_START_SMALL_NORMAL);
  }
}

static void add_baseline(builder *b, int32_t h, int levels) {
  ac_tensor_table *t = b->table;
  t->blocks = baseline_blocks(h, levels);
  b->reach = -1;
  const int64_t pad = ac_parameter_count(h, levels) - baseline_parameters(h, t->blocks);
  add(b, "parameter_match_pad", -1, "", (int32_t)pad, 0, AC_START_ZERO);
  b->reach = 0;
  t->embedding = add(b, "byte_embedding.weight", -1, "", AC_SYMBOLS, h, AC_START_NORMAL);
  for (int k = 0; k < t->blocks; k++) {
    t->block[k] = add_gru(b, "blocks.", k, BASELINE_GRU, h);
  }
  t->decoder_head = add_linear(b, "byte_head", -1, ".weight", ".bias", AC_SYMBOLS, h);
}

static void fill(const ac_config *config, ac_tensor_table *table, ac_tensor *rows) {
  *table = (ac_tensor_table){.rows = rows};
  builder b = {table, 0};
  if (config->model_type == AC_BASELINE) {
    add_baseline(&b, config->hidden_size, config->num_levels);
  } else {
    add_adaptive(&b, config->hidden_size, config->num_levels);
  }
}

void ac_tensor_table_build(const ac_config *config, ac_arena *arena, ac_tensor_table *table) {
  fill(config, table, NULL);
  fill(config, table, AC_TAKE(arena, ac_tensor, table->count));
}
