/** The repository's address in the package: `npm pack` in real repositories, whose package.json stays as it was. */
// tier: slow
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { webAddress } from '../../wasm/tools/setup/address.js';
import { ROOT } from '../../wasm/tools/setup/run.js';

const ADDRESS = 'https://git.example.org/sea/whale';
const FIELDS = {
  repository: { type: 'git', url: `git+${ADDRESS}.git` },
  bugs: { url: `${ADDRESS}/issues` },
  homepage: `${ADDRESS}#readme`,
};
const NONE = { repository: undefined, bugs: undefined, homepage: undefined };
const OWN = ['package.json', '.gitignore', 'README.md', 'wasm/tools/setup/address.js', 'wasm/tools/setup/run.js'];
const BUILDING = 'node wasm/tools/setup/package.js && ';

/** A repository with a remote called origin, and a clone of it. @type {string} */
let folder;
/** @type {string} */
let clone;
/** The bytes of package.json. @type {Buffer} */
let own;

/** @param {string} command @param {string[]} args @param {{cwd?: string, env?: Record<string, string>}} [options] */
function done(command, args, { cwd = clone, env = {} } = {}) {
  const surroundings = { ...process.env, GITHUB_SERVER_URL: '', GITHUB_REPOSITORY: '', ...env };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env: surroundings, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return { stdout, stderr };
}
/** @param {string[]} args */
const git = (...args) => done('git', args).stdout;
const packageJson = () => readFileSync(path.join(clone, 'package.json'));

/**
 * Packs the clone.
 * @param {Record<string, string>} [env]
 * @returns {{fields: object, whole: string, said: string}} addresses in the packed package.json, its text, and what was said
 */
function pack(env = {}) {
  const packed = path.join(folder, 'packed');
  rmSync(packed, { recursive: true, force: true });
  mkdirSync(packed);
  const { stderr } = done('npm', ['pack', '--offline', '--foreground-scripts', '--pack-destination', packed], { env });
  const [tarball] = readdirSync(packed);
  const whole = done('tar', ['-xzOf', path.join(packed, tarball), 'package/package.json']).stdout;
  const { repository, bugs, homepage } = JSON.parse(whole);
  return { fields: { repository, bugs, homepage }, whole, said: stderr };
}

describe('npm pack', () => {
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'address-'));
  });
  beforeEach(() => {
    const source = mkdtempSync(path.join(folder, 'source-'));
    for (const file of OWN) cpSync(path.join(ROOT, file), path.join(source, file), { recursive: true });
    // Nothing is built here, which takes long.
    const text = readFileSync(path.join(source, 'package.json'), 'utf8');
    assert.ok(text.includes(`"prepack": "${BUILDING}`));
    writeFileSync(path.join(source, 'package.json'), text.replace(BUILDING, ''));
    const author = ['-c', 'user.name=Ishmael', '-c', 'user.email=ishmael@example.org'];
    for (const args of [
      ['init', '--quiet'],
      ['add', '--all'],
      [...author, 'commit', '--quiet', '--message', 'Begin'],
    ])
      done('git', args, { cwd: source });
    clone = `${source}-clone`;
    done('git', ['clone', '--quiet', source, clone], { cwd: folder });
    git('remote', 'set-url', 'origin', `${ADDRESS}.git`);
    own = packageJson();
  });
  afterEach(() => {
    assert.deepEqual(packageJson(), own, 'package.json is as it was, to the byte');
    assert.equal(git('status', '--porcelain'), '', 'so is everything else');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('names the repository that it packs from, and changes nothing else', () => {
    const { fields, whole, said } = pack();
    assert.deepEqual(fields, FIELDS);
    const { repository, bugs, homepage, ...rest } = JSON.parse(whole);
    assert.deepEqual(rest, JSON.parse(own.toString()));
    assert.doesNotMatch(said, /No address/);
  });

  it('keeps names and passwords of a remote to itself', () => {
    for (const login of ['ahab:leviathan@', 'leviathan@', 'oauth2:leviathan@']) {
      git('remote', 'set-url', 'origin', `https://${login}git.example.org/sea/whale.git?key=leviathan`);
      const { fields, whole, said } = pack();
      assert.deepEqual(fields, FIELDS);
      assert.doesNotMatch(whole + said, /leviathan|ahab/);
    }
  });

  it('names nothing without a remote, and says so in one sentence', () => {
    git('remote', 'remove', 'origin');
    const { fields, whole, said } = pack();
    assert.deepEqual(fields, NONE);
    assert.equal(whole, own.toString());
    assert.match(said, /^No address of the repository is known here, [^\n]*\.$/m);
  });

  it('names nothing where the remote is a folder, or inside another repository', () => {
    git('remote', 'set-url', 'origin', folder);
    assert.deepEqual(pack().fields, NONE);
    git('remote', 'set-url', 'origin', `${ADDRESS}.git`);
    const outer = clone;
    const inner = path.join(outer, 'build/inner');
    for (const file of OWN) cpSync(path.join(outer, file), path.join(inner, file), { recursive: true });
    clone = inner;
    assert.deepEqual(pack().fields, NONE);
    clone = outer;
  });

  it('takes the address from a workflow that it runs in, which may have no remote', () => {
    git('remote', 'remove', 'origin');
    const env = { GITHUB_SERVER_URL: 'https://git.example.org', GITHUB_REPOSITORY: 'sea/whale' };
    assert.deepEqual(pack(env).fields, FIELDS);
  });

  it('keeps what package.json says itself', () => {
    const text = own.toString().replace('{', '{\n  "homepage": "https://example.org/whale",');
    writeFileSync(path.join(clone, 'package.json'), text);
    assert.deepEqual(pack().fields, { ...FIELDS, homepage: 'https://example.org/whale' });
    assert.equal(packageJson().toString(), text);
    writeFileSync(path.join(clone, 'package.json'), own);
  });

  it('that was cut off is made good by the next, or by postpack, with what was edited meanwhile', () => {
    const edited = () => packageJson().toString().replace('"1.0.0"', '"1.0.1"');
    for (const next of [() => pack(), () => done('npm', ['run', 'postpack'])]) {
      done('npm', ['run', 'prepack']);
      assert.notDeepEqual(packageJson(), own);
      writeFileSync(path.join(clone, 'package.json'), edited());
      next();
      assert.equal(packageJson().toString(), own.toString().replace('"1.0.0"', '"1.0.1"'));
      writeFileSync(path.join(clone, 'package.json'), own);
      done('npm', ['run', 'postpack']);
    }
    // Or by git.
    done('npm', ['run', 'prepack']);
    git('checkout', 'package.json');
    assert.deepEqual(pack().fields, FIELDS);
    assert.ok(!existsSync(path.join(clone, 'build/packed_address.txt')));
  });
});

describe('the address of a remote for browsers', () => {
  for (const remote of [
    'https://git.example.org/sea/whale',
    'https://git.example.org/sea/whale.git/',
    'https://token@git.example.org/sea/whale.git',
    'git@git.example.org:sea/whale.git',
    'git.example.org:/sea/whale.git',
    'ssh://git@git.example.org/sea/whale.git',
    'ssh://git@git.example.org:2222/sea/whale.git',
    'git+ssh://git@git.example.org/sea/whale.git',
    'git://git.example.org/sea/whale.git',
  ])
    it(`is found in ${remote}`, () => assert.equal(webAddress(remote), ADDRESS));

  it('keeps the port of a web server, and longer paths', () => {
    assert.equal(webAddress('http://git.example.org:8080/a/b/c.git'), 'http://git.example.org:8080/a/b/c');
    assert.equal(webAddress('git@git.example.org:a/b/c.git'), 'https://git.example.org/a/b/c');
  });

  for (const remote of [
    '',
    '/srv/whale.git',
    '../whale',
    'file:///srv/whale.git',
    'C:\\whale',
    'C:/whale',
    'work:sea/whale.git',
    'git@localhost:sea/whale.git',
    'http://proxy@127.0.0.1:3128/git/sea/whale',
    'https://git.example.org/',
    'ext::ssh git.example.org',
    'javascript:alert(1)',
    'https://git.example.org"/sea',
  ])
    it(`is not made up from ${JSON.stringify(remote)}`, () => assert.equal(webAddress(remote), null));
});
