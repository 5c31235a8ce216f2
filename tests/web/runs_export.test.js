import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csv, jsonLines, tensorBoard } from '../../web/state/runs/export.js';
import { eventsIn } from '../wasm/support/events.js';
import { point, run } from './support/runs.js';

const one = run({ name: 'my <run>', created: 1.7e12 });
const points = {
  train: [point(1), { ...point(10), learningRate: 0.01, gradientNorm: 2 }],
  validation: [point(0), point(10, 4)],
};

test('JSON Lines have one line for each point, with the names that the command line uses', () => {
  const lines = jsonLines(one, points)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ step }) => step),
    [0, 1, 10, 10],
  );
  assert.equal(lines[0]['val/byte_decoder_bpb'], 8);
  assert.equal(lines[2]['train/byte_decoder_bpb'], 7.9);
  assert.equal(lines[2]['train/border_count_level_1'], 3);
  assert.equal(lines[2]['train/learning_rate'], 0.01);
  assert.equal(lines[2]['train/parameter_count'], 12_345);
  assert.equal(lines[3]['val/loss'], 4);
  assert.equal(lines[3].wall_time, 1.7e9 + 10);
});

test('the table has one row for each step, and an empty cell where a step has no figure', () => {
  const rows = csv(one, points)
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  const [head, ...body] = rows;
  assert.deepEqual(
    body.map(([step]) => step),
    ['0', '1', '10'],
  );
  assert.ok(rows.every((row) => row.length === head.length));
  /** @param {number} row @param {string} name */
  const at = (row, name) => body[row][head.indexOf(name)];
  assert.deepEqual(
    [at(0, 'train/loss'), at(0, 'val/loss'), at(2, 'train/loss'), at(2, 'val/loss')],
    ['', '8', '7.9', '4'],
  );
  assert.equal(at(2, 'bytes_seen'), '10240');
  const broken = { train: [point(1, Number.NaN)], validation: [] };
  assert.doesNotMatch(csv(one, broken), /NaN/);
});

test('the events are those of a TensorBoard file', () => {
  const { name, bytes } = tensorBoard(one, points);
  assert.equal(name, 'events.out.tfevents.1700000000.my__run_');
  const [first, ...events] = eventsIn(bytes);
  assert.equal(first.version, 'brain.Event:2');
  assert.deepEqual(
    events.map(({ step }) => step ?? 0),
    [0, 1, 10, 10],
  );
  assert.deepEqual(Object.fromEntries(events[3].values)['val/byte_decoder_bpb'], 4);
});
