/**
 * Status codes of the core. Every function that can fail returns one; each has one plain sentence.
 * On any status but AC_OK what the function was to change is as it was, unless its comment says otherwise.
 */
#ifndef AC_STATUS_H
#define AC_STATUS_H

/* X(name, sentence) */
#define AC_STATUS_TABLE(X)                                                                                          \
  X(OK, "Everything went well.")                                                                                    \
  X(BAD_SETTING, "A setting is out of range for the model.")                                                        \
  X(TOO_BIG, "The model needs more memory than there is for it: choose a smaller hidden size, batch or sequence.")  \
  X(SMALL_BLOCK, "The memory handed to the core is smaller than it asked for.")                                     \
  X(BAD_INPUT, "The input holds a symbol, position or size that the model does not have.")                          \
  X(NOT_FINITE, "The loss is no longer a finite number: a smaller learning rate or gradient clipping should help.") \
  X(WRONG_ORDER, "A call came before the one that it builds on.")                                                   \
  X(LEAKS, "Teacher-forced borders look at the next byte, so there is no cached generation with them.")             \
  X(READS_ONLY, "This model can only read: training needs a model made for it.")

typedef enum ac_status {
#define AC_STATUS_NAME(name, sentence) AC_##name,
  AC_STATUS_TABLE(AC_STATUS_NAME)
#undef AC_STATUS_NAME
      AC_STATUS_COUNT
} ac_status;

/** The name of a code without its prefix ("TOO_BIG"); NULL for any other number. */
const char *ac_status_name(int status);

/** The sentence of a code; NULL for any other number. */
const char *ac_status_sentence(int status);

#endif
