/**
 * Reads the golden cases of tests/golden/ (safetensors files) for the native tests. Test code: it allocates, and it
 * prints one sentence to stderr when it fails.
 *
 *   golden *g = golden_open("tests/golden/adaptive-l3.safetensors");
 *   if (!g) return 1;
 *   int levels = (int)golden_meta_number(g, "num_levels");
 *   const float *bias = golden_floats(g, "init/byte_encoder_head.bias", 257);
 *   …
 *   golden_close(g);
 *
 * Everything returned belongs to the golden and lives until golden_close. Values are little-endian in the file and
 * are not swapped, so the host must be little-endian, too.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Most dimensions of a tensor in these files. */
#define GOLDEN_MAX_RANK 3

typedef enum golden_dtype { GOLDEN_F32, GOLDEN_I32, GOLDEN_U8 } golden_dtype;

typedef struct golden_tensor {
  const char *name;
  golden_dtype dtype;
  int rank;
  size_t shape[GOLDEN_MAX_RANK];
  size_t count;     /* elements, the product of shape */
  const void *data; /* row-major, aligned to its type */
} golden_tensor;

typedef struct golden golden;

/** The whole file, or NULL if it can't be read or its header, shapes and offsets do not fit together. */
golden *golden_open(const char *path);

/** Frees everything; NULL is allowed. */
void golden_close(golden *g);

/** Number of tensors, and the i-th one (0 ≤ i < number), in the order of the header. */
size_t golden_tensor_count(const golden *g);
const golden_tensor *golden_tensor_at(const golden *g, size_t i);

/** The tensor of that name, or NULL without a message: whether there is one (a gradient, say) may be the question. */
const golden_tensor *golden_find(const golden *g, const char *name);

/** The values of a tensor that must be there with that type and number of elements; otherwise a sentence and NULL. */
const float *golden_floats(const golden *g, const char *name, size_t count);
const int32_t *golden_ints(const golden *g, const char *name, size_t count);
const uint8_t *golden_bytes(const golden *g, const char *name, size_t count);

/** A metadata value as JSON text ("\"adaptive\"", "[1, 5]", "20.0", "null"), or NULL without a message. */
const char *golden_meta(const golden *g, const char *key);

/** A metadata value as a number; NaN if it is null, and NaN with a sentence if it is missing or not a number. */
double golden_meta_number(const golden *g, const char *key);

/** Whether a metadata value is that string: golden_meta_is(g, "border_mode", "teacher_forced"). */
bool golden_meta_is(const golden *g, const char *key, const char *string);

/**
 * Every number of a metadata list, in order, inner lists flattened: `snapshots`, or `border_counts`, which is
 * [step][level], truncated to whole numbers. Writes at most `capacity` of them to `out` and returns how many there are;
 * 0 with a sentence if the value is missing or not a list of numbers.
 */
size_t golden_meta_numbers(const golden *g, const char *key, double *out, size_t capacity);

#endif
