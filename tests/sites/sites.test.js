/**
 * The element in real sites built by MkDocs, VitePress and Docusaurus as web/docs/embedding.md says: it
 * draws, follows the site's look, and comes and goes with the site's own navigation.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, it } from 'node:test';
import { ROOT, run } from '../../wasm/tools/setup/run.js';
import { ELEMENT, SITE } from '../../wasm/tools/setup/site.js';
import { tool } from '../../wasm/tools/setup/tools.js';
import { drawn, themed } from '../browser/support/elements.js';
import { pasted } from '../browser/support/guide.js';
import { inBrowsers, screenshot } from '../in_browsers.js';

/** @typedef {import('puppeteer-core').Page} Page */

const FOLDER = 'build/sites';
const BASE = '/docs/adaptive/';
const OTHER = '# Other\n\nNothing is drawn here.\n';

/** @param {string} name @param {string} text */
function write(name, text) {
  const file = path.join(ROOT, FOLDER, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Copies the two files of the element into a folder of a site. @param {string} folder */
function bring(folder) {
  for (const file of [ELEMENT, 'example.safetensors'])
    cpSync(path.join(ROOT, SITE, file), path.join(ROOT, FOLDER, folder, file));
}

/** @param {string} folder @param {string} command @param {string[]} args */
async function must(folder, command, ...args) {
  const cwd = path.join(ROOT, FOLDER, folder);
  const { code, output } = await run(command, args, { cwd, seconds: 600, env: { DOCUSAURUS_NO_TELEMETRY: '1' } });
  assert.equal(code, 0, output);
}

/** Installs the generators, unless they are installed as required. */
async function install() {
  const lock = readFileSync(path.join(ROOT, 'tests/sites/package-lock.json'), 'utf8');
  const stamp = path.join(ROOT, FOLDER, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  for (const name of ['package.json', 'package-lock.json'])
    write(name, readFileSync(path.join(ROOT, 'tests/sites', name), 'utf8'));
  await must('', 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund');
  write('installed', lock);
}

/** @param {string} name */
const program = (name) => path.join(ROOT, FOLDER, 'node_modules/.bin', name);

/** The code with the script's address for a site below a path. @param {string} code */
const based = (code) => code.replace("'/border-hierarchy.js'", `'${BASE}border-hierarchy.js'`);

/** Builds of a small site with two pages, by generator. @type {Readonly<Record<string, {site: string, build: () => Promise<void>}>>} */
const GENERATORS = Object.freeze({
  mkdocs: {
    site: 'mkdocs/site',
    build: async () => {
      const [config, script, markdown] = pasted('MkDocs');
      write(
        'mkdocs/mkdocs.yml',
        `site_name: Notes\n# Its own script for code would come from another host.\ntheme:\n  name: mkdocs\n  highlightjs: false\n${config}`,
      );
      write('mkdocs/docs/javascripts/hierarchy.js', script);
      write('mkdocs/docs/index.md', `# Notes\n\n${markdown}\n\n[Other](other.md)\n`);
      write('mkdocs/docs/other.md', `${OTHER}\n[Back](index.md)\n`);
      bring('mkdocs/docs/javascripts');
      await must('mkdocs', tool('mkdocs'), 'build', '--quiet', '--clean');
    },
  },
  vitepress: {
    site: 'vitepress/.vitepress/dist',
    build: async () => {
      const [config, markdown] = pasted('VitePress');
      write('vitepress/package.json', '{ "private": true, "type": "module" }');
      write('vitepress/.vitepress/config.js', `export default {\n base: '${BASE}',\n ${based(config)}};\n`);
      write('vitepress/index.md', `# Notes\n\n${markdown}\n\n[Other](./other.md)\n`);
      write('vitepress/other.md', `${OTHER}\n[Back](./index.md)\n`);
      mkdirSync(path.join(ROOT, FOLDER, 'vitepress/public'), { recursive: true });
      bring('vitepress/public');
      await must('vitepress', program('vitepress'), 'build', '.');
    },
  },
  docusaurus: {
    site: 'docusaurus/build',
    build: async () => {
      const [config, markdown] = pasted('Docusaurus');
      const presets = "[['classic', { docs: { routeBasePath: '/' }, blog: false, pages: false, theme: {} }]]";
      write('docusaurus/package.json', '{ "private": true }');
      write(
        'docusaurus/docusaurus.config.js',
        `export default {\n title: 'Notes', url: 'https://example.org', baseUrl: '${BASE}', presets: ${presets},\n ${based(config)}};\n`,
      );
      write('docusaurus/docs/index.md', `# Notes\n\n${markdown}\n\n[Other](./other.md)\n`);
      write('docusaurus/docs/other.md', `${OTHER}\n[Back](./index.md)\n`);
      mkdirSync(path.join(ROOT, FOLDER, 'docusaurus/static'), { recursive: true });
      bring('docusaurus/static');
      await must('docusaurus', program('docusaurus'), 'build');
    },
  },
});

before(async () => {
  for (const name of Object.keys(GENERATORS)) rmSync(path.join(ROOT, FOLDER, name), { recursive: true, force: true });
  mkdirSync(path.join(ROOT, FOLDER), { recursive: true });
  await install();
  for (const { build } of Object.values(GENERATORS)) await build();
});

/** The numbers of elements and of their workers; a site may have other workers. @param {Page} tab */
const counted = async (tab) => [
  (await tab.$$('border-hierarchy')).length,
  tab.workers().filter((worker) => worker.url().startsWith('blob:')).length,
];

/** Waits until neither elements nor their worker are there. @param {Page} tab */
async function leftNothing(tab) {
  const end = Date.now() + 10_000;
  while ((await counted(tab)).some((count) => count > 0)) {
    assert.ok(Date.now() < end, `elements and workers that are left: ${await counted(tab)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Follows the link with that name. @param {Page} tab @param {string} name */
const follow = (tab, name) =>
  tab.evaluate((wanted) => {
    const links = [...document.querySelectorAll('main a, .vp-doc a, [role="main"] a')];
    const link = links.find((each) => each.textContent === wanted);
    if (!(link instanceof HTMLElement)) throw new Error(`There is no link ${wanted}.`);
    link.click();
  }, name);

/** Ignores requests for icons that a site does not have. @param {string[]} problems */
function forgetIcons(problems) {
  const others = problems.filter((problem) => !/favicon|Failed to load resource/.test(problem));
  problems.splice(0, problems.length, ...others);
}

for (const [name, { site }] of Object.entries(GENERATORS)) {
  inBrowsers(
    ['chromium'],
    `element in a site of ${name}`,
    (open) => {
      it('draws, and leaves nothing behind when the reader leaves and comes back', () =>
        open({}, async ({ page: tab, problems }) => {
          await drawn(tab, 'border-hierarchy');
          assert.deepEqual(await counted(tab), [1, 1]);
          await screenshot(tab, `site-${name}`);
          for (let time = 0; time < 2; time++) {
            await follow(tab, 'Other');
            await tab.waitForFunction(() => document.querySelector('h1')?.textContent?.startsWith('Other'));
            await leftNothing(tab);
            await follow(tab, 'Back');
            await drawn(tab, 'border-hierarchy');
            assert.deepEqual(await counted(tab), [1, 1]);
          }
          forgetIcons(problems);
        }));

      it('has the look of the site, not of the system', () =>
        open({ scheme: 'dark' }, async ({ page: tab, problems }) => {
          await drawn(tab, 'border-hierarchy');
          const toggle = await tab.$('.VPSwitchAppearance, button[class*="toggleButton"]');
          // The theme of MkDocs is light alone.
          if (!toggle) await themed(tab, 'border-hierarchy', 'light');
          const look = () =>
            tab.$eval('html', (html) => html.classList.contains('dark') || html.dataset.theme === 'dark');
          for (let time = 0; toggle && time < 4; time++) {
            await themed(tab, 'border-hierarchy', (await look()) ? 'dark' : 'light');
            await toggle.evaluate((button) => /** @type {HTMLElement} */ (button).click());
          }
          forgetIcons(problems);
        }));
    },
    `${FOLDER}/${site}`,
  );
}
