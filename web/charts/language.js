/**
 * uPlot asks for number formats in the browser's language as soon as it is loaded, and WebKitGTK may call that “C”, which is
 * not a language: then the page's own stands in. To be imported before uPlot.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
}
