/**
 * Keeps the whole site in the browser, so that it opens without a network. What is kept is answered from there; a new
 * version is fetched beside the old one, and takes over when no page of the old one is open or when the reader says so.
 * Which files there are is written in front of this script when the site is built (wasm/tools/setup/offline.js).
 */

const worker = /** @type {ServiceWorkerGlobalScope & {site: {version: string, files: string[]}}} */ (
  /** @type {unknown} */ (self)
);
const { version, files } = worker.site;
const root = worker.registration.scope;
/** Several copies of the site may share a host: each has caches of its own. */
const PREFIX = `adaptive-compressor ${root} `;
/** Files whose names change with what is in them. */
const UNCHANGING = /^assets\//;

/** Fetches the missing files; those that the version before has, and that can't have changed, are taken from it. */
async function fill() {
  const cache = await caches.open(PREFIX + version);
  for (const file of files) {
    const request = new Request(new URL(file, root), { cache: 'no-cache' });
    if (await cache.match(request)) continue;
    const known = UNCHANGING.test(file) ? await caches.match(request) : undefined;
    const answer = known ?? (await fetch(request));
    if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
    await cache.put(request, answer);
  }
}

/** Drops all versions but this and the one before, which pages that are still open may ask for parts of. */
async function tidy() {
  const own = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== PREFIX + version);
  for (const name of own.slice(0, -1)) await caches.delete(name);
  await worker.clients.claim();
}

/** @param {Request} request @returns {Promise<Response>} */
async function answer(request) {
  const url = new URL(request.url);
  url.search = '';
  url.hash = '';
  if (url.href === `${root}index.html`) url.href = root;
  const cache = await caches.open(PREFIX + version);
  return (await cache.match(url.href)) ?? (await caches.match(url.href)) ?? fetch(request);
}

worker.addEventListener('install', (event) => event.waitUntil(fill()));
worker.addEventListener('activate', (event) => event.waitUntil(tidy()));
worker.addEventListener('message', ({ data }) => {
  if (data === 'take over') worker.skipWaiting();
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(root)) event.respondWith(answer(request));
});
