/**
 * `npm run study -- FILE.json`: models × texts × seeds × budgets, two at a time, one line of results a job, and a report.
 * What is in the results file already is not run again, so an interrupted study goes on where it was. `--texts FOLDER` says
 * where the texts are that it names.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildCore } from '../build.js';
import { inParallel, runAsProgram, SetupError } from '../setup/run.js';
import { readStudy } from './plan.js';
import { writeReport } from './report.js';
import { lineOf, readResults, trainingsThere } from './results.js';

/** @typedef {import('./plan.js').Job} Job */

const JOB = fileURLToPath(new URL('./job.js', import.meta.url));

/**
 * A text whose files lie in a folder.
 * @param {string} folder
 * @param {import('./plan.js').StudyText} text
 * @returns {import('./plan.js').StudyText}
 */
function textIn(folder, text) {
  const { file, borders } = text;
  return { ...text, file: path.resolve(folder, file), ...(borders && { borders: path.resolve(folder, borders) }) };
}

/**
 * @param {Job} job
 * @param {string} folder  where its text is
 * @returns {Promise<import('./job.js').Outcome>}
 * @throws {SetupError}
 */
function runJob(job, folder) {
  const placed = { ...job, text: textIn(folder, job.text) };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [JOB, JSON.stringify(placed)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output));
      else reject(new SetupError(`${job.model} on ${job.text.name}, seed ${job.settings.seed}: ${errors.trim()}`));
    });
  });
}

/**
 * Runs what is not there yet, and appends each result as it comes.
 * @param {Job[]} jobs
 * @param {string} folder  where texts are
 * @param {string} file  of results
 * @param {number} atATime
 */
async function runJobs(jobs, folder, file, atATime) {
  const done = readResults(file);
  const left = jobs.filter(({ key }) => !done.has(key));
  let made = jobs.length - left.length;
  if (made > 0) console.error(`${made} of ${jobs.length} are there already.`);
  // A line that was cut off must not swallow the next.
  const cut = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, 'utf8'));
  if (cut) appendFileSync(file, '\n');
  await inParallel(left, atATime, async (job) => {
    const outcome = await runJob(job, folder);
    appendFileSync(file, `${lineOf({ ...job, outcome })}\n`);
    made++;
    const { model, text, settings } = job;
    const { decoderBpb, tf, seconds } = outcome;
    const figures = `${decoderBpb.toFixed(4)} bits a byte, ${tf.toFixed(3)} TF, ${seconds.toFixed(0)} s`;
    console.error(`${made}/${jobs.length}  ${text.name}, ${model}, seed ${settings.seed}: ${figures}`);
  });
}

await runAsProgram(import.meta.url, async () => {
  const options = /** @type {const} */ ({
    jobs: { type: 'string', default: '2' },
    results: { type: 'string' },
    texts: { type: 'string', default: '.' },
    report: { type: 'boolean', default: false },
  });
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [file] = positionals;
  if (!file || positionals.length > 1) throw new SetupError('Name one study: npm run study -- FILE.json');
  const atATime = Number(values.jobs);
  if (!(Number.isInteger(atATime) && atATime > 0)) throw new SetupError('--jobs is a whole number above 0.');
  if (!existsSync(file)) throw new SetupError(`There is no file ${file}.`);
  const study = readStudy(readFileSync(file, 'utf8'));
  const base = file.replace(/\.json$/, '');
  const results = values.results ?? `${base}.jsonl`;
  await buildCore();
  if (!values.report) await runJobs(study.jobs, values.texts, results, atATime);
  const known = readResults(results);
  const there = study.jobs.flatMap(({ key }) => known.get(key) ?? []);
  if (there.length === 0) throw new SetupError(`There are no results in ${results}.`);
  writeReport(study, there, base);
  console.log(trainingsThere(`${base}.md`, there.length, study.jobs.length));
});
