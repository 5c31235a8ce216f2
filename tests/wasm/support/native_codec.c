/*
 * Codes standard input as one piece, by counts and a fresh model together, to standard output; `-d SIZE` decodes it
 * to SIZE bytes. Usage: native_codec CONFIG LESSONS [-d SIZE]. CONFIG is an ac_config, four bytes a field, in hexadecimal;
 * LESSONS are the five numbers of ac_lessons, or `-` for a model that does not learn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../c/learner.h"

enum { ROOM = 1 << 20, BITS = 14, FIELDS = sizeof(ac_config) / 4, DIGITS = 8 };

static uint8_t in[ROOM], out[ROOM];

/** Nothing is freed: the program ends soon. */
static void *block_of(uint64_t bytes) {
  void *block = aligned_alloc(AC_ALIGNMENT, (bytes + AC_ALIGNMENT - 1) / AC_ALIGNMENT * AC_ALIGNMENT);
  if (!block) {
    exit(3);
  }
  return block;
}

static ac_config read_config(const char *text) {
  uint32_t fields[FIELDS];
  if (strlen(text) != (size_t)FIELDS * DIGITS) {
    exit(2);
  }
  for (int i = 0; i < FIELDS; i++) {
    char digits[DIGITS + 1] = {0};
    memcpy(digits, text + i * DIGITS, DIGITS);
    fields[i] = (uint32_t)strtoul(digits, NULL, 16);
  }
  ac_config config;
  memcpy(&config, fields, sizeof config);
  return config;
}

static ac_predictor predictor_of(const ac_config *config, const char *lessons) {
  static ac_listener listener;
  ac_model *model;
  ac_stream *stream;
  const uint64_t bytes = ac_model_bytes(config, config->batch_size);
  if (ac_model_init(config, config->batch_size, 0, block_of(bytes), bytes, &model) != AC_OK ||
      ac_stream_init(model, block_of(ac_stream_bytes(model)), ac_stream_bytes(model), &stream) != AC_OK) {
    exit(3);
  }
  if (strcmp(lessons, "-") == 0) {
    return ac_listener_make(stream, &listener);
  }
  ac_lessons plan;
  ac_learner *learner;
  if (sscanf(lessons, "%d,%d,%d,%d,%d", &plan.stride, &plan.fresh, &plan.kept, &plan.rising, &plan.falling) != 5) {
    exit(2);
  }
  const uint64_t room = ac_learner_bytes(model, &plan);
  if (ac_learner_init(model, stream, &plan, block_of(room), room, &learner) != AC_OK) {
    exit(3);
  }
  return ac_learner_predictor(learner);
}

int main(int argc, char **argv) {
  if (argc < 3) {
    return 2;
  }
  const ac_config config = read_config(argv[1]);
  const ac_predictor predictor = predictor_of(&config, argv[2]);
  ac_codec *codec;
  const uint64_t bytes = ac_codec_bytes(AC_CODE_BOTH, BITS);
  if (ac_codec_init(AC_CODE_BOTH, BITS, &predictor, block_of(bytes), bytes, &codec) != AC_OK) {
    return 3;
  }
  const size_t n = fread(in, 1, ROOM, stdin);
  if (argc == 5 && strcmp(argv[3], "-d") == 0) {
    const size_t size = (size_t)atol(argv[4]);
    if (size > ROOM) {
      return 1;
    }
    ac_codec_begin_decode(codec, in, (int64_t)n);
    ac_codec_decode(codec, out, (int64_t)size);
    if (ac_codec_end_decode(codec) != AC_OK) {
      return 1;
    }
    return fwrite(out, 1, size, stdout) != size;
  }
  ac_codec_begin_encode(codec, out, ROOM);
  ac_codec_encode(codec, in, (int64_t)n, NULL, NULL);
  const size_t size = (size_t)ac_codec_end_encode(codec);
  return fwrite(out, 1, size, stdout) != size;
}
