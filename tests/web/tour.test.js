/** The guided first run: what it asks before it begins, what it trains with, and where it goes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { presetSettings } from '../../web/state/address.js';
import { createStore } from '../../web/state/store.js';
import { createTour, inTheWay, STOPS, THINGS, takesThePlaceOf, tourSettings } from '../../web/state/tour.js';
import { modelOf } from './support/store.js';

const SAMPLE = { name: 'Moby-Dick', id: 'moby-dick', bytes: new Uint8Array(10) };
const OWN = { name: 'mine.txt', bytes: new Uint8Array(10) };

/** A page on a first visit, and a record of what is done with it. @param {{starts?: boolean}} [options] */
function visit({ starts = true } = {}) {
  const store = createStore({ settings: presetSettings('quick_start'), theme: 'light' });
  store.text.value = SAMPLE;
  store.model.value = { ...modelOf(presetSettings('quick_start')), origin: 'example' };
  /** @type {string[]} */
  const done = [];
  const tour = createTour(store, {
    async useSample(id) {
      done.push(`sample ${id}`);
      store.nextText.value = SAMPLE;
    },
    async startRun() {
      done.push('start');
      return starts;
    },
    async unlessUnsaved(action, proceed) {
      assert.ok(action);
      done.push('unless unsaved');
      proceed();
    },
  });
  return { store, tour, done };
}

/** Lets what was started run. */
const soon = () => new Promise((resolve) => setTimeout(resolve));

describe('guided first run', () => {
  it('trains quick start for a minute, and asks nothing where the reader has nothing to lose', async () => {
    const { store, tour, done } = visit();
    assert.deepEqual(inTheWay(store), []);
    tour.begin();
    tour.begin();
    await soon();
    assert.equal(tour.begun.value, false, 'until its run has begun, it is not over either');
    assert.equal(store.question.value, null);
    assert.deepEqual(done, ['start']);
    assert.deepEqual(store.settings.value, { ...presetSettings('quick_start'), max_minutes: 1 });
    assert.deepEqual(inTheWay(store), [], 'the tour’s own settings are not in the way');
    /** @type {unknown[]} */
    const stops = [];
    for (; tour.at.value !== null && stops.length < 9; tour.next()) stops.push(tour.at.value);
    assert.deepEqual(stops, [...STOPS]);
    tour.next();
    assert.equal(tour.at.value, null);
  });

  it('limits its own run to a minute, and not those after it', async () => {
    const { store, tour } = visit();
    tour.begin();
    await soon();
    store.state.value = 'training';
    await soon();
    assert.ok(tour.begun.value);
    assert.equal(store.settings.value.max_minutes, 1);
    store.state.value = 'finished';
    await soon();
    assert.deepEqual(store.settings.value, presetSettings('quick_start'));
    // Settings that the reader changed meanwhile stay.
    const other = visit();
    other.tour.begin();
    await soon();
    other.store.state.value = 'training';
    await soon();
    other.store.settings.value = { ...other.store.settings.value, seed: 5 };
    other.store.state.value = 'finished';
    await soon();
    assert.deepEqual([other.store.settings.value.seed, other.store.settings.value.max_minutes], [5, 1]);
  });

  it('can be skipped, and taken again', async () => {
    const { tour, done } = visit();
    tour.begin();
    await soon();
    tour.next();
    tour.end();
    assert.equal(tour.at.value, null);
    tour.begin();
    await soon();
    assert.deepEqual([tour.at.value, done], [STOPS[0], ['start', 'start']]);
  });

  it('asks before it replaces anything of the reader’s own', async () => {
    const { store, tour, done } = visit();
    store.text.value = OWN;
    store.passage.value = { ...store.passage.value, own: 'My words' };
    tour.begin();
    await soon();
    assert.deepEqual(done, []);
    assert.equal(tour.at.value, null);
    const things = inTheWay(store);
    assert.deepEqual(things, [THINGS.text, THINGS.words]);
    assert.equal(store.question.value?.message, takesThePlaceOf(things));
    assert.equal(store.text.value, OWN);
    store.question.value?.proceed();
    await soon();
    assert.deepEqual(done, ['unless unsaved', 'sample moby-dick', 'start']);
    assert.equal(store.passage.value.own, null);
    assert.equal(tour.at.value, STOPS[0]);
  });

  it('counts runs, weights, files and settings as the reader’s own', () => {
    /** @type {[(store: ReturnType<typeof visit>['store']) => void, keyof typeof THINGS][]} */
    const cases = [
      [(store) => (store.state.value = 'training'), 'training'],
      [(store) => (store.state.value = 'paused'), 'training'],
      [(store) => (store.step.value = 5), 'run'],
      [(store) => (store.model.value = { ...modelOf(tourSettings()), origin: 'file' }), 'weights'],
      [(store) => (store.nextText.value = OWN), 'text'],
      [(store) => (store.settings.value = { ...store.settings.value, hidden_size: 32 }), 'settings'],
      [(store) => (store.invalid.value = { seed: { raw: 'x', error: 'Seed must be a number.' } }), 'settings'],
    ];
    for (const [change, thing] of cases) {
      const { store } = visit();
      change(store);
      assert.deepEqual(inTheWay(store), [THINGS[thing]]);
    }
    const names = Object.values(THINGS);
    assert.equal(new Set(names).size, names.length, 'each thing has a name of its own');
  });

  it('does not begin when its run is refused', async () => {
    const { tour } = visit({ starts: false });
    await tour.begin();
    assert.equal(tour.at.value, null);
  });

  it('asks about a text that is still being read', async () => {
    const { store, tour, done } = visit();
    store.loadingText.value = OWN.name;
    tour.begin();
    await soon();
    assert.equal(tour.at.value, null);
    store.nextText.value = OWN;
    store.loadingText.value = null;
    await soon();
    const things = inTheWay(store);
    assert.equal(things.length, 1);
    assert.ok(store.question.value?.message.includes(things[0]));
    assert.deepEqual(done, []);
  });

  it('trains nothing if it is skipped before its run has begun', async () => {
    const { store, tour, done } = visit();
    store.text.value = OWN;
    await tour.begin();
    store.question.value?.proceed();
    assert.equal(tour.at.value, STOPS[0], 'it points at the first thing at once');
    tour.end();
    await soon();
    assert.deepEqual(done, ['unless unsaved', 'sample moby-dick']);
  });
});
