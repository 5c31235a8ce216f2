/** Text that is safe inside XML. */

/** What XML 1.0 allows no document to hold, not even as a reference. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const NAMED = /** @type {Readonly<Record<string, string>>} */ ({
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
});

/** @param {string} text @returns {string} what stands for it in content and in attributes */
export function escapeXml(text) {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (sign) => NAMED[sign]);
}
