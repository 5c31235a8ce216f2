/** The content security policy of the pages: scripts of their own alone, and nobody to talk to but their own host. */

/** Where WikiText-103 is, which the page asks for only when the reader does. */
export const HUGGING_FACE = ['https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co'];

/** @type {Readonly<Record<string, readonly string[]>>} */
const SITE_POLICY = Object.freeze({
  'default-src': ["'none'"],
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'", 'blob:'],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'", ...HUGGING_FACE],
  'manifest-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
});

/**
 * @param {Record<string, string[]>} [changes]  directives that differ from the site's
 * @returns {string} what stands in the page's `meta`
 */
export function policy(changes = {}) {
  return Object.entries({ ...SITE_POLICY, ...changes })
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}

/** @param {string} text @returns {string} the `meta` of a policy */
export const policyTag = (text) => `<meta http-equiv="Content-Security-Policy" content="${text}" />`;

/** Puts the policy into every page that is built; what serves the sources while developing needs more. */
export const policyPlugin = () => ({
  name: 'policy',
  /** @type {'build'} */
  apply: 'build',
  transformIndexHtml: {
    /** @type {'post'} */
    order: 'post',
    /** @param {string} html */
    handler: (html) => html.replace(/(<meta charset="utf-8" ?\/?>)/, `$1\n    ${policyTag(policy())}`),
  },
});
