/** Makes the folder that GitHub Pages, or any other static host, is given: the site, and a page for wrong addresses. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { policy, policyTag } from './policy.js';
import { ROOT, runAsProgram } from './run.js';
import { buildSite, SITE } from './site.js';

/** From the project's folder. */
export const PAGES = 'build/pages';

/** What that page is headed by. */
export const NO_SUCH_PAGE = 'There is no such page';

/** A page for whatever is not there. It may be shown at any depth, so it has neither scripts nor files of its own. */
const NOT_FOUND = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    ${policyTag(policy({ 'script-src': ["'none'"], 'connect-src': ["'none'"] }))}
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${NO_SUCH_PAGE} – Adaptive Compressor</title>
  </head>
  <body>
    <main>
      <h1>${NO_SUCH_PAGE}</h1>
      <p>The address may be mistyped. Adaptive Compressor is one page: take off the end of the address to get to it.</p>
    </main>
  </body>
</html>
`;

/**
 * @param {string} [site]  the built site, from the project's folder
 * @param {string} [folder]  where to, from the project's folder
 */
export function writePages(site = SITE, folder = PAGES) {
  const to = path.join(ROOT, folder);
  rmSync(to, { recursive: true, force: true });
  cpSync(path.join(ROOT, site), to, { recursive: true });
  // Names with an underscore in front are served too.
  writeFileSync(path.join(to, '.nojekyll'), '');
  writeFileSync(path.join(to, '404.html'), NOT_FOUND);
}

await runAsProgram(import.meta.url, async () => {
  await buildSite();
  writePages();
  console.log(`The site for GitHub Pages is in ${PAGES}/; .github/workflows/pages.yml puts it there with every push.`);
});
