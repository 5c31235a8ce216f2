/**
 * The project as a package: packed, installed in an empty folder, used under Node, type-checked, used in a bundled page, and as a
 * program.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from 'vite';
import { LINES, NOTES, USAGE } from '../../wasm/cli/sentences.js';
import { ROOT, run } from '../../wasm/tools/setup/run.js';
import { inBrowsers } from '../in_browsers.js';
import { wholly } from '../wording.js';
import { textFacts } from './pages.js';
import { ADDRESS, installPacked } from './support/installed_package.js';

const PAGE = 'build/package-page';
const NAME = 'adaptive-compressor';
const COMMANDS = ['train', 'infer', 'evaluate', 'trace', 'compress', 'decompress', 'serve'];

/** Where the page is, by what `serve` says. @param {string} said */
function addressIn(said) {
  const [, port] = wholly(NOTES.serving({ address: 'http://localhost:NaN/' })).exec(said.trimEnd()) ?? [];
  assert.ok(port, said);
  return `http://localhost:${port}/`;
}
const TEN_STEPS = `
import { checkpoints, CoreError, evaluate, generate, load, train, trace } from 'adaptive-compressor';

/** A text that a model learns quickly. */
export const text = 'The sea was calm, and the ship lay still. '.repeat(200);
const settings = { hidden_size: 16, sequence_length: 64, batch_size: 4, byte_entropy_threshold: 10, learning_rate: 0.01 };

export async function tenSteps() {
  const model = await load({ settings });
  const before = await evaluate(model, text);
  /** @type {number[]} */
  const steps = [];
  const last = await train(model, text, { steps: 10, onStep: ({ step }) => steps.push(step) });
  const after = await evaluate(model, text);
  const written = await generate(model, 'The sea', { max_new_bytes: 20, stop_at_eos: false, seed: 3 });
  let traced = 0;
  for await (const piece of trace(model, text.slice(0, 500), { top: 2 })) traced += piece.encoderEntropy.length;
  const file = checkpoints.write(model, { resumable: true });
  const again = await load({ checkpoint: file, module: await WebAssembly.compile(await moduleBytes()) });
  const same = await evaluate(again, text);
  let refused = '';
  try {
    await train(model, 'short', { steps: 1 });
  } catch (error) {
    if (error instanceof CoreError) refused = error.code;
  }
  return {
    steps, last: last.step, step: again.step, before: before.decoderBpb, after: after.decoderBpb, same: same.decoderBpb,
    written: written.bytes.length, reason: written.reason, traced, refused, tensors: (await checkpoints.read(file)).tensors.size,
  };
}
`;
const ON_NODE = `
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
const moduleBytes = () => readFile(fileURLToPath(import.meta.resolve('adaptive-compressor/core.wasm')));
${TEN_STEPS}
console.log(JSON.stringify(await tenSteps()));
`;
const IN_A_PAGE = `
import url from 'adaptive-compressor/core.wasm?url';
const moduleBytes = async () => (await fetch(url)).arrayBuffer();
${TEN_STEPS}
tenSteps().then((result) => { document.body.textContent = JSON.stringify(result); });
`;
const TYPED = `
import { checkpoints, compress, decompress, defaults, evaluate, type Figures, generate, type LanguageModel, load, SETTINGS, startRun, train, trace, type TracePiece, type TrainingRun } from 'adaptive-compressor';
import { BorderHierarchy } from 'adaptive-compressor/border-hierarchy.js';
import { startRun as startRunApart } from 'adaptive-compressor/border-hierarchy-run.js';
const model: LanguageModel = await load({ settings: { hidden_size: 16 } });
const figures: Figures & { step: number } = await train(model, 'text', { steps: 10 });
const bytes: Uint8Array = (await generate(model, 'The ')).bytes;
for await (const piece of trace(model, bytes)) { const entropies: Float32Array = (piece satisfies TracePiece).encoderEntropy; }
const file: Uint8Array = checkpoints.write(model);
const smaller: Uint8Array = await decompress(await compress(bytes));
const bits: number = (await evaluate(model, smaller)).decoderBpb;
const names: string[] = SETTINGS.map(({ name }) => name);
const size: number = Number(defaults({ hidden_size: 16 }).hidden_size);
const run: TrainingRun = startRun(model, 'text', { steps: 10, onStep: ({ step }) => step.toFixed() });
const cost: number = run.progress.decoderBpb;
const figure = document.querySelector<BorderHierarchy>('border-hierarchy');
if (figure) {
  figure.run = run;
  figure.run = startRunApart({ text: new URL('sea.txt', location.href), settings: { max_steps: 600 } });
  figure.weights = file;
  figure.text = 'The sea was calm.';
  figure.height = 300;
  figure.thresholds = [10, 0.3];
  figure.interactive = false;
  figure.shows = null;
  const read: Uint8Array | undefined = figure.trace?.text;
}
// @ts-expect-error a run is not a number
if (figure) figure.run = 1;
// @ts-expect-error an attribute is no object
if (figure) figure.theme = {};
// @ts-expect-error a text is not a number
startRunApart({ text: 1 });
// @ts-expect-error a model is not a number
const wrong: number = model;
// @ts-expect-error steps are a number
await train(model, 'text', { steps: 'ten' });
// @ts-expect-error settings are values, not lists
await load({ settings: { hidden_size: [16] } });
export { bits, cost, figures, file, names, size };
`;

/** @type {Awaited<ReturnType<typeof installPacked>>} */
let installed;
const packageJson = readFileSync(path.join(ROOT, 'package.json'), 'utf8');
before(async () => {
  installed = await installPacked();
  const { folder } = installed;
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(path.join(folder, name), text);
  write('node.js', ON_NODE);
  write('typed.ts', TYPED);
  mkdirSync(path.join(folder, 'page'));
  write(
    'page/index.html',
    '<!doctype html><title>Package</title><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>',
  );
  write('page/main.js', IN_A_PAGE);
  await build({
    root: path.join(folder, 'page'),
    configFile: false,
    base: './',
    logLevel: 'silent',
    build: { outDir: path.join(ROOT, PAGE), emptyOutDir: true },
  });
});
after(() => {
  installed?.remove();
  rmSync(path.join(ROOT, PAGE), { recursive: true, force: true });
});

/** @param {any} result  of `tenSteps` */
function check(result) {
  assert.deepEqual(
    result.steps,
    Array.from({ length: 10 }, (_, i) => i + 1),
  );
  assert.ok(result.after < result.before - 0.5, `${result.before} → ${result.after} bits a byte`);
  assert.equal(result.same, result.after, 'the saved file gives the same model');
  const { last, step, written, reason, traced, refused } = result;
  assert.deepEqual(
    { last, step, written, reason, traced, refused },
    { last: 10, step: 10, written: 20, reason: 'length', traced: 500, refused: 'short_text' },
  );
  assert.ok(result.tensors > 10);
}

describe('package', () => {
  it('trains ten steps under Node', async () => {
    const { code, output } = await run(process.execPath, ['node.js'], { cwd: installed.folder, seconds: 60 });
    assert.equal(code, 0, output);
    check(JSON.parse(output));
  });

  it('has types, made from the JSDoc', async () => {
    const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
    for (const resolution of ['bundler', 'nodenext']) {
      const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
      const args = ['--noEmit', '--strict', '--target', 'es2023', '--module', module, '--moduleResolution', resolution];
      const { code, output } = await run(process.execPath, [tsc, ...args, '--lib', 'es2023,dom', 'typed.ts'], {
        cwd: installed.folder,
        seconds: 60,
      });
      assert.equal(code, 0, `${resolution}: ${output}`);
    }
  });
});

describe('the published package', () => {
  const own = path.join('node_modules', 'adaptive-compressor');
  const read = () => JSON.parse(readFileSync(path.join(installed.folder, own, 'package.json'), 'utf8'));

  it('says what it is, what it runs on, and what a bundler may leave out', () => {
    const { description, keywords, engines, sideEffects, type, bin, license, dependencies, ...rest } = read();
    assert.ok(description.length > 40 && keywords.length > 4);
    assert.deepEqual([type, Object.keys(bin)], ['module', ['adaptive-compressor']]);
    assert.match(engines.node, /^\^20/);
    for (const pattern of sideEffects) assert.match(pattern, /\*/);
    assert.deepEqual(Object.keys(dependencies).length, 5);
    const { repository, bugs, homepage } = rest;
    assert.deepEqual(
      [repository.url, bugs.url, homepage],
      [`git+${ADDRESS}.git`, `${ADDRESS}/issues`, `${ADDRESS}#readme`],
    );
    // Until its owner has chosen a license.
    assert.equal(license, undefined);
    assert.match(readFileSync(path.join(ROOT, 'README.md'), 'utf8'), /^No license is named yet: .*owner.*\.$/m);
  });

  it('leaves package.json as it was', () => {
    assert.equal(readFileSync(path.join(ROOT, 'package.json'), 'utf8'), packageJson);
  });

  it('has everything that its entries name, and no sources of the core, tests or documents', () => {
    const files = readdirSync(path.join(installed.folder, own), { recursive: true }).map((file) => String(file));
    const { exports, bin } = read();
    const named = Object.values({ ...exports, bin }).flatMap((/** @type {any} */ entry) =>
      typeof entry === 'string' ? entry : Object.values(entry),
    );
    assert.ok(named.length > 7);
    for (const file of named) assert.ok(files.includes(path.normalize(file)), `${file} is there`);
    const top = new Set(files.map((file) => file.split(path.sep)[0]));
    assert.deepEqual([...top].sort(), ['README.md', 'build', 'dist', 'package.json', 'wasm']);
    assert.deepEqual(
      files.filter((file) => /\.(?:[ch]|jsx|py|test\.js)$|(?:^|[/\\])(?:tests|docs|tools)$/.test(file)),
      [],
    );
  });
});

describe('package as a program', () => {
  const program = () => path.join(installed.folder, 'node_modules/.bin/adaptive-compressor');
  /** @param {string[]} args */
  const started = async (...args) => {
    const { code, output } = await run(program(), args, { cwd: installed.folder, seconds: 60 });
    return { code, output };
  };
  /** @param {string[]} args */
  const done = async (...args) => {
    const { code, output } = await started(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${output}`);
    return output;
  };

  it('says what it can do, and what is wrong with a command', async () => {
    const help = await done('--help');
    assert.ok(help.startsWith(`${LINES.usage_of_all({ name: NAME })}\n`));
    for (const command of COMMANDS) assert.ok(help.includes(`\n  ${command} `), command);
    const usage = LINES.usage({ by: NAME, name: 'infer', before: '', operands: ['CHECKPOINT'] });
    assert.ok((await done('infer', '--help')).startsWith(`${usage}\n`));
    assert.deepEqual(await started('trian'), {
      code: 2,
      output: `${NAME}: ${USAGE.no_command({ name: 'trian', commands: COMMANDS })}\n`,
    });
    const output = `${NAME}: ${USAGE.command_missing({ commands: COMMANDS })}\n`;
    assert.deepEqual(await started(), { code: 2, output });
  });

  it('is what npx runs', async () => {
    const { code, output } = await run('npx', ['--offline', 'adaptive-compressor', '--help'], {
      cwd: installed.folder,
      seconds: 60,
    });
    assert.equal(code, 0, output);
    assert.ok(output.startsWith(LINES.usage_of_all({ name: NAME })));
  });

  it('trains, generates, evaluates, traces, compresses and decompresses', async () => {
    const text = 'The sea was calm, and the ship lay still. '.repeat(200);
    writeFileSync(path.join(installed.folder, 'sea.txt'), text);
    const small = ['--hidden-size', '12', '--batch-size', '2', '--sequence-length', '32', '--max-steps', '3'];
    await done('train', '--text-file', 'sea.txt', '--output', 'model.safetensors', ...small);
    const model = 'model.safetensors';
    await done('infer', model, '--prompt', 'The ', '--max-new-bytes', '5');
    assert.match(await done('evaluate', model, '--text-file', 'sea.txt'), /"decoder_bpb":/);
    const rows = (await done('trace', model, '--text-file', 'sea.txt', '--format', 'tsv')).split('\n');
    assert.ok(rows.length > text.length);
    await done('compress', 'sea.txt', '--output', 'sea.packed');
    await done('decompress', 'sea.packed', '--output', 'again.txt');
    assert.equal(readFileSync(path.join(installed.folder, 'again.txt'), 'utf8'), text);
    assert.ok(statSync(path.join(installed.folder, 'sea.packed')).size < text.length / 10);
  });

  it('serves the page', async () => {
    const child = spawn(process.execPath, [program(), 'serve', '--port', '0'], { cwd: installed.folder });
    try {
      const [said] = await once(child.stdout, 'data');
      const address = addressIn(String(said));
      const page = await fetch(address);
      assert.equal(page.status, 200);
      assert.match(await page.text(), /<title>Adaptive Compressor/);
      assert.equal((await fetch(`${address}border-hierarchy.js`)).status, 200);
      assert.equal((await fetch(`${address}../package.json`)).status, 404);
    } finally {
      child.kill();
    }
  });
});

inBrowsers(['chromium'], 'page that the package serves', (open) => {
  it('opens, and reads with the model that comes with it', () =>
    open({}, async ({ page: tab, problems }) => {
      const program = path.join(installed.folder, 'node_modules/.bin/adaptive-compressor');
      const child = spawn(process.execPath, [program, 'serve', '--port', '0'], { cwd: installed.folder });
      try {
        const [said] = await once(child.stdout, 'data');
        const address = addressIn(String(said));
        await tab.goto(address);
        await textFacts(tab);
        await tab.waitForSelector('#hierarchy canvas');
        assert.equal(new URL(tab.url()).origin, new URL(address).origin);
        // All its requests go to where it was opened.
        const elsewhere = problems.filter((problem) => !problem.includes(new URL(address).origin));
        assert.deepEqual(elsewhere, []);
        problems.length = 0;
      } finally {
        child.kill();
      }
    }));
});

inBrowsers(
  ['chromium', 'firefox'],
  'package in a bundled page',
  (open) => {
    it('trains ten steps', () =>
      open({}, async ({ page }) => {
        await page.waitForFunction(() => document.body.textContent?.startsWith('{'));
        check(JSON.parse(await page.$eval('body', (body) => body.textContent ?? '')));
      }));
  },
  PAGE,
);
