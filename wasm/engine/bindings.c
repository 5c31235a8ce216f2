/*
 * The core's functions as a module exports them: 64-bit sizes as doubles, pointers and everything else as 32-bit
 * numbers. The only C file that names Emscripten. Constants and struct layouts go out as a table, so that JavaScript
 * repeats none of them.
 */
#include <emscripten.h>
#include <stddef.h>

#include "../../c/learner.h"
#include "../../c/ngrams.h"
#include "../../c/random.h"
#include "../../c/rules.h"
#include "../../c/sampling.h"
#include "../../c/status.h"
#include "../../c/stream.h"
#include "../../c/trace.h"

#define EXPORT EMSCRIPTEN_KEEPALIVE

extern unsigned char __heap_base;

/** The first byte of memory that the module itself does not use. */
EXPORT unsigned char *acw_heap(void) { return &__heap_base; }

typedef struct constant {
  const char *name;
  int32_t value;
} constant;

#define SIZE(name) \
  { "sizeof " #name, (int32_t)sizeof(name) }
#define OFFSET(type, field) \
  { #type "." #field, (int32_t)offsetof(type, field) }
#define NUMBER(name) \
  { #name, (int32_t)(name) }

static const constant CONSTANTS[] = {
    NUMBER(AC_SYMBOLS),
    NUMBER(AC_EOS),
    NUMBER(AC_MAX_LEVELS),
    NUMBER(AC_ALIGNMENT),
    NUMBER(AC_EVALUATE),
    NUMBER(AC_TRAIN),
    NUMBER(AC_KEEPS_SUM),
    NUMBER(AC_KEEPS_SCORE),
    NUMBER(AC_KEEPS_SYMBOL),
    NUMBER(AC_KEEPS_COUNT),
    SIZE(ac_rule),
    OFFSET(ac_rule, name),
    OFFSET(ac_rule, unit),
    OFFSET(ac_rule, keeps),
    OFFSET(ac_rule, leaks),
    OFFSET(ac_rule, marked),
    SIZE(ac_rule_state),
    OFFSET(ac_rule_state, reached),
    OFFSET(ac_rule_state, symbol),
    SIZE(ac_level_config),
    OFFSET(ac_level_config, rule),
    OFFSET(ac_level_config, threshold),
    OFFSET(ac_level_config, width),
    NUMBER(AC_WANT_ENCODER),
    NUMBER(AC_WANT_DECODER),
    NUMBER(AC_WANT_PREDICTIONS),
    NUMBER(AC_STATE_ENCODER),
    NUMBER(AC_STATE_DECODER),
    NUMBER(AC_STATE_PARENT),
    NUMBER(AC_STATE_BLOCK),
    NUMBER(AC_TRACE_PIECE),
    NUMBER(AC_TRACE_TOP),
    NUMBER(AC_CODE_COUNTS),
    NUMBER(AC_CODE_MODEL),
    NUMBER(AC_CODE_BOTH),
    NUMBER(AC_CODE_VERSION),
    NUMBER(AC_COUNTS_LEAST_BITS),
    NUMBER(AC_COUNTS_MOST_BITS),
    SIZE(ac_listener),
    SIZE(ac_predictor),
    SIZE(ac_lessons),
    SIZE(ac_config),
    SIZE(ac_random),
    SIZE(ac_outputs),
    OFFSET(ac_outputs, encoder_logits),
    OFFSET(ac_outputs, decoder_logits),
    OFFSET(ac_outputs, from),
    SIZE(ac_sums),
    OFFSET(ac_sums, sequences),
    OFFSET(ac_sums, tokens),
    OFFSET(ac_sums, conditioned),
    SIZE(ac_losses),
    OFFSET(ac_losses, total),
    OFFSET(ac_losses, byte_encoder),
    OFFSET(ac_losses, byte_decoder),
    OFFSET(ac_losses, meta),
    OFFSET(ac_losses, uncertainty),
    OFFSET(ac_losses, entropy_reg),
    OFFSET(ac_losses, borders),
    SIZE(ac_tensor_table),
    OFFSET(ac_tensor_table, rows),
    OFFSET(ac_tensor_table, count),
    SIZE(ac_tensor),
    OFFSET(ac_tensor, rank),
    OFFSET(ac_tensor, shape),
    OFFSET(ac_tensor, offset),
    OFFSET(ac_tensor, size),
    OFFSET(ac_tensor, sparse),
    OFFSET(ac_outcome, depth),
    OFFSET(ac_outcome, encoder),
    OFFSET(ac_outcome, decoder),
    OFFSET(ac_prediction, logits),
    SIZE(ac_trace),
    OFFSET(ac_trace, encoder),
    OFFSET(ac_trace, decoder),
    OFFSET(ac_trace, level),
    OFFSET(ac_trace_head, entropy),
    OFFSET(ac_trace_head, bits),
    OFFSET(ac_trace_head, symbol),
    OFFSET(ac_trace_head, probability),
    SIZE(ac_trace_level),
    OFFSET(ac_trace_level, count),
    OFFSET(ac_trace_level, source),
    OFFSET(ac_trace_level, score),
    OFFSET(ac_trace_level, sum),
    OFFSET(ac_trace_level, realised),
    OFFSET(ac_trace_level, border),
};

/** Row i of the table of constants: a pointer to its name and its value; NULL past the last. */
EXPORT const constant *acw_constant(int32_t i) {
  return i >= 0 && i < (int32_t)(sizeof CONSTANTS / sizeof CONSTANTS[0]) ? &CONSTANTS[i] : NULL;
}

EXPORT const char *acw_status_name(int32_t status) { return ac_status_name(status); }
EXPORT const char *acw_status_sentence(int32_t status) { return ac_status_sentence(status); }
EXPORT const ac_config_field *acw_config_field(int32_t i) { return ac_config_field_at(i); }

EXPORT void acw_config_clear(ac_config *config) { ac_config_clear(config); }
EXPORT int32_t acw_config_check(const ac_config *config) { return ac_config_check(config); }
EXPORT int32_t acw_config_leaks(const ac_config *config) { return ac_config_leaks(config); }
/** What holds at a level of a checked configuration. */
EXPORT void acw_config_level(const ac_config *config, int32_t level, ac_level_config *out) {
  *out = ac_config_level(config, level);
}
/** Rule i of the table; NULL past the last. */
EXPORT const ac_rule *acw_rule(int32_t i) { return ac_rule_at(i); }
/** As ac_reroute; AC_BAD_SETTING where there is no such rule. */
EXPORT int32_t acw_reroute(int32_t rule, int32_t level, float threshold, uint32_t seed, int32_t n, const float *score,
                           const uint8_t *symbol, uint8_t *border, float *reached) {
  const ac_rule *row = ac_rule_at(rule);
  return row ? ac_reroute(row, level, threshold, seed, n, score, symbol, border, reached) : AC_BAD_SETTING;
}

EXPORT double acw_model_bytes(const ac_config *config, int32_t sequences) {
  return (double)ac_model_bytes(config, sequences);
}
EXPORT int32_t acw_model_init(const ac_config *config, int32_t sequences, int32_t first, void *block, double bytes,
                              ac_model **out) {
  return ac_model_init(config, sequences, first, block, (uint64_t)bytes, out);
}

/** `lender` is NULL where the reader has weights of its own. */
EXPORT double acw_reader_bytes(const ac_config *config, int32_t sequences, const ac_model *lender) {
  return (double)ac_reader_bytes(config, sequences, lender);
}
EXPORT double acw_recall_numbers(const ac_config *config) { return (double)ac_recall_numbers(config); }
EXPORT int32_t acw_reader_init(const ac_config *config, int32_t sequences, ac_model *lender, void *block, double bytes,
                               ac_model **out) {
  return ac_reader_init(config, sequences, lender, block, (uint64_t)bytes, out);
}

/** Bytes for the table of tensors of a configuration, without a model around it; 0 where it is not valid. */
EXPORT double acw_table_bytes(const ac_config *config) {
  if (ac_config_check(config) != AC_OK) {
    return 0;
  }
  ac_arena arena = {NULL, 0};
  ac_tensor_table table;
  ac_tensor_table_build(config, &arena, &table);
  return (double)arena.used;
}
/** Lays it out in `block`, which has that many bytes; `table` is an ac_tensor_table. */
EXPORT void acw_table_build(const ac_config *config, void *block, ac_tensor_table *table) {
  ac_arena arena = {block, 0};
  ac_tensor_table_build(config, &arena, table);
}

EXPORT int32_t acw_tensor_count(const ac_model *m) { return ac_model_tensors(m)->count; }
EXPORT const ac_tensor *acw_tensors(const ac_model *m) { return ac_model_tensors(m)->rows; }
EXPORT double acw_model_size(const ac_model *m) { return (double)ac_model_size(m); }
EXPORT double acw_dense_size(const ac_model *m) { return (double)ac_model_dense_size(m); }
EXPORT float *acw_parameters(ac_model *m) { return ac_model_parameters(m); }
EXPORT float *acw_gradients(ac_model *m) { return ac_model_gradients(m); }
EXPORT float *acw_first_moments(ac_model *m) { return ac_model_first_moments(m); }
EXPORT float *acw_second_moments(ac_model *m) { return ac_model_second_moments(m); }
EXPORT int32_t *acw_updates(ac_model *m) { return ac_model_updates(m); }
EXPORT void acw_parameters_changed(ac_model *m) { ac_model_parameters_changed(m); }
EXPORT void acw_reset(ac_model *m) { ac_model_reset(m); }
EXPORT void acw_set_step(ac_model *m, uint32_t step) { ac_model_set_step(m, step); }
EXPORT int32_t acw_forward(ac_model *m, const uint8_t *bytes, int32_t sequences, int32_t length, int32_t purpose,
                           const ac_outputs *outputs) {
  return ac_model_forward(m, bytes, sequences, length, purpose == AC_TRAIN ? AC_TRAIN : AC_EVALUATE, outputs);
}
/** As ac_model_continue. */
EXPORT int32_t acw_continue(ac_model *m, const uint8_t *bytes, const int32_t *next, int32_t sequences, int32_t length,
                            int32_t purpose, const ac_outputs *outputs) {
  return ac_model_continue(m, bytes, next, sequences, length, purpose == AC_TRAIN ? AC_TRAIN : AC_EVALUATE, outputs);
}
EXPORT void acw_forget(ac_model *m, int32_t purpose) {
  ac_model_forget(m, purpose == AC_TRAIN ? AC_TRAIN : AC_EVALUATE);
}
/** What sequences remember between training passes: states, NULL where the kind carries none. */
EXPORT float *acw_memory_states(ac_model *m) { return ac_model_memory(m, AC_TRAIN)->states; }
/** Numbers of them for each sequence. */
EXPORT double acw_memory_width(ac_model *m) { return (double)ac_model_memory(m, AC_TRAIN)->width; }
/** Those of them that are slots, the last ones. */
EXPORT double acw_slots_width(const ac_model *m) { return (double)ac_model_slots_width(m); }
/** Places among the states of the slots that the latest pass has come to, and how many there are. */
EXPORT const int32_t *acw_slots(const ac_model *m) { return ac_model_slots(m); }
EXPORT double acw_slot_count(const ac_model *m) { return (double)ac_model_slot_count(m); }
/** [sequences][levels] an ac_rule_state each. */
EXPORT void *acw_memory_rules(ac_model *m) { return ac_model_memory(m, AC_TRAIN)->rules; }
/** `marks` is NULL where the bytes of passes to come have none. */
EXPORT void acw_set_marks(ac_model *m, const uint8_t *marks) { ac_model_set_marks(m, marks); }
EXPORT float *acw_thresholds(ac_model *m) { return ac_model_thresholds(m); }
EXPORT const ac_sums *acw_sums(const ac_model *m) { return ac_model_sums(m); }
EXPORT void acw_losses(const ac_model *m, const ac_sums *sums, ac_losses *losses) {
  ac_losses_from_sums(ac_model_config(m), sums, losses);
}
EXPORT int32_t acw_steps(const ac_model *m, int32_t level) { return ac_model_steps(m, level); }
EXPORT void acw_border_mask(const ac_model *m, int32_t level, uint8_t *mask) { ac_model_border_mask(m, level, mask); }
EXPORT int32_t acw_backward(ac_model *m, const ac_sums *total) { return ac_model_backward(m, total); }
EXPORT int32_t acw_add_gradients(ac_model *m, double from, double count, const float *gradients) {
  return ac_model_add_gradients(m, (int64_t)from, (int64_t)count, gradients);
}
EXPORT double acw_sparse_room(const ac_config *config, int32_t sequences) {
  return (double)ac_sparse_room(config, sequences);
}
EXPORT double acw_copy_sparse(const ac_model *m, float *out) { return (double)ac_model_copy_sparse(m, out); }
EXPORT void acw_clear_sparse(ac_model *m) { ac_model_clear_sparse(m); }
EXPORT void acw_copy_gradients(const ac_model *m, float *out) { ac_model_copy_gradients(m, out); }
EXPORT int32_t acw_add_sparse(ac_model *m, double count, const float *rows) {
  return ac_model_add_sparse(m, (int64_t)count, rows);
}
EXPORT int32_t acw_update(ac_model *m, double learning_rate, double *norm) {
  return ac_model_update(m, learning_rate, norm);
}
EXPORT int32_t acw_set_optimiser(ac_model *m, float weight_decay, float clip_norm) {
  return ac_model_set_optimiser(m, weight_decay, clip_norm);
}

EXPORT double acw_stream_bytes(const ac_model *m) { return (double)ac_stream_bytes(m); }
EXPORT int32_t acw_stream_init(ac_model *m, void *block, double bytes, ac_stream **out) {
  return ac_stream_init(m, block, (uint64_t)bytes, out);
}
EXPORT void acw_stream_reset(ac_stream *s) { ac_stream_reset(s); }
EXPORT int32_t acw_stream_set_threshold(ac_stream *s, int32_t level, float threshold) {
  return ac_stream_set_threshold(s, level, threshold);
}
EXPORT void acw_stream_set_parents(ac_stream *s, int32_t on) { ac_stream_set_parents(s, on != 0); }
EXPORT int32_t acw_stream_set_level_parents(ac_stream *s, int32_t level, int32_t on) {
  return ac_stream_set_level_parents(s, level, on != 0);
}
EXPORT const float *acw_stream_state(const ac_stream *s, int32_t kind, int32_t level, int32_t layer) {
  return ac_stream_state(s, kind, level, layer);
}
EXPORT void acw_stream_set_mark(ac_stream *s, int32_t mark) { ac_stream_set_mark(s, (uint8_t)mark); }
EXPORT const ac_outcome *acw_stream_feed(ac_stream *s, int32_t byte, int32_t target, int32_t wants) {
  return ac_stream_feed(s, (uint8_t)byte, target, wants);
}
/** `marks` is NULL where the bytes have none. */
EXPORT int32_t acw_trace_piece(ac_stream *s, const uint8_t *bytes, const uint8_t *marks, int32_t n, int32_t next,
                               ac_trace *out) {
  return ac_trace_piece(s, bytes, marks, n, next, out);
}

EXPORT void acw_random_make(ac_random *random, double seed, uint32_t stream) {
  *random = ac_random_make((uint64_t)seed, stream);
}
EXPORT int32_t acw_sample(const float *logits, int32_t symbols, double temperature, int32_t top_k, ac_random *random,
                          float *work) {
  return ac_sample(logits, symbols, temperature, top_k, random, work);
}
EXPORT uint32_t acw_shuffled(double seed, uint32_t epoch, uint32_t count, uint32_t index) {
  return ac_shuffled((uint64_t)seed, epoch, count, index);
}

/** `listener` is room for an ac_listener, `out` for an ac_predictor. */
EXPORT void acw_listener_make(ac_stream *stream, ac_listener *listener, ac_predictor *out) {
  *out = ac_listener_make(stream, listener);
}
EXPORT double acw_learner_bytes(ac_model *m, const ac_lessons *lessons) { return (double)ac_learner_bytes(m, lessons); }
/** Likewise a learner's, in `block`. */
EXPORT int32_t acw_learner_init(ac_model *m, ac_stream *stream, const ac_lessons *lessons, void *block, double bytes,
                                ac_predictor *out) {
  ac_learner *learner;
  const ac_status status = ac_learner_init(m, stream, lessons, block, (uint64_t)bytes, &learner);
  if (status == AC_OK) {
    *out = ac_learner_predictor(learner);
  }
  return status;
}
EXPORT double acw_codec_bytes(int32_t who, int32_t bits) { return (double)ac_codec_bytes(who, bits); }
/** `predictor` is NULL where no model predicts. */
EXPORT int32_t acw_codec_init(int32_t who, int32_t bits, const ac_predictor *predictor, void *block, double bytes,
                              ac_codec **out) {
  return ac_codec_init(who, bits, predictor, block, (uint64_t)bytes, out);
}
EXPORT void acw_codec_begin_encode(ac_codec *c, uint8_t *out, int32_t room) { ac_codec_begin_encode(c, out, room); }
EXPORT void acw_codec_encode(ac_codec *c, const uint8_t *in, int32_t n, float *bits, float *alone) {
  ac_codec_encode(c, in, n, bits, alone);
}
EXPORT int32_t acw_codec_end_encode(ac_codec *c) { return (int32_t)ac_codec_end_encode(c); }
EXPORT void acw_codec_begin_decode(ac_codec *c, const uint8_t *in, int32_t size) { ac_codec_begin_decode(c, in, size); }
EXPORT void acw_codec_decode(ac_codec *c, uint8_t *out, int32_t n) { ac_codec_decode(c, out, n); }
EXPORT int32_t acw_codec_end_decode(ac_codec *c) { return ac_codec_end_decode(c); }
EXPORT void acw_codec_pass(ac_codec *c, const uint8_t *bytes, int32_t n) { ac_codec_pass(c, bytes, n); }
