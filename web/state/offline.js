/** Makes the browser keep the site, and says when there is a newer version of it. Nothing reloads by itself. */

/** @typedef {import('./store.js').Store} Store */

/**
 * @param {Store} store
 * @returns {Promise<void>} when the browser has begun; where it can't, nothing happens
 */
export async function keepOffline(store) {
  if (!('serviceWorker' in navigator)) return;
  const container = navigator.serviceWorker;
  const registration = await container.register(new URL('service-worker.js', document.baseURI));
  const report = () => {
    // Without a controller this is the first visit, and what waits is no news.
    if (registration.waiting && container.controller) store.update.value = registration.waiting;
  };
  report();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', report);
  });
}

/**
 * Lets the newer version take over, and opens the page with it.
 * @param {Store} store
 */
export function takeUpdate(store) {
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  store.update.value?.postMessage('take over');
}
