/** Makes the page that is one file: dist/adaptive-compressor.html, which opens by double click. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.js';
import { HUGGING_FACE, hashOf, inside, policy, policyTag } from './policy.js';
import { ROOT } from './run.js';

/** What it carries of public/. */
const FILES = ['samples/example.safetensors', 'samples/moby-dick.txt'];

/** @param {string} file */
const publicFile = (file) => readFileSync(path.join(ROOT, 'public', file));

/** @param {string} name @returns {string} an element that carries a file of public/ */
const carrier = (name) =>
  `<script type="application/octet-stream" data-file="${name}">${gzipSync(publicFile(name), { level: 9 }).toString('base64')}</script>`;

/** @param {string} file  where to, absolute */
export async function buildSingle(file) {
  const page = await bundle('web/single.js', 'es', { 'state/surroundings.js': 'web/state/surroundings.single.js' });
  const worker = await bundle('web/worker_entry.js', 'iife');
  const html = readFileSync(path.join(ROOT, 'web/index.html'), 'utf8');
  const [theme, code] = [inside(publicFile('theme.js').toString()), inside(page.code)];
  const rules = policy({
    'script-src': [hashOf(theme), hashOf(code), "'wasm-unsafe-eval'"],
    'worker-src': ['blob:'],
    'style-src': [hashOf(page.css)],
    'connect-src': ['data:', ...HUGGING_FACE],
    'img-src': ['data:', 'blob:'],
    'font-src': ['data:'],
    'manifest-src': ["'none'"],
  });
  const icon = `data:image/svg+xml;base64,${publicFile('icon.svg').toString('base64')}`;
  const whole = html
    .replace(/ *<link [^>]*>\n/g, '')
    .replace(/ *<script [^>]*><\/script>\n/g, '')
    .replace(/(<meta charset="utf-8" ?\/?>)/, () => `<meta charset="utf-8" />\n    ${policyTag(rules)}`)
    .replace(
      '</head>',
      () => `  <link rel="icon" href="${icon}" />\n<script>${theme}</script>\n<style>${page.css}</style>\n  </head>`,
    )
    .replace('</body>', () =>
      [
        ...FILES.map(carrier),
        `<script type="text/plain" data-file="worker.js">${inside(worker.code)}</script>`,
        `<script type="module">${code}</script>`,
        '</body>',
      ].join('\n'),
    );
  writeFileSync(file, whole);
}
