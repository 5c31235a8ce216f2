/** The content security policy of the pages: only their own scripts, and no connection but to their own host. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './run.js';

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

/** A script's text inside HTML. @param {string} code @returns {string} */
export const inside = (code) => code.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');

/** What a policy knows an inline script or style by. @param {string} text @returns {string} */
export const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Leads a frame without an origin elsewhere. In such a frame WebKit counts no file as the page's own, so this stands in the page. */
const FRAME = /<script src="[^"]*frame\.js"><\/script>/;

/** @param {string} html  of a page @returns {string} with its policy, and what leads frames elsewhere */
function withPolicy(html) {
  const frame = inside(readFileSync(path.join(ROOT, 'public/frame.js'), 'utf8').replace(/^\/\/.*\n/gm, ''));
  /** @type {Record<string, string[]>} */
  const changes = FRAME.test(html) ? { 'script-src': [...SITE_POLICY['script-src'], hashOf(frame)] } : {};
  return html
    .replace(/(<meta charset="utf-8" ?\/?>)/, (meta) => `${meta}\n    ${policyTag(policy(changes))}`)
    .replace(FRAME, () => `<script>${frame}</script>`);
}

/** Puts the policy into every page that is built; what serves the sources while developing needs more. */
export const policyPlugin = () => ({
  name: 'policy',
  /** @type {'build'} */
  apply: 'build',
  transformIndexHtml: {
    /** @type {'post'} */
    order: 'post',
    handler: withPolicy,
  },
});
