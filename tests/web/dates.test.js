import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dateAndTime, dayAndTime, timeOfDay } from '../../web/format/dates.js';

it('dates and times of day are written as a reader of English expects, with 24 hours', () => {
  const at = new Date(2026, 10, 30, 15, 4, 5).getTime();
  assert.equal(timeOfDay(at), '15:04:05');
  assert.equal(dateAndTime(at), 'Nov 30, 2026, 15:04');
  assert.equal(dayAndTime(at), 'Nov 30, 15:04');
  assert.equal(timeOfDay(new Date(2026, 10, 30, 0, 0, 9).getTime()), '00:00:09');
});
