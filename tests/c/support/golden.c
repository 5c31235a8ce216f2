#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct meta_entry {
  const char *key, *text;
} meta_entry;

struct golden {
  const char *path;    /* for messages: a copy behind the struct */
  unsigned char *file; /* header length, JSON header, values */
  const unsigned char *values;
  size_t values_size;
  golden_tensor *tensors;
  size_t tensor_count;
  meta_entry *meta;
  size_t meta_count;
};

/* ---- a scanner for the JSON that the header uses: objects, strings, lists of sizes ---- */

/* Strings are decoded in place, which only ever shortens them; nothing is read twice. */
typedef struct scanner {
  char *at, *end;
} scanner;

static void skip_space(scanner *s) {
  while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at)
    s->at++;
}

/* Reads one character of punctuation if it is next. */
static bool accept(scanner *s, char wanted) {
  skip_space(s);
  if (s->at == s->end || *s->at != wanted)
    return false;
  s->at++;
  return true;
}

/* The character that a backslash and the next letter stand for, or 0. \u does not occur in these files. */
static char unescape(char letter) {
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  const char *found = letter ? strchr(letters, letter) : NULL;
  return found ? meant[found - letters] : 0;
}

/* A string, decoded and ended by a NUL at its closing quote or before; NULL if there is none. */
static const char *scan_string(scanner *s) {
  if (!accept(s, '"'))
    return NULL;
  char *start = s->at, *to = s->at;
  while (s->at < s->end && *s->at != '"') {
    char c = *s->at++;
    if ((unsigned char)c < 0x20)
      return NULL;
    if (c == '\\') {
      if (s->at == s->end || !(c = unescape(*s->at++)))
        return NULL;
    }
    *to++ = c;
  }
  if (s->at == s->end)
    return NULL;
  s->at++;
  *to = '\0';
  return start;
}

static bool scan_size(scanner *s, size_t *out) {
  skip_space(s);
  const char *first = s->at;
  size_t value = 0;
  for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
    size_t digit = (size_t)(*s->at - '0');
    if (value > (SIZE_MAX - digit) / 10)
      return false;
    value = value * 10 + digit;
  }
  *out = value;
  return s->at > first;
}

/* A list of at most `capacity` sizes; how many, or -1. */
static int scan_sizes(scanner *s, size_t *out, int capacity) {
  int count = 0;
  if (!accept(s, '['))
    return -1;
  if (accept(s, ']'))
    return 0;
  do {
    if (count == capacity || !scan_size(s, &out[count++]))
      return -1;
  } while (accept(s, ','));
  return accept(s, ']') ? count : -1;
}

/* ---- the header ---- */

/* One more element at the end of a list, zeroed; NULL when memory is out. */
static void *append(void **list, size_t *count, size_t size) {
  char *longer = realloc(*list, (*count + 1) * size);
  if (!longer)
    return NULL;
  *list = longer;
  return memset(longer + (*count)++ * size, 0, size);
}

static bool read_metadata(golden *g, scanner *s) {
  if (!accept(s, '{'))
    return false;
  if (accept(s, '}'))
    return true;
  do {
    const char *key = scan_string(s);
    const char *text = key && accept(s, ':') ? scan_string(s) : NULL;
    if (!text || golden_meta(g, key))
      return false;
    void *list = g->meta;
    meta_entry *entry = append(&list, &g->meta_count, sizeof *entry);
    g->meta = list;
    if (!entry)
      return false;
    *entry = (meta_entry){key, text};
  } while (accept(s, ','));
  return accept(s, '}');
}

static bool read_dtype(const char *text, golden_dtype *out) {
  static const char *const names[] = {[GOLDEN_F32] = "F32", [GOLDEN_I32] = "I32", [GOLDEN_U8] = "U8"};
  for (int i = 0; text && i < (int)(sizeof names / sizeof *names); i++) {
    if (strcmp(text, names[i]) == 0) {
      *out = (golden_dtype)i;
      return true;
    }
  }
  return false;
}

/*
 * Counts the elements and, if the offsets span as many bytes within the file, copies the values to a block of
 * their own: in the file they may be unaligned, and a sanitizer sees reads past the end of a block.
 */
static bool copy_values(const golden *g, golden_tensor *t, const size_t offsets[2]) {
  size_t item = t->dtype == GOLDEN_U8 ? 1 : 4;
  t->count = 1;
  for (int i = 0; i < t->rank; i++) {
    if (t->shape[i] && t->count > SIZE_MAX / item / t->shape[i])
      return false;
    t->count *= t->shape[i];
  }
  if (offsets[0] > offsets[1] || offsets[1] > g->values_size)
    return false;
  if (offsets[1] - offsets[0] != t->count * item)
    return false;
  void *copy = malloc(t->count ? t->count * item : 1);
  t->data = copy ? memcpy(copy, g->values + offsets[0], t->count * item) : NULL;
  return copy != NULL;
}

static bool read_tensor(golden *g, scanner *s, const char *name) {
  golden_tensor t = {.name = name, .rank = -1};
  bool typed = false;
  size_t offsets[2];
  int offset_count = -1;
  if (golden_find(g, name) || !accept(s, '{'))
    return false;
  do {
    const char *key = scan_string(s);
    if (!key || !accept(s, ':'))
      return false;
    if (!typed && strcmp(key, "dtype") == 0) {
      typed = read_dtype(scan_string(s), &t.dtype);
      if (!typed)
        return false;
    } else if (t.rank < 0 && strcmp(key, "shape") == 0) {
      t.rank = scan_sizes(s, t.shape, GOLDEN_MAX_RANK);
      if (t.rank < 0)
        return false;
    } else if (offset_count < 0 && strcmp(key, "data_offsets") == 0) {
      offset_count = scan_sizes(s, offsets, 2);
      if (offset_count < 0)
        return false;
    } else {
      return false;
    }
  } while (accept(s, ','));
  if (!accept(s, '}') || !typed || t.rank < 0 || offset_count != 2 || !copy_values(g, &t, offsets))
    return false;
  void *list = g->tensors;
  golden_tensor *entry = append(&list, &g->tensor_count, sizeof *entry);
  g->tensors = list;
  if (entry)
    *entry = t;
  else
    free((void *)t.data);
  return entry != NULL;
}

/* The name whose entry is wrong, or words for a header that is wrong as a whole; NULL when all is well. */
static const char *read_header(golden *g, scanner s) {
  if (!accept(&s, '{'))
    return "the header";
  do {
    const char *name = scan_string(&s);
    if (!name || !accept(&s, ':'))
      return "the header";
    bool metadata = strcmp(name, "__metadata__") == 0;
    if (!(metadata ? read_metadata(g, &s) : read_tensor(g, &s, name)))
      return name;
  } while (accept(&s, ','));
  if (!accept(&s, '}'))
    return "the header";
  skip_space(&s);
  return s.at == s.end ? NULL : "the header's end";
}

/* ---- the file ---- */

/* Golden files have a few megabytes at most; a directory may claim any length. */
#define MAX_FILE_SIZE (64L << 20)

/* A whole file in one block; NULL where it can't be read. */
static unsigned char *read_file(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f)
    return NULL;
  unsigned char *bytes = NULL;
  long length = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
  if (length > 0 && length <= MAX_FILE_SIZE && fseek(f, 0, SEEK_SET) == 0 && (bytes = malloc((size_t)length))) {
    if (fread(bytes, 1, (size_t)length, f) != (size_t)length) {
      free(bytes);
      bytes = NULL;
    }
  }
  fclose(f);
  *size = bytes ? (size_t)length : 0;
  return bytes;
}

golden *golden_open(const char *path) {
  size_t size, path_size = strlen(path) + 1;
  golden *g = calloc(1, sizeof *g + path_size);
  if (!g)
    return NULL;
  g->path = memcpy(g + 1, path, path_size);
  g->file = read_file(path, &size);
  const char *wrong = g->file ? NULL : "reading it";
  uint64_t header_size = 0;
  if (!wrong && size < 8)
    wrong = "its length";
  for (int i = 7; !wrong && i >= 0; i--)
    header_size = header_size << 8 | g->file[i];
  if (!wrong && header_size > size - 8)
    wrong = "the header's length";
  if (!wrong) {
    g->values = g->file + 8 + header_size;
    g->values_size = size - 8 - (size_t)header_size;
    wrong = read_header(g, (scanner){(char *)g->file + 8, (char *)g->file + 8 + header_size});
  }
  if (!wrong)
    return g;
  fprintf(stderr, "The golden file %s is no good: trouble with %s.\n", path, wrong);
  golden_close(g);
  return NULL;
}

void golden_close(golden *g) {
  if (!g)
    return;
  for (size_t i = 0; i < g->tensor_count; i++)
    free((void *)g->tensors[i].data);
  free(g->tensors);
  free(g->meta);
  free(g->file);
  free(g);
}

/* ---- look-up ---- */

size_t golden_tensor_count(const golden *g) { return g->tensor_count; }

const golden_tensor *golden_tensor_at(const golden *g, size_t i) { return &g->tensors[i]; }

const golden_tensor *golden_find(const golden *g, const char *name) {
  for (size_t i = 0; i < g->tensor_count; i++) {
    if (strcmp(g->tensors[i].name, name) == 0)
      return &g->tensors[i];
  }
  return NULL;
}

static const void *require_values(const golden *g, const char *name, golden_dtype dtype, size_t count) {
  const golden_tensor *t = golden_find(g, name);
  if (t && t->dtype == dtype && t->count == count)
    return t->data;
  fprintf(stderr, "The golden file %s has no tensor %s of that type with %zu elements.\n", g->path, name, count);
  return NULL;
}

const float *golden_floats(const golden *g, const char *name, size_t count) {
  return require_values(g, name, GOLDEN_F32, count);
}

const int32_t *golden_ints(const golden *g, const char *name, size_t count) {
  return require_values(g, name, GOLDEN_I32, count);
}

const uint8_t *golden_bytes(const golden *g, const char *name, size_t count) {
  return require_values(g, name, GOLDEN_U8, count);
}

const char *golden_meta(const golden *g, const char *key) {
  for (size_t i = 0; i < g->meta_count; i++) {
    if (strcmp(g->meta[i].key, key) == 0)
      return g->meta[i].text;
  }
  return NULL;
}

double golden_meta_number(const golden *g, const char *key) {
  const char *text = golden_meta(g, key);
  char *end = NULL;
  if (text && strcmp(text, "null") == 0)
    return NAN;
  double value = text ? strtod(text, &end) : 0;
  if (text && end != text && *end == '\0')
    return value;
  fprintf(stderr, "The golden file %s has no number under %s.\n", g->path, key);
  return NAN;
}

bool golden_meta_is(const golden *g, const char *key, const char *string) {
  const char *text = golden_meta(g, key);
  size_t length = strlen(string);
  return text && strlen(text) == length + 2 && text[0] == '"' && memcmp(text + 1, string, length) == 0 &&
         text[length + 1] == '"';
}

size_t golden_meta_numbers(const golden *g, const char *key, double *out, size_t capacity) {
  const char *at = golden_meta(g, key);
  size_t count = 0;
  bool list = at && *at == '[';
  while (list && *at) {
    char *end;
    if (strchr("[], ", *at)) {
      at++;
      continue;
    }
    double value = strtod(at, &end);
    list = end != at;
    if (list && count < capacity)
      out[count] = value;
    count += list;
    at = end;
  }
  if (list)
    return count;
  fprintf(stderr, "The golden file %s has no list of numbers under %s.\n", g->path, key);
  return 0;
}
