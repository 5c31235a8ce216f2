/**
 * Finds functions, tables and macros of C sources by name, and changes them token by token, so that neither layout
 * nor comments nor the rest of the file matters.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { filesUnder } from '../../wasm/tools/build.js';
import { ROOT, SetupError } from '../../wasm/tools/setup/run.js';

/** @typedef {{text: string, at: number}} Token  `at`: its first character in the file */
/** @typedef {{file: string, name: string, tokens: Token[]}} Definition */

const TOKEN =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\d(?:[eE][+-]|[\w.])*|\w+|\.\.\.|->|\+\+|--|<<=|>>=|[-+*/%&|^!=<>]=|<<|>>|&&|\|\||##|\S/g;
const IDENTIFIER = /^[A-Za-z_]\w*$/;
/** In a pattern, any one identifier. */
const ANY = '_';

/**
 * The tokens of a C text, without its comments.
 * @param {string} text
 * @returns {Token[]}
 */
export function tokensOf(text) {
  return [...text.matchAll(TOKEN)]
    .map((match) => ({ text: match[0], at: match.index }))
    .filter((token) => !/^\/[/*]/.test(token.text));
}

/** A preprocessor line, with the lines that backslashes join to it. */
const DIRECTIVE = /^[ \t]*#(?:\\\n|[^\n])*/gm;

/**
 * The name that a definition gives: the one before its parameters, or before its `=` and any array sizes.
 * @param {string[]} words  the tokens before its first brace
 */
function nameOf(words) {
  const end = words.findIndex((word) => word === '(' || word === '[' || word === '=');
  return words[end - 1] ?? '';
}

/**
 * The functions, tables and macros that a C text defines.
 * @param {string} file
 * @param {string} text
 * @returns {Definition[]}
 */
export function definitionsIn(file, text) {
  const blank = (/** @type {string} */ part) => part.replace(/[^\n]/g, ' ');
  const plain = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, blank);
  const macros = [...plain.matchAll(DIRECTIVE)].flatMap((match) => {
    const name = /^[ \t]*#[ \t]*define[ \t]+(\w+)/.exec(match[0])?.[1];
    const tokens = tokensOf(match[0]).map((token) => ({ ...token, at: token.at + match.index }));
    return name ? [{ file, name, tokens }] : [];
  });
  /** @type {Definition[]} */
  const found = [];
  /** @type {Token[]} */
  let open = [];
  let depth = 0;
  for (const token of tokensOf(plain.replace(DIRECTIVE, blank))) {
    open.push(token);
    if (token.text === '{') depth++;
    if (token.text === '}') depth--;
    if (depth > 0 || (token.text !== '}' && token.text !== ';')) continue;
    const words = open.map((one) => one.text);
    const brace = words.indexOf('{');
    const name = nameOf(words.slice(0, brace < 0 ? words.length : brace));
    if (IDENTIFIER.test(name) && (brace > 0 || words.includes('='))) found.push({ file, name, tokens: open });
    open = [];
  }
  return [...macros, ...found];
}

/** @type {Definition[]} */
const known = [];

/**
 * The definitions of a name in the core: several if files have their own functions of that name, or if it depends on
 * the compiler.
 * @param {string} name  with a file in front to choose among several: `gru.c forward`
 * @returns {Definition[]}
 * @throws {SetupError} where there is none
 */
function definitionsOf(name) {
  if (known.length === 0)
    for (const file of filesUnder('c', /\.[ch]$/))
      known.push(...definitionsIn(file, readFileSync(path.join(ROOT, file), 'utf8')));
  const [wanted, file] = name.split(' ').reverse();
  const found = known.filter((one) => one.name === wanted && (!file || path.basename(one.file) === file));
  if (found.length === 0) throw new SetupError(`No file of c/ defines ${name}: mend the list of mutants.`);
  return found;
}

/**
 * The places of a pattern.
 * @param {readonly Token[]} tokens
 * @param {readonly string[]} pattern  tokens; `_` stands for any one identifier
 * @returns {number[]} indices of first tokens
 */
function placesOf(tokens, pattern) {
  const fits = (/** @type {number} */ first) =>
    pattern.every((word, i) => {
      const text = tokens[first + i]?.text;
      return word === ANY ? IDENTIFIER.test(text ?? '') : word === text;
    });
  return tokens.flatMap((_, first) => (fits(first) ? [first] : []));
}

/**
 * A file of the core with one of its definitions changed.
 * @param {string} name  as `definitionsOf` takes it
 * @param {string} from  C tokens that stand once in it; `_` is any one identifier
 * @param {string} to    what replaces them; its `_`s are those of `from`, in order
 * @returns {{file: string, text: string}}
 * @throws {SetupError} where the place is missing, or there are several
 */
export function changed(name, from, to) {
  const pattern = tokensOf(from).map((token) => token.text);
  const places = definitionsOf(name).flatMap(({ file, tokens }) =>
    placesOf(tokens, pattern).map((first) => ({ file, matched: tokens.slice(first, first + pattern.length) })),
  );
  if (places.length !== 1)
    throw new SetupError(`${name} has ${places.length} places like “${from}”, not one: mend the list of mutants.`);
  const [{ file, matched }] = places;
  const names = matched.filter((_, i) => pattern[i] === ANY).map((token) => token.text);
  const words = tokensOf(to).map((token) => (token.text === ANY ? (names.shift() ?? ANY) : token.text));
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const last = matched[matched.length - 1];
  return { file, text: text.slice(0, matched[0].at) + words.join(' ') + text.slice(last.at + last.text.length) };
}
