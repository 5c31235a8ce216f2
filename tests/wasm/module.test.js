import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { Model } from '../../wasm/engine/core.js';
import { SYMBOLS } from '../../wasm/engine/kinds.js';
import { loadModule } from '../../wasm/engine/node/surroundings.js';
import { defaults } from '../../wasm/engine/settings.js';

test('the module is at most 60 KB gzipped', async () => {
  const bytes = await readFile(new URL('../../build/core.wasm', import.meta.url));
  const size = gzipSync(bytes, { level: 9 }).length;
  assert.ok(size <= 60 * 1024, `${size} bytes`);
});

test('the number of symbols is that of the core', async () => {
  const { core } = new Model(await loadModule(), defaults({ batch_size: 1, hidden_size: 4 }));
  assert.equal(SYMBOLS, core.constants.AC_SYMBOLS);
});

test('memory does not grow once a model is open, whatever it is used for', async () => {
  const module = await loadModule();
  for (const model_type of /** @type {const} */ (['adaptive', 'baseline'])) {
    const settings = defaults({ model_type, batch_size: 2, sequence_length: 64, hidden_size: 32 });
    const model = new Model(module, settings);
    const [pages, used] = [model.core.memory.buffer.byteLength, model.memoryBytes];
    assert.ok(used <= pages);
    const text = Uint8Array.from({ length: 128 }, (_, i) => (i * 7) & 127);
    for (let step = 0; step < 3; step++) {
      model.forward(text, 64, { training: true });
      model.backward();
      model.update(1e-3);
    }
    assert.equal(model.core.memory.buffer.byteLength, pages, model_type);
    assert.equal(model.core.used, used, model_type);
  }
});
