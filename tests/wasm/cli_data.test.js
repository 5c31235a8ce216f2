// tier: slow
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { aboutFile } from '../../wasm/cli/errors.js';
import { LINES, NOTES, WARNINGS } from '../../wasm/cli/sentences.js';
import { digestOf } from '../../wasm/cli/texts.js';
import { splitText } from '../../wasm/engine/corpus.js';
import { readCheckpoint } from '../../wasm/files/checkpoint/checkpoint.js';
import { openRemoteFile } from '../../wasm/files/formats/random_access.js';
import { joinDocuments } from '../../wasm/files/formats/records.js';
import { ANY, lineOfText } from '../wording.js';
import { cli, failureOf, lineOf, TINY, warningOf, workFolder } from './support/cli.js';
import { module, utf8 } from './support/models.js';
import { listen, rangeOf, sendRange } from './support/ranges.js';
import { assertReason } from './support/refusals.js';

const { folder, at, text, textFile, remove } = workFolder();

/** Rows of a data set like WikiText: lines of a real text, many of them empty. @param {number} count @param {number} from */
const rows = (count, from) =>
  Array.from({ length: count }, (_, i) =>
    i % 3 === 0 ? '' : ` = ${Buffer.from(text.subarray(from + i, from + i + 40 + (i % 50)))} ü \n`,
  );

/** @param {string[]} data */
const parquet = (data) =>
  new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: 'text', data, type: 'STRING' }], rowGroupSize: 100, codec: 'SNAPPY' }),
  );

/** The parts of WikiText-103: two files of training rows and one of validation rows, each larger than what is first read of its end. */
const ROWS = { train: [rows(400, 0), rows(300, 1000)], validation: [rows(200, 2000)] };
const PREFIX = '/datasets/Salesforce/wikitext/resolve/main/wikitext-103-raw-v1/';
const FILES = new Map([
  [`${PREFIX}train-00000-of-00002.parquet`, parquet(ROWS.train[0])],
  [`${PREFIX}train-00001-of-00002.parquet`, parquet(ROWS.train[1])],
  [`${PREFIX}validation-00000-of-00001.parquet`, parquet(ROWS.validation[0])],
]);

/** @type {Awaited<ReturnType<typeof listen>>} */
let server;
let origin = '';
/** @type {string[]} */
let asked = [];

before(async () => {
  server = await listen((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://host');
    // Hugging Face answers with the address of another server.
    if (pathname.startsWith('/datasets/')) return void response.writeHead(302, { location: `/cdn${pathname}` }).end();
    const file = FILES.get(pathname.replace(/^\/cdn/, ''));
    const range = file && rangeOf(request, file);
    if (!range) return void response.writeHead(404).end();
    asked.push(pathname.split('/').at(-1) ?? '');
    sendRange(response, file, range);
  });
  ({ origin } = server);
});
after(() => {
  server.close();
  remove();
});

/**
 * Trains for one step, and returns what it trained on: the digest of the text, and the sizes that were printed.
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
async function trainedOn(args, env = {}) {
  const result = await cli('train', [...TINY, '--max-steps', '1', '--output', at('model'), ...args], {
    cwd: folder,
    env,
  });
  assert.equal(result.status, 0, result.stderr);
  const [bytes, steps, held] = [Number.NaN, Number.NaN, Number.NaN];
  const texts = lineOfText(LINES.texts({ name: ANY, bytes, steps, heldOut: held }));
  const [, train, , heldOut] = texts.exec(result.stdout) ?? [];
  const { resume } = readCheckpoint(module, readFileSync(at('model')));
  return { ...result, train: Number(train), heldOut: Number(heldOut), digest: resume?.state.text_sha256 };
}

describe('without a text, train reads WikiText-103', () => {
  it('the first documents, and those of the validation part', async () => {
    asked = [];
    const env = { HF_ENDPOINT: `${origin}/` };
    const result = await trainedOn(['--max-documents', '250', '--val-max-documents', '120'], env);
    const train = joinDocuments(ROWS.train[0].slice(0, 250));
    assert.equal(result.digest, digestOf(train));
    assert.deepEqual(
      [result.train, result.heldOut],
      [train.length, joinDocuments(ROWS.validation[0].slice(0, 120)).length],
    );
    assert.ok(
      result.stdout.split('\n').includes(LINES.reading({ documents: 250, host: new URL(origin).host })),
      result.stdout,
    );
    // Of each file its size and its end, then the row groups needed: three of training rows, two of validation rows.
    assert.deepEqual(asked, [
      ...Array(5).fill('train-00000-of-00002.parquet'),
      ...Array(4).fill('validation-00000-of-00001.parquet'),
    ]);
    assert.equal(result.stderr, '');
  });

  it('across its files, and holds out the end on request', async () => {
    const result = await trainedOn(['--max-documents', '600', '--val-fraction', '0.25'], { HF_ENDPOINT: origin });
    const { train, heldOut } = splitText(joinDocuments([...ROWS.train[0], ...ROWS.train[1].slice(0, 200)]), 0.25);
    assert.equal(result.digest, digestOf(train));
    assert.equal(result.heldOut, heldOut.length);
  });

  it('or the sample text where there is no network, and says so', async () => {
    const result = await trainedOn(['--hidden-size', '4', '--val-max-batches', '2'], {
      HF_ENDPOINT: 'http://127.0.0.1:9',
    });
    const error = /** @type {Error} */ (await failureOf(() => openRemoteFile('http://127.0.0.1:9/x')));
    assertReason(error, 'no_answer');
    const message = NOTES.no_wikitext({ error });
    assert.ok(result.stdout.split('\n').includes(NOTES.sample_instead({ message })), result.stdout);
    const { train } = splitText(readFileSync(new URL('../../public/samples/moby-dick.txt', import.meta.url)), 0.1);
    assert.equal(result.digest, digestOf(train));
    assert.ok(result.train > 1e6);
  });
});

describe('texts that are named', () => {
  it('several files are joined like documents', async () => {
    writeFileSync(at('more.txt.gz'), gzipSync(utf8('More text, packed. ')));
    const result = await trainedOn(['--text-file', textFile, '--text-file', at('more.txt.gz'), '--val-fraction', '0']);
    assert.equal(result.digest, digestOf(joinDocuments([text, utf8('More text, packed. ')])));
    assert.equal(result.heldOut, 0);
  });

  it('a table is read by the column that looks like its text, with a warning', async () => {
    writeFileSync(
      at('table.csv'),
      utf8(`id;text\n${Array.from({ length: 99 }, (_, i) => `${i};"word, ${i}"\n`).join('')}`),
    );
    const result = await trainedOn(['--text-file', at('table.csv'), '--val-fraction', '0']);
    assert.equal(result.digest, digestOf(joinDocuments(Array.from({ length: 99 }, (_, i) => `word, ${i}`))));
    const warning = WARNINGS.table({ file: at('table.csv'), cells: 'semicolons', field: 'text' });
    assert.equal(`${result.stderr.split('\n')[0]}\n`, warningOf(warning));
    const whole = await trainedOn(['--text-file', at('table.csv'), '--val-fraction', '0', '--whole-tables']);
    assert.equal(whole.digest, digestOf(new Uint8Array(readFileSync(at('table.csv')))));
    assert.equal(whole.stderr, warningOf(WARNINGS.no_validation()));
  });

  it('records without a text are left out and counted', async () => {
    const data = ['words of a record, '.repeat(30), null, 'more of them, '.repeat(30), null];
    writeFileSync(at('null.jsonl'), utf8(data.map((record) => JSON.stringify({ text: record })).join('\n')));
    const columnData = [{ name: 'text', data, type: /** @type {const} */ ('STRING') }];
    writeFileSync(at('null.parquet'), new Uint8Array(parquetWriteBuffer({ columnData })));
    for (const args of [
      ['--text-file', at('null.jsonl')],
      ['--text-file', at('null.parquet')],
      ['--parquet', at('null.parquet')],
    ]) {
      const result = await trainedOn([...args, '--val-fraction', '0']);
      assert.equal(result.digest, digestOf(joinDocuments(data.map((record) => record ?? ''))));
      const warning = warningOf(WARNINGS.null_texts({ file: args[1], count: 2 }));
      assert.equal(`${result.stderr.split('\n')[0]}\n`, warning);
    }
  });

  it('Parquet from the disk and from an address, with another for validation', async () => {
    writeFileSync(at('rows.parquet'), parquet(ROWS.train[0]));
    const address = `${origin}${PREFIX}validation-00000-of-00001.parquet`;
    const local = await trainedOn([
      '--parquet',
      at('rows.parquet'),
      '--max-documents',
      '150',
      '--val-parquet',
      address,
      '--val-max-documents',
      '50',
    ]);
    assert.equal(local.digest, digestOf(joinDocuments(ROWS.train[0].slice(0, 150))));
    assert.equal(local.heldOut, joinDocuments(ROWS.validation[0].slice(0, 50)).length);
    const both = await trainedOn([
      '--text-file',
      textFile,
      '--parquet',
      address,
      '--val-text-file',
      textFile,
      '--val-max-batches',
      '1',
    ]);
    assert.equal(both.digest, digestOf(joinDocuments([text, ...ROWS.validation[0]])));
    assert.equal(both.heldOut, text.length);
  });

  it('an address that does not answer is refused', async () => {
    const address = `${origin}/none.parquet`;
    const error = await failureOf(() => openRemoteFile(address));
    assertReason(error, ['status', { status: 404 }]);
    const { status, stderr } = await cli('train', ['--parquet', address]);
    assert.deepEqual([status, stderr], [1, lineOf('train', aboutFile(error, address))]);
  });
});
