/**
 * Draws the architecture from the imports and includes of the sources, into web/docs/architecture.svg: `npm run drawing`.
 * Folders are boxes; folders that import one another share a box. A box stands above all that it imports, and what follows
 * from other arrows has none of its own. What is started as a worker has a dashed arrow.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cruise } from 'dependency-cruiser';
import { filesUnder } from './build.js';
import { ROOT, runAsProgram } from './setup/run.js';

/** The drawing, from the project's folder. */
export const DRAWING = 'web/docs/architecture.svg';

/** @typedef {Map<string, Set<string>>} Graph  what each node leads to */

/** Entries of web/, which lie in none of its folders. */
const ENTRIES = /^web\/(?:main\.jsx|single\.js|needs\.js)$/;

/**
 * The box that a file belongs to: a folder.
 * @param {string} file  from the project's folder
 * @returns {string|undefined} undefined where it is not drawn
 */
function boxOf(file) {
  if (file.startsWith('c/')) return file.startsWith('c/kernels/') ? 'c/kernels' : 'c';
  if (file === 'wasm/engine/bindings.c') return 'bindings';
  if (ENTRIES.test(file)) return 'web/components';
  if (/^web\/worker_\w+\.js$/.test(file)) return 'the worker';
  const [, folder] = /^((?:web|wasm)\/\w+)\//.exec(file) ?? [];
  // Styles and documents have no place among the imports.
  return folder && !/^web\/(?:styles|docs)$/.test(folder) ? folder : undefined;
}

/** The module that is built from the bindings, whether it has been built yet or not. */
const BUILT = /(?:^|\/)build\/core\.wasm(?:\?url)?$/;

/** @param {Graph} graph @param {string} from @param {string} to */
function join(graph, from, to) {
  const targets = graph.get(from) ?? new Set();
  graph.set(from, targets);
  if (!graph.has(to)) graph.set(to, new Set());
  if (from !== to) targets.add(to);
}

/** A script that is started as a worker. */
const STARTED = /new Worker\(\s*new URL\('([^']+)', import\.meta\.url\)/g;

/** @returns {Promise<{graph: Graph, started: Graph}>} boxes, and what each imports or includes; and what it starts */
async function readGraph() {
  /** @type {Graph} */
  const graph = new Map();
  /** @type {Graph} */
  const started = new Map();
  const { output } = await cruise(['web', 'wasm'], { baseDir: ROOT, doNotFollow: { path: 'node_modules' } });
  const { modules } = /** @type {import('dependency-cruiser').ICruiseResult} */ (output);
  for (const { source, dependencies } of modules) {
    for (const { resolved } of dependencies) {
      const [from, to] = [boxOf(source), BUILT.test(resolved) ? 'bindings' : boxOf(resolved)];
      if (from && to) join(graph, from, to);
    }
  }
  for (const file of [...filesUnder('c', /\.[ch]$/), 'wasm/engine/bindings.c']) {
    const includes = readFileSync(path.join(ROOT, file), 'utf8').matchAll(/^[ \t]*#[ \t]*include[ \t]+"([^"]+)"/gm);
    for (const [, name] of includes) {
      const [from, to] = [boxOf(file), boxOf(path.join(path.dirname(file), name))];
      if (from && to) join(graph, from, to);
    }
  }
  for (const file of [...filesUnder('web', /\.jsx?$/), ...filesUnder('wasm', /\.js$/)]) {
    for (const [, name] of readFileSync(path.join(ROOT, file), 'utf8').matchAll(STARTED)) {
      const [from, to] = [boxOf(file), boxOf(path.join(path.dirname(file), name))];
      if (from && to) join(started, from, to);
    }
  }
  return { graph, started };
}

/** All that a node leads to, over any number of steps. @param {Graph} graph @param {string} from @returns {Set<string>} */
function reach(graph, from) {
  /** @type {Set<string>} */
  const seen = new Set();
  const queue = [...(graph.get(from) ?? [])];
  for (let node = queue.pop(); node; node = queue.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    queue.push(...(graph.get(node) ?? []));
  }
  return seen;
}

/**
 * Puts nodes together that lead to one another, and leaves out arrows that follow from others.
 * @param {Graph} graph
 * @returns {Graph} its names are those of the folders, with lines between
 */
function condensed(graph) {
  const far = new Map([...graph.keys()].map((node) => [node, reach(graph, node)]));
  const nameOf = (/** @type {string} */ node) =>
    [...graph.keys()]
      .filter((other) => other === node || (far.get(node)?.has(other) && far.get(other)?.has(node)))
      .sort()
      .join('\n');
  /** @type {Graph} */
  const whole = new Map();
  for (const [from, targets] of graph) {
    join(whole, nameOf(from), nameOf(from));
    for (const to of targets) join(whole, nameOf(from), nameOf(to));
  }
  return new Map(
    [...whole].map(([from, targets]) => {
      const followed = [...targets].filter((to) => ![...targets].some((by) => by !== to && reach(whole, by).has(to)));
      return [from, new Set(followed)];
    }),
  );
}

const [LINE, PADDING, GAP, ROW_GAP, LETTER] = [18, 10, 28, 46, 7.8];

/** A box; one without lines is a place where a long arrow passes. @typedef {{name: string, lines: string[], x: number, y: number, width: number, height: number}} Box */

/**
 * How many arrows follow from each node at most.
 * @param {Graph} graph
 * @returns {Map<string, number>}
 */
function depthsOf(graph) {
  /** @type {Map<string, number>} */
  const depths = new Map();
  /** @type {(node: string) => number} */
  const depth = (node) => {
    const known = depths.get(node);
    if (known !== undefined) return known;
    const found = Math.max(-1, ...[...(graph.get(node) ?? [])].map((to) => depth(to))) + 1;
    depths.set(node, found);
    return found;
  };
  for (const node of graph.keys()) depth(node);
  return depths;
}

/** Marks a node that is not a box: a place where a long arrow passes a row. */
const PASSAGE = '\0';

/**
 * A graph whose arrows lead from each row to the next, over passages where they are longer.
 * @param {Graph} graph
 * @returns {Graph}
 */
function stretched(graph) {
  const depths = depthsOf(graph);
  /** @type {Graph} */
  const all = new Map([...graph.keys()].map((node) => [node, new Set()]));
  for (const [from, targets] of graph) {
    for (const to of targets) {
      let last = from;
      for (let d = (depths.get(from) ?? 0) - 1; d > (depths.get(to) ?? 0); d--) {
        // Arrows to one box run together.
        const passage = `${to}${PASSAGE}${d}`;
        join(all, last, passage);
        last = passage;
      }
      join(all, last, to);
    }
  }
  return all;
}

/**
 * Where the boxes are: each one row above the highest that it leads to, and within its row near those.
 * @param {Graph} graph
 * @returns {{boxes: Map<string, Box>, width: number, height: number}} CSS pixels
 */
function layOut(graph) {
  const depths = depthsOf(graph);
  const depth = (/** @type {string} */ node) => depths.get(node) ?? 0;
  const names = [...graph.keys()].sort();
  const rows = Array.from({ length: Math.max(...names.map(depth)) + 1 }, (_, d) => names.filter((n) => depth(n) === d));
  const sizeOf = (/** @type {string} */ name) => {
    if (name.includes(PASSAGE)) return { lines: [], width: 0, height: 0 };
    const lines = name.split('\n');
    const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * LETTER) + 2 * PADDING;
    return { lines, width, height: lines.length * LINE + 2 * PADDING };
  };
  const widthOf = (/** @type {string[]} */ row) => row.reduce((sum, name) => sum + sizeOf(name).width + GAP, -GAP);
  const width = Math.max(...rows.map(widthOf)) + 2 * GAP;
  const heights = rows.map((row) => Math.max(...row.map((name) => sizeOf(name).height)));
  const height = heights.reduce((sum, each) => sum + each + ROW_GAP, -ROW_GAP) + 2 * GAP;
  /** @type {Map<string, Box>} */
  const boxes = new Map();
  let bottom = height - GAP;
  rows.forEach((row, d) => {
    const middle = (/** @type {string} */ name) => {
      const below = [...(graph.get(name) ?? [])].flatMap((to) => boxes.get(to) ?? []);
      return below.reduce((sum, box) => sum + box.x + box.width / 2, 0) / (below.length || 1) || width / 2;
    };
    let x = (width - widthOf(row)) / 2;
    for (const name of row.sort((a, b) => middle(a) - middle(b) || (a < b ? -1 : 1))) {
      const size = sizeOf(name);
      boxes.set(name, { name, ...size, x, y: bottom - size.height });
      x += size.width + GAP;
    }
    bottom -= heights[d] + ROW_GAP;
  });
  return { boxes, width, height };
}

const STYLE = `
    svg { --ink: #222; --box: #f3f1ec; --line: #8a8578; background: #fff; font: 13px ui-monospace, monospace; }
    @media (prefers-color-scheme: dark) { svg { --ink: #e8e6e1; --box: #2b2a27; --line: #8f8a7e; background: #191816; } }
    rect { fill: var(--box); stroke: var(--line); } text { fill: var(--ink); }
    path { fill: none; stroke: var(--line); } marker path { fill: var(--line); stroke: none; }`;

/** @param {number} value */
const pixels = (value) => String(Math.round(value * 10) / 10);

/** A curve from the foot of a box to the head of another. @param {Box} from @param {Box} to @param {boolean} dashed */
function arrow(from, to, dashed) {
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height];
  const [x2, y2] = [to.x + to.width / 2, to.y];
  const bend = (y2 - y1) / 2;
  const points = [x1, y1, x1, y1 + bend, x2, y2 - bend, x2, y2].map(pixels);
  const ends = to.lines.length > 0 ? ' marker-end="url(#head)"' : '';
  return `<path d="M${points[0]} ${points[1]}C${points.slice(2).join(' ')}"${ends}${dashed ? ' stroke-dasharray="4 3"' : ''}/>`;
}

/** Whether a graph leads from one of the folders in a box to one of those in another. @param {Graph} graph @param {string} from @param {string} to */
const leads = (graph, from, to) =>
  from.split('\n').some((a) =>
    to
      .split(PASSAGE)[0]
      .split('\n')
      .some((b) => graph.get(a)?.has(b)),
  );

/**
 * The drawing of a graph.
 * @param {Graph} graph    what folders import
 * @param {Graph} started  what they start
 * @returns {string} SVG
 */
export function draw(graph, started) {
  /** @type {Graph} */
  const both = new Map();
  for (const [from, targets] of [...graph, ...started]) for (const to of [from, ...targets]) join(both, from, to);
  const ways = stretched(condensed(both));
  const { boxes, width, height } = layOut(ways);
  const arrows = [...boxes.values()].flatMap((from) =>
    [...(ways.get(from.name) ?? [])].sort().flatMap((to) => {
      const box = boxes.get(to);
      const dashed = leads(started, from.name, to) && !leads(graph, from.name, to);
      return box ? [arrow(from, box, dashed)] : [];
    }),
  );
  const all = [...boxes.values()].filter(({ lines }) => lines.length > 0);
  const shapes = all.map(({ lines, x, y, width: w, height: h }) => {
    const text = lines.map(
      (line, i) => `<text x="${pixels(x + PADDING)}" y="${pixels(y + PADDING + i * LINE + 13)}">${line}</text>`,
    );
    return `<rect x="${pixels(x)}" y="${pixels(y)}" width="${w}" height="${h}" rx="6"/>${text.join('')}`;
  });
  const size = [width, height].map(pixels);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size.join(' ')}">
  <title>What imports what: an arrow leads from a folder to one that it uses</title>
  <style>${STYLE}
  </style>
  <defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
  ${[...arrows, ...shapes].join('\n  ')}
</svg>
`;
}

/** @returns {Promise<string>} the drawing as the sources are now */
export async function drawArchitecture() {
  const { graph, started } = await readGraph();
  return draw(graph, started);
}

await runAsProgram(import.meta.url, async () => {
  writeFileSync(path.join(ROOT, DRAWING), await drawArchitecture());
  console.log(`${DRAWING} is up to date.`);
});
