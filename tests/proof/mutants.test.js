// tier: quick
/** The list of mutants fits the sources, and one of each kind is caught; `npm run mutate` tries all. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { coreSources, filesUnder } from '../../wasm/tools/build.js';
import { definitionsIn, tokensOf } from './c_source.js';
import { MUTANTS } from './mutants.js';
import { caught, mutated, removeTrees } from './mutation.js';

/** One mutant each of the border rule, a kernel and the rows. */
const TRIED = ['above, not at, the threshold', 'reset gate forgotten', 'ties reversed'];

describe('mutants', () => {
  after(removeTrees);

  it('each place exists, once', () => {
    for (const mutant of MUTANTS) assert.notEqual(mutated(mutant).text, '');
    const names = MUTANTS.map(({ place, about }) => `${place} ${about}`);
    assert.equal(new Set(names).size, names.length);
  });

  it('each kernel, and each file of the core that computes, has mutants', () => {
    const changed = new Set(MUTANTS.map((mutant) => mutated(mutant).file));
    const files = [...coreSources(), ...filesUnder('c/kernels', /\.c$/)].filter((file) => file !== 'c/status.c');
    assert.deepEqual(
      files.filter((file) => !changed.has(file)),
      [],
    );
  });

  for (const about of TRIED) {
    it(`“${about}” is caught`, async () => {
      const mutant = MUTANTS.find((one) => one.about === about);
      assert.ok(mutant && (await caught(mutant)));
    });
  }

  it('a missing place is reported', () => {
    assert.throws(() => mutated({ ...MUTANTS[0], from: 'no such line' }), /has 0 places/);
    assert.throws(() => mutated({ ...MUTANTS[0], from: '_' }), /mend the list/);
    assert.throws(
      () => mutated({ ...MUTANTS[0], place: 'no_such_function' }),
      /No file of c\/ defines no_such_function/,
    );
  });
});

describe('places in C sources', () => {
  const SOURCE = `
/* a(1) { } */
#define TWICE(x) \\
  ((x) + (x))
enum { A = 1, B };
static const int TABLE[2] = {1, 2};
static inline const char *name_of(int (*use)(int), int i) { return use(i) ? "}" : "{"; }
int declared(int);
#if 1
int main(void) {
  for (int i = 0; i < 2; i++) {
    x += TABLE[i]; // x += 2
  }
}
#endif
`;

  it('functions, tables and macros are found by name, and nothing else', () => {
    const found = definitionsIn('c/some.c', SOURCE);
    assert.deepEqual(
      found.map(({ name }) => name),
      ['TWICE', 'TABLE', 'name_of', 'main'],
    );
    for (const { tokens } of found)
      for (const { text, at } of tokens) assert.equal(SOURCE.slice(at, at + text.length), text);
  });

  it('tokens are those of C, without comments', () => {
    const words = tokensOf('a->b >>= 1.5e-3f/* c */ + .5 // d\n!= "e\\"f"').map(({ text }) => text);
    assert.deepEqual(words, ['a', '->', 'b', '>>=', '1.5e-3f', '+', '.', '5', '!=', '"e\\"f"']);
  });
});
