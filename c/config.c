#include "config.h"

#include <stddef.h>

#define KIND(type) _Generic((type)0, float : 1, uint32_t : 2, default : 0)

static const ac_config_field FIELDS[] = {
#define AC_CONFIG_ROW(type, name, least, most) {#name, (int32_t)offsetof(ac_config, name), KIND(type)},
    AC_CONFIG_TABLE(AC_CONFIG_ROW)
#undef AC_CONFIG_ROW
};

const ac_config_field *ac_config_field_at(int i) {
  return i >= 0 && i < (int)(sizeof FIELDS / sizeof FIELDS[0]) ? &FIELDS[i] : NULL;
}

ac_status ac_config_check(const ac_config *config) {
  /* Written so that NaN fails. */
#define AC_CONFIG_RANGE(type, name, least, most)                                                    \
  if (!((double)config->name >= (double)(least) && (double)config->name <= (double)(type)(most))) { \
    return AC_BAD_SETTING;                                                                          \
  }
  AC_CONFIG_TABLE(AC_CONFIG_RANGE)
#undef AC_CONFIG_RANGE
  return AC_OK;
}
