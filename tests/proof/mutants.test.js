// tier: quick
/** The list of mutants is true, and some of each kind are caught; `npm run mutate` tries all. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { coreSources, filesUnder } from '../../wasm/tools/build.js';
import { MUTANTS } from './mutants.js';
import { caught, mutated, removeTrees } from './mutation.js';

/** One of each of these: of a kernel, of the border rule, of the rows. */
const TRIED = ['above, not at, the threshold', 'reset gate forgotten', 'ties turned round'];

describe('mutants', () => {
  after(removeTrees);

  it('each place is there, once', () => {
    for (const mutant of MUTANTS) assert.notEqual(mutated(mutant), '');
    const names = MUTANTS.map(({ file, about }) => `${file} ${about}`);
    assert.equal(new Set(names).size, names.length);
  });

  it('each kernel, and each file of the core that computes, has some', () => {
    const files = [...coreSources(), ...filesUnder('c/kernels', /\.c$/)].filter((file) => file !== 'c/status.c');
    for (const file of files)
      assert.ok(
        MUTANTS.some((mutant) => mutant.file === file),
        file,
      );
  });

  for (const about of TRIED) {
    it(`“${about}” is caught`, async () => {
      const mutant = MUTANTS.find((one) => one.about === about);
      assert.ok(mutant && (await caught(mutant)));
    });
  }

  it('a place that is no longer there is told', () => {
    assert.throws(() => mutated({ ...MUTANTS[0], from: 'no such line' }), /has 0 places/);
    assert.throws(() => mutated({ ...MUTANTS[0], from: 'ac_real' }), /mend the list/);
  });
});
