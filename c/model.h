/**
 * The models: set-up in one block of memory, forward and backward pass, losses, update.
 *
 * A training step of one replica is
 *
 *   ac_model_forward(m, bytes, sequences, length, AC_TRAIN, NULL);  // local sums
 *   ac_model_backward(m, ac_model_sums(m));                         // or the sums of all replicas added up
 *   ac_model_update(m, learning_rate, &norm);                       // after adding up all replicas' gradients
 *
 * Nothing is allocated after ac_model_init. The mathematics stands in the comments beside each part.
 */
#ifndef AC_MODEL_H
#define AC_MODEL_H

#include "config.h"
#include "kernels/simd.h"
#include "memory.h"
#include "tensors.h"

typedef struct ac_model ac_model;

/** What a forward pass is for: gradients may follow a training pass, and dropout is on in it. */
typedef enum ac_purpose { AC_EVALUATE = 0, AC_TRAIN = 1 } ac_purpose;

/**
 * Sums over the sequences of a pass, from which losses follow. Replicas that share a batch add theirs up, field by
 * field; all fields are doubles so that this is a loop. Index l of an array is level l; meta sums start at level 1.
 */
typedef struct ac_sums {
  double sequences;
  double bytes;                      /* positions of level 0 */
  double encoder, decoder;           /* Σ cross-entropy, nats */
  double entropy_floor;              /* Σ max(floor − entropy, 0)² */
  double tokens[AC_MAX_LEVELS];      /* positions */
  double conditioned[AC_MAX_LEVELS]; /* positions that a token of this pass conditions */
  double squared[AC_MAX_LEVELS];     /* Σ s */
  double distance[AC_MAX_LEVELS]; /* Σ (u − s)²; of the residual stream Σ (u − entropy)² of the levels below the top */
} ac_sums;

/** The losses of a pass, means in nats or squared errors; `borders` is the mean count a sequence. */
typedef struct ac_losses {
  double total; /* the weighted sum that training minimises */
  double byte_encoder, byte_decoder, meta, uncertainty, entropy_reg;
  double borders[AC_MAX_LEVELS]; /* of levels 0 … L − 2 */
} ac_losses;

/** Where a forward pass writes more than sums; any pointer may be NULL. The baseline has one head, the decoder's. */
typedef struct ac_outputs {
  ac_real *encoder_logits; /* [sequences][length − from][AC_SYMBOLS]; left as it is where the encoder has no head */
  ac_real *decoder_logits; /* likewise, and of every kind of model */
  int32_t from;            /* first time step of the logits, below `length` */
  ac_real *costs; /* [sequences][length] cross-entropy of the decoder's prediction, nats; residual stream only */
} ac_outputs;

/**
 * Bytes of memory that a model needs for up to `sequences` sequences at a time of up to config->sequence_length bytes;
 * 0 where the configuration is not valid. `config->batch_size` is the size of the whole batch, of which a replica
 * computes `sequences`.
 */
uint64_t ac_model_bytes(const ac_config *config, int32_t sequences);

/**
 * Makes a model in `block` (aligned to AC_ALIGNMENT, of `bytes` bytes, zeroed or not), with fresh parameters from
 * config->seed. `first_sequence` is the number, in the whole batch, of its first sequence.
 * AC_BAD_SETTING, AC_TOO_BIG (beyond `size_t`), AC_SMALL_BLOCK.
 */
ac_status ac_model_init(const ac_config *config, int32_t sequences, int32_t first_sequence, void *block, uint64_t bytes,
                        ac_model **out);

/**
 * Bytes of memory for a model that only reads: it has no gradients, moments or weights packed for the backward pass. It
 * evaluates up to `sequences` sequences at a time, or none where only streams read with it. `lender` is a model whose
 * weights it shares, or NULL where it has its own. 0 where the configuration is not valid, or has other tensors than the
 * lender.
 */
uint64_t ac_reader_bytes(const ac_config *config, int32_t sequences, const ac_model *lender);

/**
 * Makes such a model in `block`, as ac_model_init does. Its own parameters are zeros until the host writes them; the lender
 * must outlive it. Whoever changes shared parameters calls ac_model_parameters_changed with the lender. Training passes and
 * added gradients are refused with AC_READS_ONLY. AC_BAD_SETTING, AC_TOO_BIG, AC_SMALL_BLOCK.
 */
ac_status ac_reader_init(const ac_config *config, int32_t sequences, ac_model *lender, void *block, uint64_t bytes,
                         ac_model **out);

/** Whether the model can be trained. */
bool ac_model_trains(const ac_model *m);

/** The configuration, which only ac_model_set_optimiser changes. */
const ac_config *ac_model_config(const ac_model *m);

/** The table of tensors. */
const ac_tensor_table *ac_model_tensors(const ac_model *m);

/** Numbers in each of the flat arrays that follow. */
int64_t ac_model_size(const ac_model *m);

/**
 * The flat arrays, in the table's order: parameters and AdamW's first and second moments [ac_model_size], and gradients of the
 * latest backward pass [ac_model_dense_size]. They are the model's, and may be written; see ac_model_parameters_changed. A
 * model that only reads has parameters alone, the others are NULL.
 */
ac_real *ac_model_parameters(ac_model *m);
ac_real *ac_model_gradients(ac_model *m);
ac_real *ac_model_first_moments(ac_model *m);
ac_real *ac_model_second_moments(ac_model *m);

/** [tensors] updates that each tensor has had, for the moments' bias correction; NULL of a model that only reads. */
int32_t *ac_model_updates(ac_model *m);

/** To be called after parameters were written from outside. */
void ac_model_parameters_changed(ac_model *m);

/** Sets fresh parameters from config->seed, zero moments and counts. */
void ac_model_reset(ac_model *m);

/** Sets the current training step, which dropout's masks depend on. */
void ac_model_set_step(ac_model *m, uint32_t step);

/**
 * The forward pass over `bytes` [sequences][length]. The target of a byte is the next, that of a sequence's last byte
 * the end-of-text symbol. In a training pass gradients start from zero, and already hold those of the heads.
 * AC_BAD_INPUT where a size is out of range; AC_READS_ONLY; AC_NOT_FINITE where a loss is not a number (a backward pass is then refused).
 */
ac_status ac_model_forward(ac_model *m, const uint8_t *bytes, int32_t sequences, int32_t length, ac_purpose purpose,
                           const ac_outputs *outputs);

/**
 * Likewise over `bytes` [sequences][length], going on from where the latest pass of the same purpose ended, with the same
 * number of sequences. Each sequence's states, borders and parents are those of one long text; gradients stop at the start
 * of the pass. `next` [sequences] are the symbols after each sequence's last. Also AC_BAD_SETTING where the kind of model
 * carries nothing.
 */
ac_status ac_model_continue(ac_model *m, const uint8_t *bytes, const int32_t *next, int32_t sequences, int32_t length,
                            ac_purpose purpose, const ac_outputs *outputs);

/** The memory of a purpose, which may be written between passes; its pointers are NULL where the kind carries nothing. */
ac_memory *ac_model_memory(ac_model *m, ac_purpose purpose);

/**
 * Places in the memory of all sequences, which the latest pass went on from, of the slots that its positions have come to
 * (recall.h): only these, and those that sequences had before the pass, hold another number than before.
 */
const int32_t *ac_model_slots(const ac_model *m);

/** How many there are: 0 where nothing is recalled, and in a model that only reads. */
int64_t ac_model_slot_count(const ac_model *m);

/** Numbers of slots in a sequence's memory: its last ones. */
int64_t ac_model_slots_width(const ac_model *m);

/** Makes the next ac_model_continue of a purpose begin its sequences anew. */
void ac_model_forget(ac_model *m, ac_purpose purpose);

/**
 * From now on evaluations leave out the parents of level l in sequence s where bit l of without[s] is set; residual stream
 * only. NULL: all have parents. The array must stay valid.
 */
void ac_model_set_without(ac_model *m, const uint32_t *without);

/**
 * From now on the bytes of passes have these marks, `marks` [sequences][length] like the bytes: 0, or how many levels, from
 * level 0 up, have a border there by a list of the reader's own (the rule “given”). NULL: none has. The array must stay
 * valid.
 */
void ac_model_set_marks(ac_model *m, const uint8_t *marks);

/** [AC_MAX_LEVELS] thresholds of the levels' rules, which target rates steer in training; they may be written. */
float *ac_model_thresholds(ac_model *m);

/** Sums of the latest forward pass. */
const ac_sums *ac_model_sums(const ac_model *m);

/** Positions of a level in the longest sequence of the latest forward pass; 0 where there is no such level. */
int32_t ac_model_steps(const ac_model *m, int32_t level);

/**
 * Border marks of a level below the top in the latest forward pass: `mask` [sequences][ac_model_steps] gets 1 at borders,
 * 0 elsewhere and beyond a sequence's end. For any other level, and for models without levels, it is left as it is.
 */
void ac_model_border_mask(const ac_model *m, int32_t level, uint8_t *mask);

/** Losses that follow from sums (of one replica or of all) under a configuration. */
void ac_losses_from_sums(const ac_config *config, const ac_sums *sums, ac_losses *losses);

/**
 * The backward pass of the latest training pass, once. `total` are the sums over the whole batch: it scales the means
 * over tokens and says which tensors gradients reach. AC_WRONG_ORDER.
 */
ac_status ac_model_backward(ac_model *m, const ac_sums *total);

/** Parameters before those of sparse tensors, which are the last. */
int64_t ac_model_dense_size(const ac_model *m);

/** Adds another replica's `gradients` [count] to this one's from number `from` on. AC_BAD_INPUT past the last dense one, AC_READS_ONLY. */
ac_status ac_model_add_gradients(ac_model *m, int64_t from, int64_t count, const ac_real *gradients);

/** Numbers that the sparse gradients of so many sequences take at most, for a valid config; 0 where no tensor is sparse. */
int64_t ac_sparse_room(const ac_config *config, int32_t sequences);

/**
 * Copies the gradients of sparse tensors that are not zero to `out`: the number R of rows, the rows' numbers [R], their
 * gradients [R][H]. Returns the numbers written, 0 where no tensor is sparse.
 */
int64_t ac_model_copy_sparse(const ac_model *m, ac_real *out);

/** Sets the gradients of sparse tensors to zero. */
void ac_model_clear_sparse(ac_model *m);

/** Adds gradients that ac_model_copy_sparse wrote to `rows` [count]. AC_BAD_INPUT where they are of another model, AC_READS_ONLY. */
ac_status ac_model_add_sparse(ac_model *m, int64_t count, const ac_real *rows);

/** Copies all gradients to `out` [ac_model_size], those of sparse tensors included. */
void ac_model_copy_gradients(const ac_model *m, ac_real *out);

/**
 * One AdamW step with the gradients as they are, and leaves them so: p −= lr·wd·p, then Adam with β = (0.9, 0.999), ε = 1e-8.
 * Only tensors that gradients reach are touched. `norm` gets the length of the whole gradient; the step is that of one clipped
 * to config->clip_norm. AC_NOT_FINITE (nothing is changed), AC_WRONG_ORDER.
 */
ac_status ac_model_update(ac_model *m, double learning_rate, double *norm);

/** Sets what may change during training: weight decay and gradient clipping. AC_BAD_SETTING. */
ac_status ac_model_set_optimiser(ac_model *m, float weight_decay, float clip_norm);

#endif
