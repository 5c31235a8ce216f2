#include "gates.h"

#include <stddef.h>

#include "math.h"

void ac_gates_forward(int padded, ac_real *gates, const ac_real *recurrent, const ac_real *before, ac_real *after) {
  const ac_v4 one = ac_splat(1);
  ac_real *gn = gates, *gr = gates + padded, *gz = gates + 2 * padded, *gq = gates + 3 * padded;
  /* r and z side by side, then n: short chains of operations, many of which overlap. */
  for (int i = 0; i < 2 * padded; i += AC_LANES) {
    ac_store(gr + i, ac_sigmoid(ac_add(ac_load(gr + i), ac_load(recurrent + i))));
  }
  for (int i = 0; i < padded; i += AC_LANES) {
    ac_v4 q = ac_load(recurrent + 2 * padded + i), z = ac_load(gz + i);
    ac_v4 n = ac_tanh(ac_multiply_add(ac_load(gn + i), ac_load(gr + i), q));
    ac_v4 h = ac_mul(ac_sub(one, z), n);
    if (before) {
      h = ac_multiply_add(h, z, ac_load(before + i));
    }
    ac_store(gn + i, n);
    ac_store(gq + i, q);
    ac_store(after + i, h);
  }
}

void ac_gates_backward(int padded, ac_real *gates, const ac_real *before, const ac_real *gradient, ac_real *carry) {
  const ac_v4 one = ac_splat(1), zero = ac_splat(0);
  ac_real *gn = gates, *gr = gates + padded, *gz = gates + 2 * padded, *gq = gates + 3 * padded;
  for (int i = 0; i < padded; i += AC_LANES) {
    ac_v4 n = ac_load(gn + i), r = ac_load(gr + i), z = ac_load(gz + i), q = ac_load(gq + i);
    ac_v4 dh = ac_load(gradient + i), h = before ? ac_load(before + i) : zero;
    ac_v4 rest = ac_sub(one, z);
    ac_v4 dn = ac_mul(ac_mul(dh, rest), ac_sub(one, ac_mul(n, n)));
    ac_v4 dz = ac_mul(ac_mul(dh, ac_sub(h, n)), ac_mul(z, rest));
    ac_v4 dr = ac_mul(ac_mul(dn, q), ac_mul(r, ac_sub(one, r)));
    ac_store(gn + i, dn);
    ac_store(gr + i, dr);
    ac_store(gz + i, dz);
    ac_store(gq + i, ac_mul(dn, r));
    if (carry) {
      ac_store(carry + i, ac_multiply_add(ac_load(carry + i), dh, z));
    }
  }
}
