/**
 * Models, streams, weights and text for the native tests. Each block has exactly the size that the core
 * asks for, so that the sanitizer sees any access beyond it; whatever goes wrong here ends the test with a sentence.
 */
#ifndef MODELS_H
#define MODELS_H

#include "../../../c/model.h"
#include "../../../c/stream.h"

/** An adaptive model's settings with the prototype's defaults: thresholds 20 and 1, no dropout, lr 3e-4. */
ac_config test_config(int32_t levels, int32_t hidden, int32_t batch, int32_t length);

/** Changes settings to those of a kind of model: 0 mirror, 1 residual, 2 baseline, 3 flat. */
void test_set_kind(ac_config *config, int kind);

/** A model for the whole batch of a configuration, or for a part of it. */
ac_model *test_model(const ac_config *config);
ac_model *test_replica(const ac_config *config, int32_t sequences, int32_t first_sequence);
ac_stream *test_stream(ac_model *model);

/** Zeroed room for n numbers or bytes. */
ac_real *test_reals(size_t n);
uint8_t *test_bytes(size_t n);

/** Frees everything that the functions above allocated. */
void test_free_all(void);

/** Copies all parameters; the configurations may differ only in thresholds, batch and length. */
void test_copy_parameters(ac_model *to, ac_model *from);

/** A tensor of a model's table by its name, or NULL. */
const ac_tensor *test_tensor(const ac_model *model, const char *name);

/** Forward pass that must succeed. */
void test_forward(ac_model *model, const uint8_t *bytes, int32_t sequences, int32_t length, ac_purpose purpose,
                  const ac_outputs *outputs);

/** One training step that must succeed, at the configuration's learning rate; returns the total loss before it. */
double test_train(ac_model *model, const uint8_t *bytes, int32_t sequences, int32_t length);

/** Real text: this project's C sources, concatenated and ended by a NUL that `size` does not count. */
const uint8_t *test_text(size_t *size);

/**
 * A configuration and weights for which entropies vary and parents condition every level: trained weights
 * of a golden case (H = 16) where their names fit, uncertainty heads scaled so that scores scatter about 0.4, and the
 * byte threshold at about three bytes' entropy. Measured on the text above.
 */
ac_model *test_lively_model(int32_t levels, int32_t batch, int32_t length);

/** The same weights for another batch and length. */
ac_model *test_like(ac_model *model, int32_t batch, int32_t length);

#endif
