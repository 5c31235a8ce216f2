#include "sampling.h"

#include "kernels/gemm.h"
#include "kernels/softmax.h"
#include "kernels/vector.h"

/** The k-th largest of n numbers, k from 1; reorders them (Hoare's selection). */
static ac_real kth_largest(ac_real *x, int n, int k) {
  int low = 0, high = n - 1;
  while (low < high) {
    const ac_real pivot = x[(low + high) / 2];
    int i = low, j = high;
    while (i <= j) {
      while (x[i] > pivot) {
        i++;
      }
      while (x[j] < pivot) {
        j--;
      }
      if (i <= j) {
        const ac_real swap = x[i];
        x[i++] = x[j];
        x[j--] = swap;
      }
    }
    if (k - 1 <= j) {
      high = j;
    } else if (k - 1 >= i) {
      low = i;
    } else {
      break;
    }
  }
  return x[k - 1];
}

int32_t ac_sample(const ac_real *logits, int32_t symbols, double temperature, int32_t top_k, ac_random *random,
                  ac_real *work) {
  ac_real *scaled = work, *probabilities = work + ac_padded(AC_SYMBOLS);
  double highest = (double)logits[0];
  for (int i = 1; i < symbols; i++) {
    highest = (double)logits[i] > highest ? (double)logits[i] : highest;
  }
  /* Less the largest, so that a tiny temperature overflows only to −∞. */
  for (int i = 0; i < symbols; i++) {
    scaled[i] = (ac_real)(((double)logits[i] - highest) / temperature);
  }
  if (top_k > 0 && top_k < symbols) {
    ac_copy(symbols, scaled, probabilities);
    const ac_real least = kth_largest(probabilities, symbols, top_k);
    for (int i = 0; i < symbols; i++) {
      scaled[i] = scaled[i] < least ? (ac_real)-1e30 : scaled[i];
    }
  }
  ac_softmax_row(symbols, scaled, -1, probabilities);
  double point = ac_random_uniform(random);
  int32_t last = 0;
  for (int32_t i = 0; i < symbols; i++) {
    if (probabilities[i] > 0 && scaled[i] > (ac_real)-1e29) {
      last = i;
      point -= (double)probabilities[i];
      if (point < 0) {
        break;
      }
    }
  }
  return last;
}
