/** The layout, leftovers and documentation. Imports are checked in imports.test.js. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { SETTINGS } from '../wasm/engine/settings.js';
import { ROOT, run } from '../wasm/tools/setup/run.js';

/** Folders without files of the project, for a copy without git. */
const IGNORED = new Set(['.git', 'node_modules', 'build', 'dist']);

/**
 * Every file of the project that git has or would add.
 * @returns {Promise<string[]>} from the project's folder
 */
async function projectFiles() {
  const git = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  const all =
    git.code === 0
      ? git.output.split('\n').filter(Boolean)
      : readdirSync(ROOT, { withFileTypes: true, recursive: true })
          .filter((entry) => entry.isFile())
          .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
          .filter((file) => !IGNORED.has(file.split(path.sep)[0]) && !file.startsWith('public/samples/'));
  // Listed by git, but deleted.
  const there = new Set(readdirSync(ROOT));
  return all.filter((file) => there.has(file.split('/')[0]) && readOr(file) !== undefined).sort();
}

/** @param {string} file */
function readOr(file) {
  try {
    return readFileSync(path.join(ROOT, file), 'utf8');
  } catch {
    return undefined;
  }
}

/** Files that were read. @type {Map<string, string>} */
const known = new Map();

/** @param {string} file */
function text(file) {
  const found = known.get(file) ?? readOr(file) ?? '';
  known.set(file, found);
  return found;
}

/**
 * What a C file includes.
 * @param {string} file
 * @returns {string[]} `<stdint.h>` as it is, "own.h" as a path in the project
 */
function includes(file) {
  return [...text(file).matchAll(/^[ \t]*#[ \t]*include[ \t]+(<[^>]+>|"[^"]+")/gm)].map(([, name]) =>
    name.startsWith('<') ? name : path.join(path.dirname(file), name.slice(1, -1)),
  );
}

/** @param {string[]} found */
const none = (found) => assert.deepEqual(found, []);

const files = await projectFiles();
const inFolder = (/** @type {string} */ folder) => files.filter((file) => file.startsWith(`${folder}/`));
const cFiles = files.filter((file) => /\.[ch]$/.test(file));
const jsFiles = files.filter((file) => /\.jsx?$/.test(file));

describe('layout', () => {
  it('has only the fixed entries at the top level', () => {
    const fixed = [
      'package.json',
      'package-lock.json',
      'c',
      'web',
      'wasm',
      'tests',
      'public',
      'vite.config.js',
      'README.md',
    ];
    none(
      [...new Set(files.map((file) => file.split('/')[0]))].filter(
        (name) => !fixed.includes(name) && !name.startsWith('.'),
      ),
    );
  });

  it('has no file with paths of one machine', () => {
    const places = /(?<![\w.~-])\/(?:work|farm|root|home|Users|tmp)\/[\w.-]/;
    none(files.filter((file) => file !== 'package-lock.json' && places.test(text(file))));
  });

  it('has no download addresses in the lock file', () => {
    assert.equal(text('package-lock.json').includes('"resolved"'), false);
  });

  it('has no source file over 400 lines', () => {
    const sources = files.filter((file) => /^(?:c|wasm|web|tests)\/.*\.(?:[ch]|jsx?|css|html)$/.test(file));
    none(sources.filter((file) => text(file).split('\n').length > 401));
  });

  it('skips and narrows no test', () => {
    const marks = /\b(?:it|test|describe)\.(?:skip|only|todo)\b|\{[^}]*\b(?:skip|only|todo):/;
    none(inFolder('tests').filter((file) => file.endsWith('.test.js') && marks.test(text(file))));
  });
});

describe('C', () => {
  it('kernels include nothing outside c/kernels/', () => {
    const own = inFolder('c/kernels').filter((file) => cFiles.includes(file));
    assert.ok(own.length > 0);
    none(
      own.filter((file) => includes(file).some((name) => !name.startsWith('<') && path.dirname(name) !== 'c/kernels')),
    );
  });

  it('the core includes nothing outside c/', () => {
    const own = inFolder('c').filter((file) => cFiles.includes(file));
    none(own.filter((file) => includes(file).some((name) => !name.startsWith('<') && !name.startsWith('c/'))));
  });

  it('only the bindings name Emscripten', () => {
    none(cFiles.filter((file) => file !== 'wasm/engine/bindings.c' && /emscripten/i.test(text(file))));
    assert.ok(includes('wasm/engine/bindings.c').some((name) => name.startsWith('<emscripten')));
  });

  it('the core does no input or output, and allocates nothing', () => {
    const hosted = ['<stdio.h>', '<stdlib.h>', '<time.h>', '<unistd.h>'];
    none(inFolder('c').filter((file) => includes(file).some((name) => hosted.includes(name))));
  });
});

describe('text on the page', () => {
  it('never becomes HTML, and never runs as a script', () => {
    const ways =
      /\b(?:innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|srcdoc|createContextualFragment|parseFromString|setHTMLUnsafe)\b|\bdocument\s*\.\s*write|\beval\s*\(|\bnew\s+Function\b|\bset(?:Timeout|Interval)\s*\(\s*['"`]|\bjavascript:/;
    const shipped = [...inFolder('web'), ...inFolder('wasm'), ...inFolder('public')];
    none(shipped.filter((file) => /\.(?:jsx?|html)$/.test(file) && ways.test(text(file))));
  });

  it('stands in pages without inline scripts, handlers or styles', () => {
    const inline = /<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/i;
    none(inFolder('web').filter((file) => file.endsWith('.html') && inline.test(text(file))));
  });
});

/**
 * Declarations of a header's functions, each with the comment above it or above the declarations just before it.
 * @param {string} file
 */
function declarations(file) {
  const lines = text(file).split('\n');
  return lines.flatMap((line, i) => {
    if (!/^(?:static inline |AC_INLINE )?(?:const )?\w+ \**ac_\w+\(/.test(line)) return [];
    let above = i - 1;
    while (above > 0 && !/^$|\*\/$|^#/.test(lines[above])) above--;
    let top = above;
    while (top > 0 && !lines[top].startsWith('/*')) top--;
    const comment = /\*\/$/.test(lines[above]) ? lines.slice(top, above + 1).join('\n') : '';
    const [, parameters = ''] = /\(([^)]*)\)/.exec(lines.slice(i).join('\n')) ?? [];
    return [{ name: `${file}: ${line}`, comment, parameters }];
  });
}

/** Pointers to numbers: the comment names each in backticks, or with its shape, x [N][P]. */
const NUMBERS = /(?:ac_real|uint8_t|int32_t|double|float) \*(\w+)/g;

/** What an exported function of a JavaScript file lacks. @param {string} file */
function undocumented(file) {
  const all = text(file);
  const functions =
    /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^export (?:async )?function\*? (\w+)\(([\s\S]*?)\) \{\n([\s\S]*?)^\}/gm;
  return [...all.matchAll(functions)].flatMap(([, comment = '', name, parameters, body]) => {
    // What a factory returns is described where it is built.
    const answers = !name.startsWith('create') && /\breturn [^;\n]/.test(body);
    const lacks = [
      comment === '' && 'a comment',
      parameters !== '' && !comment.includes('@param') && '@param',
      answers && !comment.includes('@returns') && '@returns',
    ].filter(Boolean);
    return lacks.length > 0 ? [`${file}: ${name} lacks ${lacks.join(', ')}`] : [];
  });
}

describe('nothing is left over', () => {
  const code = [...inFolder('web'), ...inFolder('public')].filter((file) => /\.(?:jsx?|html)$/.test(file)).map(text);
  const styles = inFolder('web').filter((file) => file.endsWith('.css'));
  const rules = styles.map((file) => text(file).replace(/\/\*[\s\S]*?\*\//g, ''));

  it('each style sheet, and each script served as it is, is used', () => {
    const whole = [...jsFiles, ...inFolder('web'), 'package.json'];
    const reached = (/** @type {string} */ file) =>
      whole.some((other) => other !== file && text(other).includes(path.basename(file)));
    none([...inFolder('web'), ...inFolder('public')].filter((file) => /\.(?:js|css)$/.test(file) && !reached(file)));
  });

  it('each CSS class is used', () => {
    const given = new Set(code.flatMap((file) => file.match(/[\w-]+/g) ?? []));
    // Made by uPlot.
    given.add('u-over');
    const classes = rules.flatMap((rule) => [...rule.replace(/\{[^{}]*\}/g, '{}').matchAll(/\.([a-z][\w-]*)/gi)]);
    assert.ok(classes.length > 500);
    none([...new Set(classes.map(([, name]) => name))].filter((name) => !given.has(name)));
  });

  it('each CSS variable is used, and each one used is defined', () => {
    const all = [...rules, ...code].join('\n');
    const found = (/** @type {RegExp} */ pattern) => new Set([...all.matchAll(pattern)].map(([, name]) => name));
    const [made, used] = [found(/(--[\w-]+)['"]?\s*[:,]/g), found(/(?:var\(|read\(')(--[\w-]*\w)/g)];
    // Drawings build the names of levels from their numbers.
    none([...made].filter((name) => !used.has(name) && !/^--level-\d$/.test(name)));
    none([...used].filter((name) => !made.has(name) && name !== '--level'));
  });
});

describe('documentation', () => {
  // Vector operations do in each lane what their names say, and are described together.
  const functions = inFolder('c')
    .filter((file) => file.endsWith('.h') && file !== 'c/kernels/simd.h')
    .flatMap(declarations);

  it('each function of the core says what it does', () => {
    assert.ok(functions.length > 80);
    none(functions.filter(({ comment }) => comment === '').map(({ name }) => name));
  });

  it('each function of the core names the shapes of its arrays', () => {
    const unnamed = functions.flatMap(({ name, comment, parameters }) =>
      [...parameters.matchAll(NUMBERS)]
        .map(([, number]) => number)
        .filter((number) => !comment.includes(`\`${number}\``))
        .filter((number) => !new RegExp(`\\b${number}\\b`).test(comment) || !/\[\w+\]/.test(comment))
        .map((number) => `${name} … ${number}`),
    );
    none(unnamed);
  });

  it('each class that wasm/ exports says what it is', () => {
    const bare = /(?<!\*\/\n)^export class (\w+)/gm;
    none(inFolder('wasm').flatMap((file) => [...text(file).matchAll(bare)].map(([, name]) => `${file}: ${name}`)));
  });

  it('each exported function says what it does, takes and returns', () => {
    const own = [...inFolder('wasm'), ...inFolder('web')].filter((file) => file.endsWith('.js'));
    assert.ok(own.length > 150);
    none(own.flatMap(undocumented));
  });
});

describe('settings', () => {
  it('have different names', () => assert.equal(new Set(SETTINGS.map(({ name }) => name)).size, SETTINGS.length));

  for (const { name, type, default: value, min, max, positive, choices } of SETTINGS) {
    it(`${name}: its default lies within its range`, () => {
      if (type === 'flag') return assert.equal(typeof value, 'boolean');
      if (type === 'text')
        return assert.ok(typeof value === 'string' && value.length > 0 && value.length <= Number(max));
      if (type === 'list') return assert.equal(value, '');
      if (type === 'choice') return assert.ok(choices?.includes(String(value)));
      assert.ok(typeof value === 'number' && min !== undefined && max !== undefined);
      assert.ok(value >= min && value <= max && (!positive || value > 0));
      return assert.equal(type === 'int' && !Number.isInteger(value), false);
    });
  }
});
