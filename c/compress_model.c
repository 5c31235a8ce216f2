#include "compress_model.h"

static const ac_real *expect(void *state) { return ((const ac_listener *)state)->expected; }

static void feed(void *state, uint8_t byte) {
  ac_listener *listener = state;
  listener->expected = ac_stream_feed(listener->stream, byte, -1, AC_WANT_DECODER)->decoder.probabilities;
}

ac_predictor ac_listener_make(ac_stream *stream, ac_listener *listener) {
  listener->stream = stream;
  for (int i = 0; i < 256; i++) {
    listener->even[i] = (ac_real)(1.0 / 256);
  }
  listener->expected = listener->even;
  return (ac_predictor){listener, expect, feed};
}
