/* What a sequence recalls: each context what followed it the last time, whatever else came between or memory holds. */
#include "../../c/recall.h"

#include <math.h>
#include <string.h>

#include "../../c/ngrams.h"
#include "../../c/random.h"
#include "support/check.h"
#include "support/models.h"

enum { CONTEXTS = 3 };

static ac_real *memory;

static void forget(void) { memset(memory, 0, (size_t)ac_recall_width(CONTEXTS) * sizeof *memory); }

/** The row that a context has after a byte; contexts are told apart by their hash. */
static int32_t read(int32_t context, int32_t byte, uint32_t hash) {
  return ac_recall_row(CONTEXTS, context, byte, hash, memory);
}

static int32_t row_of(int32_t byte, int32_t repeats) { return 1 + byte + 257 * repeats; }

static void check_following(void) {
  forget();
  CHECK(read(0, 'a', 1) == 0, "nothing is known at first");
  CHECK(read(0, 'b', 2) == 0, "nor of another hash");
  CHECK(read(0, 'a', 1) == row_of('b', 0), "after 1 came b");
  for (int32_t times = 1; times < 12; times++) {
    CHECK(read(0, 'b', 2) == row_of('a', times < 8 ? times - 1 : 7), "after 2 came a, %d times", (int)times);
    const int32_t repeats = times < AC_RECALL_MOST ? times : AC_RECALL_MOST;
    CHECK(read(0, 'a', 1) == row_of('b', repeats), "after 1 came b, %d times", (int)times + 1);
  }
  CHECK(read(0, 'c', 9) == 0, "c came after 1 this time");
  CHECK(read(0, 'a', 1) == row_of('c', 0), "which is what counts");
  CHECK(read(1, 'a', 1) == 0 && read(2, 'a', 1) == 0, "another context knows nothing of it");
  CHECK(read(0, 255, 3) == 0 && read(0, 0, 1) == row_of(255, 0) && read(0, 256, 3) == row_of(0, 0),
        "the first and the last byte");
  CHECK(read(0, 'x', 1) == row_of(256, 0) && read(0, 0, 3) == row_of('x', 0),
        "and the end of a text, which is a symbol");
}

/** A hash whose slot is that of another one, and whose check differs. */
static uint32_t rival_of(uint32_t hash) {
  forget();
  read(0, 0, hash);
  const ac_real slot = memory[0];
  for (uint32_t other = hash + 1;; other++) {
    read(0, 0, other);
    if (memory[0] == slot) {
      return other;
    }
  }
}

static void check_places(void) {
  const uint32_t rival = rival_of(5);
  forget();
  read(0, 'a', 5);
  CHECK(read(0, 'b', 6) == 0 && read(0, 'a', 5) == row_of('b', 0), "known while it has the slot");
  CHECK(read(0, 'c', rival) == 0, "another context has none of it");
  CHECK(read(0, 'a', 5) == 0, "and took its place");
}

/** Memory that came from a file may hold anything: rows stay in the table, and slots in the memory. */
static void check_any_memory(void) {
  const ac_real odd[] = {(ac_real)NAN, (ac_real)INFINITY, -(ac_real)INFINITY, -1, 0.5f, 511, 8388607, 8388608, 3e38f,
                         32769};
  ac_random source = ac_random_make(3, 3);
  int64_t known = 0;
  for (int round = 0; round < 200; round++) {
    for (int64_t i = 0; i < ac_recall_width(CONTEXTS); i++) {
      memory[i] = round % 2 ? odd[ac_random_bits(&source) % 10] : (ac_real)(ac_random_bits(&source) >> 8);
    }
    for (int i = 0; i < 400; i++) {
      const int32_t row = read(i % CONTEXTS, (int32_t)(ac_random_bits(&source) % 257), ac_random_bits(&source));
      CHECK(row >= 0 && row < AC_RECALL_ROWS, "row %d", (int)row);
      known += row > 0;
    }
  }
  CHECK(known > 0, "some of it is taken for something");
}

int main(void) {
  memory = test_reals((size_t)ac_recall_width(CONTEXTS));
  check_group("what followed");
  check_following();
  check_group("places");
  check_places();
  check_group("any memory");
  check_any_memory();
  test_free_all();
  return check_finish("recall");
}
