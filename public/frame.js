// A frame with `sandbox` but without `allow-same-origin` has no origin: modules and workers of the site are not for it. The
// page that is one file carries its own; nothing more of this one is loaded.
if (globalThis.origin === 'null' && location.protocol.startsWith('http')) {
  stop();
  location.replace(`adaptive-compressor.html${location.search}${location.hash}`);
}
