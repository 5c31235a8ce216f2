import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReader, ReadingError } from '../../web/state/reader.js';
import { askedClient } from './support/store.js';
import { pieceOf, utf8 } from './traces.js';

/** A reader, and the jobs that it starts. */
function listening() {
  const { client, jobs } = askedClient();
  return { reader: createReader(client, 'test'), jobs };
}

const TEXT = utf8('abcdef');
const QUESTION = { text: TEXT, thresholds: [2] };

test('a text is read to its end', async () => {
  const { reader, jobs } = listening();
  let calls = 0;
  const answer = reader.read({ ...QUESTION, withoutParents: true }, () => calls++);
  const { command, emit } = jobs[0];
  assert.deepEqual([command.reader, command.withoutParents, command.top], ['test', true, 0]);
  assert.notEqual(command.text, TEXT, 'a copy is sent');
  emit({ type: 'trace', done: true, piece: pieceOf(TEXT, [2], () => 1) });
  const trace = await answer;
  assert.deepEqual([trace?.count, trace?.done, calls], [6, true, 1]);
  assert.ok(jobs[0].ended);
});

test('the latest question wins, and a failure is reported', async () => {
  const { reader, jobs } = listening();
  const first = reader.read(QUESTION);
  const second = reader.read(QUESTION);
  assert.equal(await first, null);
  assert.deepEqual([jobs[0].ended, jobs[1].ended], [true, false]);
  jobs[1].emit({ type: 'failed', message: 'No.' });
  await assert.rejects(second, (error) => error instanceof ReadingError && error.message === 'No.');
  const third = reader.read(QUESTION);
  reader.stop();
  assert.equal(await third, null);
  reader.stop();
});
