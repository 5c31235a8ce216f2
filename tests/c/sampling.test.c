/* Drawing a symbol: the softmax of logits over temperature, among the likeliest few, at any extreme. */
#include <math.h>
#include <string.h>

#include "../../c/kernels/gemm.h"
#include "../../c/sampling.h"
#include "support/check.h"
#include "support/models.h"

enum { DRAWS = 6000, LIKELIEST = 77 };

static ac_random source;
static ac_real logits[AC_SYMBOLS];

static int32_t draw_of(int32_t symbols, double temperature, int32_t top_k) {
  ac_real work[2 * ((AC_SYMBOLS + AC_COLUMNS - 1) / AC_COLUMNS * AC_COLUMNS)];
  return ac_sample(logits, symbols, temperature, top_k, &source, work);
}

static int32_t draw(double temperature, int32_t top_k) { return draw_of(AC_SYMBOLS, temperature, top_k); }

/** Logits uniform in ±range, one of them the highest. */
static void new_logits(double range) {
  for (int i = 0; i < AC_SYMBOLS; i++) {
    logits[i] = (ac_real)(range * (2 * ac_random_uniform(&source) - 1));
  }
  logits[LIKELIEST] = (ac_real)(1.01 * range);
}

/** Symbols with a higher logit. */
static int rank_of(int32_t symbol) {
  int rank = 0;
  for (int i = 0; i < AC_SYMBOLS; i++) {
    rank += logits[i] > logits[symbol];
  }
  return rank;
}

/**
 * Chi-squared of many draws against the exact distribution; symbols expected fewer than five times are counted
 * together. Five standard deviations of chi-squared are allowed.
 */
static void check_distribution(double temperature, int32_t top_k) {
  double share[AC_SYMBOLS], total = 0, chi = 0, rest = 0, rest_drawn = 0;
  int drawn[AC_SYMBOLS] = {0}, bins = 0;
  bool among = true;
  for (int i = 0; i < AC_SYMBOLS; i++) {
    const bool kept = top_k == 0 || rank_of(i) < top_k;
    share[i] = kept ? exp(((double)logits[i] - (double)logits[LIKELIEST]) / temperature) : 0;
    total += share[i];
  }
  for (int i = 0; i < DRAWS; i++) {
    const int32_t symbol = draw(temperature, top_k);
    among = among && symbol >= 0 && symbol < AC_SYMBOLS && share[symbol] > 0;
    drawn[symbol]++;
  }
  for (int i = 0; i < AC_SYMBOLS; i++) {
    const double expected = DRAWS * share[i] / total;
    if (expected < 5) {
      rest += expected;
      rest_drawn += drawn[i];
    } else {
      chi += (drawn[i] - expected) * (drawn[i] - expected) / expected;
      bins++;
    }
  }
  if (rest > 5) {
    chi += (rest_drawn - rest) * (rest_drawn - rest) / rest;
    bins++;
  }
  CHECK(among, "temperature %g, top %d: nothing else is drawn", temperature, (int)top_k);
  CHECK(bins < 2 || chi < bins + 5 * sqrt(2.0 * bins), "temperature %g, top %d: chi-squared %g of %d bins", temperature,
        (int)top_k, chi, bins);
}

static void check_top(void) {
  for (int32_t k = 1; k <= AC_SYMBOLS + 1; k = k < 6 ? k + 1 : 2 * k) {
    new_logits(3);
    for (int i = 0; i < 500; i++) {
      CHECK(rank_of(draw(50, k)) < k, "among the likeliest %d", (int)k);
    }
  }
  for (int i = 0; i < 500; i++) {
    CHECK(draw(100, 1) == LIKELIEST, "the likeliest of one, however hot");
  }
  /* Two share third place, and both stay. */
  memset(logits, 0, sizeof logits);
  logits[3] = 4;
  logits[9] = 3;
  logits[100] = logits[AC_EOS] = 2;
  int drawn[AC_SYMBOLS] = {0};
  for (int i = 0; i < 2000; i++) {
    drawn[draw(2, 3)]++;
  }
  CHECK(drawn[3] && drawn[9] && drawn[100] && drawn[AC_EOS], "ties with the last of the likeliest stay");
  CHECK(drawn[3] + drawn[9] + drawn[100] + drawn[AC_EOS] == 2000, "and nothing else is drawn");
}

/** Without the end symbol no draw ends the text, even where that would be likeliest. */
static void check_endless(void) {
  new_logits(1);
  logits[AC_EOS] = 30;
  CHECK(draw(1, 0) == AC_EOS && draw(1, 1) == AC_EOS, "the end is the likeliest");
  for (int i = 0; i < 1000; i++) {
    const int32_t symbol = draw_of(AC_EOS, 1, i % 3);
    CHECK(symbol >= 0 && symbol < AC_EOS, "bytes alone have no end symbol");
    CHECK(i % 3 != 1 || symbol == LIKELIEST, "the likeliest byte");
  }
}

static void check_extremes(void) {
  static const double COLD[] = {1e-3, 1e-6, 1e-30, 1e-45, 1e-300, 5e-324}, HOT[] = {1e4, 1e30, 1e300};
  for (size_t c = 0; c < sizeof COLD / sizeof *COLD; c++) {
    new_logits(20);
    for (int i = 0; i < 300; i++) {
      CHECK(draw(COLD[c], i % 3 * 20) == LIKELIEST, "temperature %g takes the likeliest", COLD[c]);
    }
  }
  for (size_t h = 0; h < sizeof HOT / sizeof *HOT; h++) {
    new_logits(1);
    check_distribution(HOT[h], 0);
  }
  /* Logits far apart, equal, and large. */
  new_logits(1e6);
  CHECK(draw(1, 0) == LIKELIEST, "the one far above the others");
  memset(logits, 0, sizeof logits);
  check_distribution(1, 0);
  for (int i = 0; i < AC_SYMBOLS; i++) {
    logits[i] = (ac_real)(i == LIKELIEST ? -1000 : -1003);
  }
  check_distribution(1, 0);
}

int main(void) {
  static const double TEMPERATURES[] = {0.25, 0.7, 1, 3};
  static const int32_t TOP[] = {0, 2, 40, AC_SYMBOLS};
  source = ac_random_make(11, 0);
  check_group("distribution");
  for (size_t t = 0; t < 4; t++) {
    for (size_t k = 0; k < 4; k++) {
      new_logits(2);
      check_distribution(TEMPERATURES[t], TOP[k]);
    }
  }
  check_group("the likeliest");
  check_top();
  check_endless();
  check_group("extremes");
  check_extremes();
  return check_finish("sampling");
}
