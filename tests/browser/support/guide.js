/** The examples in web/docs/embedding.md. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../../wasm/tools/setup/run.js';

const GUIDE = readFileSync(path.join(ROOT, 'web/docs/embedding.md'), 'utf8');

/**
 * The code blocks under a heading of the guide.
 * @param {string} heading
 * @returns {string[]}
 */
export function pasted(heading) {
  const section = GUIDE.split(/^#{2,3} /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/```\w+\n(.*?)```/gs)].map(([, code]) => code);
}

/** The content security policy that the guide gives. @returns {string} */
export function policy() {
  return /^default-src 'none'; .+$/m.exec(GUIDE)?.[0] ?? '';
}
