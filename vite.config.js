import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { policyPlugin } from './wasm/tools/setup/policy.js';

const web = fileURLToPath(new URL('web/', import.meta.url));

export default defineConfig({
  root: web,
  // Addresses inside the site are relative, so that it works at any path of any host.
  base: './',
  publicDir: '../public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: {
    format: 'es',
    rolldownOptions: {
      // Its own file, so that what comes later imports that, never the script that the worker was started with.
      output: { codeSplitting: { groups: [{ name: 'worker-main', test: /worker_main\.js$/ }] } },
    },
  },
  plugins: [policyPlugin()],
  server: { fs: { allow: ['..'] } },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: readdirSync(web)
        .filter((name) => name.endsWith('.html'))
        .map((name) => web + name),
    },
  },
});
