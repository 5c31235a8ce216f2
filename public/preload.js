// What the first drawing needs is fetched while the page's code is still on its way, but not before its words are there.
// web/state/surroundings.js takes it from here; what that has asked for already is not asked for again.
globalThis.early = new Map();
// Where nobody tells when they are, nothing is fetched ahead.
if (typeof PerformanceObserver === 'function') {
  new PerformanceObserver((list, observer) => {
    if (list.getEntriesByName('first-contentful-paint').length === 0) return;
    observer.disconnect();
    for (const path of ['samples/example.safetensors', 'samples/moby-dick.held-out.txt']) {
      if (!globalThis.early.has(path)) globalThis.early.set(path, fetch(path));
    }
  }).observe({ type: 'paint', buffered: true });
}
