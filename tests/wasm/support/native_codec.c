/*
 * Codes standard input as one piece, by counts and by a fresh model's stream together, to standard output; `-d SIZE` takes
 * that back to SIZE bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../c/compress_model.h"

enum { ROOM = 1 << 20, BITS = 14, HIDDEN = 16 };

static uint8_t in[ROOM], out[ROOM];

static void *block_of(uint64_t bytes) {
  void *block = aligned_alloc(AC_ALIGNMENT, (bytes + AC_ALIGNMENT - 1) / AC_ALIGNMENT * AC_ALIGNMENT);
  if (!block) {
    exit(3);
  }
  return block;
}

int main(int argc, char **argv) {
  ac_config config = {.level = AC_LEVELS_UNSET, .hidden_size = HIDDEN, .num_levels = 3, .seed = 5};
  config.batch_size = config.sequence_length = 1;
  config.byte_entropy_threshold = 12;
  config.meta_uncertainty_threshold = 1;
  config.encoder_loss_weight = config.decoder_loss_weight = 1;
  ac_model *model;
  ac_stream *stream;
  static ac_listener listener;
  ac_codec *codec;
  const uint64_t model_bytes = ac_model_bytes(&config, 1);
  if (ac_model_init(&config, 1, 0, block_of(model_bytes), model_bytes, &model) != AC_OK ||
      ac_stream_init(model, block_of(ac_stream_bytes(model)), ac_stream_bytes(model), &stream) != AC_OK) {
    return 3;
  }
  const ac_predictor predictor = ac_listener_make(stream, &listener);
  const uint64_t bytes = ac_codec_bytes(AC_CODE_BOTH, BITS);
  if (ac_codec_init(AC_CODE_BOTH, BITS, &predictor, block_of(bytes), bytes, &codec) != AC_OK) {
    return 3;
  }
  const size_t n = fread(in, 1, ROOM, stdin);
  if (argc == 3 && strcmp(argv[1], "-d") == 0) {
    const size_t size = (size_t)atol(argv[2]);
    ac_codec_begin_decode(codec, in, (int64_t)n);
    if (size > ROOM) {
      return 1;
    }
    ac_codec_decode(codec, out, (int64_t)size);
    if (ac_codec_end_decode(codec) != AC_OK) {
      return 1;
    }
    return fwrite(out, 1, size, stdout) != size;
  }
  ac_codec_begin_encode(codec, out, ROOM);
  ac_codec_encode(codec, in, (int64_t)n, NULL);
  const size_t size = (size_t)ac_codec_end_encode(codec);
  return fwrite(out, 1, size, stdout) != size;
}
