#include "random.h"

#include "kernels/math.h"

ac_random ac_random_make(uint64_t seed, uint64_t stream) {
  ac_random r = {0, (stream << 1) | 1};
  ac_random_bits(&r);
  r.state += seed;
  ac_random_bits(&r);
  return r;
}

uint32_t ac_random_bits(ac_random *r) {
  uint64_t old = r->state;
  r->state = old * 6364136223846793005u + r->stream;
  uint32_t mixed = (uint32_t)(((old >> 18) ^ old) >> 27), turn = (uint32_t)(old >> 59);
  return (mixed >> turn) | (mixed << ((32 - turn) & 31));
}

double ac_random_uniform(ac_random *r) {
  uint64_t high = ac_random_bits(r) >> 5, low = ac_random_bits(r) >> 6;
  return (double)(high * 67108864u + low) / 9007199254740992.0;
}

double ac_random_normal(ac_random *r) {
  for (;;) {
    double x = 2 * ac_random_uniform(r) - 1, y = 2 * ac_random_uniform(r) - 1, s = x * x + y * y;
    if (s > 1e-300 && s < 1) {
      return x * ac_sqrt_scalar(-2 * ac_log(s) / s);
    }
  }
}

static uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

uint64_t ac_hash3(uint64_t a, uint64_t b, uint64_t c) { return mix(mix(mix(a) ^ b) ^ c); }

uint32_t ac_shuffled(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t index) {
  if (index >= count) {
    return 0;
  }
  int half = 1;
  while (half < 16 && ((uint64_t)1 << (2 * half)) < count) {
    half++;
  }
  const uint32_t mask = ((uint32_t)1 << half) - 1;
  uint32_t x = index;
  do {
    uint32_t left = x >> half, right = x & mask;
    for (uint32_t round = 0; round < 4; round++) {
      uint32_t next = left ^ ((uint32_t)ac_hash3(seed, ((uint64_t)epoch << 32) | round, right) & mask);
      left = right;
      right = next;
    }
    x = (left << half) | right;
  } while (x >= count);
  return x;
}
