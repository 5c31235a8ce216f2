#include "status.h"

#include <stddef.h>

static const char *const NAMES[] = {
#define AC_STATUS_ROW(name, sentence) #name,
    AC_STATUS_TABLE(AC_STATUS_ROW)
#undef AC_STATUS_ROW
};

static const char *const SENTENCES[] = {
#define AC_STATUS_ROW(name, sentence) sentence,
    AC_STATUS_TABLE(AC_STATUS_ROW)
#undef AC_STATUS_ROW
};

const char *ac_status_name(int status) { return status >= 0 && status < AC_STATUS_COUNT ? NAMES[status] : NULL; }

const char *ac_status_sentence(int status) {
  return status >= 0 && status < AC_STATUS_COUNT ? SENTENCES[status] : NULL;
}
