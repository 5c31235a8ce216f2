// tier: slow
/** Sessions that other programs have unpacked and repacked are still the same sessions. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { isSession } from '../../web/state/runs/gate.js';
import { workFolder } from '../wasm/support/cli.js';
import { fromBase64, program, python, toBase64, writeFiles } from '../wasm/support/programs.js';
import { browser, session } from './support/sessions.js';

const { at, remove } = workFolder();
after(remove);

/** Repacks an archive in another order, with another program. */
const REPACKED = `
import zipfile
file = io.BytesIO()
with zipfile.ZipFile(io.BytesIO(unpacked(value))) as old, zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as new:
  for name in reversed(old.namelist()):
    with new.open(name, 'w', force_zip64=True) as entry: entry.write(old.read(name))
result = packed(file.getvalue())
`;

/** @param {Uint8Array} bytes @param {string} packer @param {string[]} args */
function repacked(bytes, packer, args) {
  rmSync(at('in'), { recursive: true, force: true });
  rmSync(at('new.zip'), { force: true });
  mkdirSync(at('in'));
  writeFiles(at('.'), { 'old.zip': bytes });
  program('7z', ['x', '-bd', '-y', `-o${at('in')}`, at('old.zip')]);
  program(packer, args, { cwd: at('in') });
  return new Uint8Array(readFileSync(at('new.zip')));
}

/** @param {Uint8Array} bytes  what a browser keeps after importing them */
async function takenIn(bytes) {
  assert.equal(await isSession(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)])), true);
  const to = browser();
  await to.importSession('old.zip', bytes);
  const { reason, fields } = to.store.notice.value ?? {};
  assert.deepEqual([reason, fields], ['session_taken', { name: 'old.zip', added: 2 }]);
  const { runs } = await to.shelf.list();
  const all = await Promise.all(
    runs.map(async (run) => {
      const weights = await to.shelf.weights(run);
      const text = await to.shelf.text(run.text.digest);
      const { name, notes, settings } = run;
      return {
        name,
        notes,
        settings,
        points: await to.shelf.points(run.id),
        weights: weights?.bytes,
        text: text?.bytes,
      };
    }),
  );
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

test('a session repacked by Python, Info-ZIP or 7-Zip is the same session', async () => {
  const { bytes } = await session();
  const expected = await takenIn(bytes);
  assert.ok(expected[0].weights && expected[0].text);
  const others = [
    fromBase64(python(REPACKED, toBase64(bytes))),
    repacked(bytes, 'zip', ['-q', '-r', '../new.zip', '.']),
    repacked(bytes, 'zip', ['-q', '-r', '-D', '-fz', '../new.zip', '.']),
    repacked(bytes, '7z', ['a', '-bd', '-tzip', '-mx=9', '../new.zip', '.']),
  ];
  for (const other of others) assert.deepEqual(await takenIn(other), expected);
});
