/** Text that is safe inside XML. */

/** Stands in for what XML does not allow. */
const REPLACEMENT = '\ufffd';

const NAMED = /** @type {Readonly<Record<string, string>>} */ ({
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
});

/** Whether an XML 1.0 document may hold a character. @param {number} code  of a Unicode character, or half of one */
function isAllowed(code) {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
}

/** @param {string} text @returns {string} the text, safe in content and in attributes */
export function escapeXml(text) {
  let out = '';
  for (const sign of text) out += NAMED[sign] ?? (isAllowed(sign.codePointAt(0) ?? 0) ? sign : REPLACEMENT);
  return out;
}
