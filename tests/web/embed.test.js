/** The page embedded in another: which parts the address hides, and what of the address stays. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PARTS, readEmbed, withKept } from '../../web/state/embed.js';

describe('address of an embedded page', () => {
  it('hides nothing by default', () => {
    assert.deepEqual(readEmbed('?preset=quick_start'), { hidden: [], theme: null, kept: '', errors: [] });
  });

  it('hides what the surrounding page has already, and what it names', () => {
    assert.deepEqual(readEmbed('?embed').hidden, ['header', 'intro', 'footer']);
    assert.deepEqual(readEmbed('?embed&hide=write,train').hidden, ['header', 'intro', 'train', 'write', 'footer']);
    for (const name of Object.keys(PARTS)) assert.deepEqual(readEmbed(`hide=${name}`).hidden, [name]);
  });

  it('reports names of parts that do not exist', () => {
    const { hidden, errors } = readEmbed('?hide=train,<b>,constructor&theme=blue');
    assert.deepEqual(hidden, ['train']);
    assert.equal(errors.length, 3);
    for (const [i, word] of ['<b>', 'constructor', 'theme'].entries()) assert.ok(errors[i].includes(word), errors[i]);
  });

  it('keeps its own part when the rest changes', () => {
    const { kept } = readEmbed('?at=5&embed&hide=train,write&theme=dark');
    assert.equal(kept, 'embed&hide=train,write&theme=dark');
    assert.equal(withKept('', kept), `?${kept}`);
    assert.equal(withKept('?at=6', kept), `?at=6&${kept}`);
    assert.equal(withKept('?at=6', ''), '?at=6');
    assert.deepEqual(readEmbed(withKept('?at=6', kept)).hidden, readEmbed(`?${kept}`).hidden);
  });
});
