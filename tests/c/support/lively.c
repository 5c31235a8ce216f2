/* The text that the tests read, and weights that give a model lively borders on it. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "models.h"

#define TRAINED "tests/golden/adaptive-l3-trained.safetensors"
/** Bytes of text on which scores are measured. */
#define MEASURED 600

static void give_up(const char *what) {
  fprintf(stderr, "The test can't go on: %s.\n", what);
  exit(1);
}

/* ---- text ---- */

static uint8_t text[1 << 20];
static size_t text_size;

enum { MOST_FILES = 64, MOST_NAME = 256 };

static bool is_source(const char *name) {
  const size_t length = strlen(name);
  return length > 2 && length < MOST_NAME &&
         (strcmp(name + length - 2, ".c") == 0 || strcmp(name + length - 2, ".h") == 0);
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

/** Adds the sources of a folder to the text, in the order of their names. */
static void read_folder(const char *folder) {
  static char names[MOST_FILES][MOST_NAME];
  size_t count = 0;
  DIR *entries = opendir(folder);
  for (const struct dirent *entry; entries && (entry = readdir(entries)) && count < MOST_FILES;) {
    if (is_source(entry->d_name)) {
      memcpy(names[count++], entry->d_name, strlen(entry->d_name) + 1);
    }
  }
  if (entries) {
    closedir(entries);
  }
  if (count == 0) {
    give_up("there are no sources to read; the tests run in the project's folder");
  }
  qsort(names, count, sizeof *names, by_name);
  for (size_t i = 0; i < count; i++) {
    char path[2 * MOST_NAME];
    const int length = snprintf(path, sizeof path, "%.64s/%.*s", folder, MOST_NAME - 1, names[i]);
    if (length < 0 || (size_t)length >= sizeof path) {
      give_up("a source's name is too long");
    }
    FILE *file = fopen(path, "rb");
    if (!file) {
      give_up("a source can't be read");
    }
    text_size += fread(text + text_size, 1, sizeof text - 1 - text_size, file);
    fclose(file);
  }
}

const uint8_t *test_text(size_t *size) {
  if (text_size == 0) {
    read_folder("c");
    read_folder("c/kernels");
    if (text_size < 100000 || text_size == sizeof text - 1) {
      give_up("the sources are less than 100,000 bytes, or a megabyte and more");
    }
  }
  *size = text_size;
  return text;
}

/* ---- weights ---- */

/** Overwrites the parameters whose names a golden case has. */
static void load_trained(ac_model *model) {
  golden *g = golden_open(TRAINED);
  if (!g) {
    give_up("there are no trained weights");
  }
  const ac_tensor_table *table = ac_model_tensors(model);
  for (int32_t i = 0; i < table->count; i++) {
    char name[AC_TENSOR_NAME + 8];
    snprintf(name, sizeof name, "init/%s", table->rows[i].name);
    const golden_tensor *tensor = golden_find(g, name);
    if (tensor && tensor->count == (size_t)table->rows[i].size) {
      for (size_t j = 0; j < tensor->count; j++) {
        ac_model_parameters(model)[table->rows[i].offset + (int64_t)j] = (ac_real)((const float *)tensor->data)[j];
      }
    } else if (i == table->embedding) {
      give_up("the trained weights do not fit");
    }
  }
  golden_close(g);
  ac_model_parameters_changed(model);
}

/** Streams the text and measures the mean and scatter of a level's score, taken before the softplus above the bytes. */
static void measure(ac_model *model, int32_t level, double *mean, double *scatter) {
  size_t size;
  const uint8_t *bytes = test_text(&size);
  ac_stream *stream = test_stream(model);
  double n = 0, sum = 0, squares = 0;
  for (int t = 0; t < MEASURED || (n < 20 && (size_t)t < size); t++) {
    const ac_outcome *outcome = ac_stream_feed(stream, bytes[t], -1, 0);
    if (outcome->depth > level) {
      const double score = (double)outcome->token[level].score, x = level ? log(exp(score) - 1) : score;
      n++;
      sum += x;
      squares += x * x;
    }
  }
  *mean = sum / n;
  *scatter = sqrt(squares / n - *mean * *mean);
}

ac_model *test_lively_model(int32_t levels, int32_t batch, int32_t length) {
  double mean, scatter;
  ac_config config = test_config(levels, 16, 1, 1);
  ac_model *model = test_model(&config);
  load_trained(model);
  config.batch_size = batch;
  config.sequence_length = length;
  if (levels > 1) {
    measure(model, 0, &mean, &scatter);
    config.byte_entropy_threshold = (float)(3 * mean);
  }
  ac_model *lively = test_model(&config);
  test_copy_parameters(lively, model);
  for (int32_t l = 1; l < levels - 1; l++) {
    const ac_linear_tensors *head = &ac_model_tensors(lively)->uncertainty[l - 1];
    ac_real *weight = ac_model_parameters(lively) + ac_model_tensors(lively)->rows[head->weight].offset;
    ac_real *bias = ac_model_parameters(lively) + ac_model_tensors(lively)->rows[head->bias].offset;
    measure(lively, l, &mean, &scatter);
    for (int i = 0; i < config.hidden_size; i++) {
      weight[i] = (ac_real)((double)weight[i] * 0.5 / scatter);
    }
    *bias = (ac_real)(((double)*bias - mean) * 0.5 / scatter + log(exp(0.4) - 1));
    ac_model_parameters_changed(lively);
  }
  return lively;
}
