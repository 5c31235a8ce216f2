/** Which way imports run. Types in comments are free, and so is a script that is started as a worker. */

const WORKER = '^web/worker_(?:entry|main)[.]js$';
const DRAWING = '^web/(?:components|charts|figures|hierarchy|explorer|export|element|styles)/|[.](?:jsx|css)$';
const DATA = '^web/(?:traces|anatomy|format|storage)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no import leads back to its file', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'what is imported is there',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '(?:^|/)build/' },
    },
    { name: 'the protocol imports nothing', severity: 'error', from: { path: '^wasm/engine/protocol[.]js$' }, to: {} },
    {
      name: 'the page reaches the module only through the worker',
      severity: 'error',
      from: { path: '^web/', pathNot: WORKER },
      to: { path: `^wasm/engine/(?:core|module)[.]js$|[.]wasm$|${WORKER}`, reachable: true },
    },
    {
      name: 'state imports nothing that draws',
      severity: 'error',
      from: { path: '^web/state/' },
      to: { path: DRAWING, reachable: true },
    },
    {
      name: 'data stands below the state',
      severity: 'error',
      from: { path: DATA },
      to: { path: '^web/', pathNot: DATA },
    },
    {
      name: 'wasm/ imports nothing of the page',
      severity: 'error',
      from: { path: '^wasm/' },
      to: { path: '^web/', reachable: true },
    },
    {
      name: 'engine and files import no command line, package or tool',
      severity: 'error',
      from: { path: '^wasm/(?:engine|files)/' },
      to: { path: '^wasm/(?:cli|library|tools)/' },
    },
    {
      name: 'what ships imports no tool of the build',
      severity: 'error',
      from: { path: '^(?:web|wasm/(?:engine|files|cli|library))/' },
      to: { path: '^wasm/tools/', reachable: true },
    },
    {
      name: 'no product imports a test',
      severity: 'error',
      from: { path: '^(?:web|wasm)/' },
      to: { path: '^tests/', reachable: true },
    },
    {
      name: 'random tests have a fixed seed',
      severity: 'error',
      from: { path: '^tests/', pathNot: '^tests/random_cases[.]js$' },
      to: { path: '(?:^|/)fast-check(?:/|$)' },
    },
    {
      name: 'what ships imports only dependencies',
      severity: 'error',
      from: { path: '^(?:web|wasm)/', pathNot: '^wasm/tools/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional', 'npm-peer'] },
    },
    {
      name: 'the page uses nothing of Node',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(?:node:|worker_threads$|fs$|path$)', reachable: true },
    },
  ],
  required: [
    {
      name: 'the worker reaches the module',
      severity: 'error',
      module: { path: '^web/worker_entry[.]js$' },
      to: { path: '^wasm/engine/module[.]js$', reachable: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
