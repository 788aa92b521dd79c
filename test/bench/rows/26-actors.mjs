// @ts-check
/**
 * Row 26 measures calls of actors: 100,000 calls on 1,000 objects at once, and calls of one object,
 * each awaited before the next. Comlink has 500 objects on each of two workers.
 */
import { expectEqual, timeAnswers } from '../harness/checks.mjs';
import { openComlinkEchoes } from '../peers/comlink-objects.mjs';
import { openOurs } from '../peers/ours.mjs';

const COUNT = 100_000;
const ACTORS = 1_000;
/** Number of calls that are awaited one by one, for each call at once. */
const ONE_BY_ONE = 1 / 20;

/** @typedef {(value: number) => PromiseLike<number>} Echo */

/** @type {(handles: readonly Echo[]) => import('../harness/row.js').Measure} */
const measure = (handles) => async (count) => {
  const ms = await timeAnswers(count, (answered, failed) => {
    for (let i = 0; i < count; i++) handles[i % handles.length]?.(i).then(answered, failed);
  });
  const [first] = handles;
  const trips = count * ONE_BY_ONE;
  let sum = 0;
  const started = performance.now();
  for (let i = 0; i < trips; i++) sum += /** @type {number} */ (await first?.(i));
  const trip = ((performance.now() - started) * 1000) / trips;
  expectEqual(sum, (trips * (trips - 1)) / 2, 'sum of the answers one by one');
  return { ms, trip };
};

/** @type {import('../harness/row.js').Row} */
export default {
  number: 26,
  name: 'actors',
  title: '100,000 no-op calls on 1,000 objects at once, and 5,000 calls of one object, one after another',
  count: COUNT,
  warmUp: { count: COUNT, rounds: 3 },
  rounds: 5,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT }, trip: { unit: 'us', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { actors } = await openOurs();
        return measure(Array.from({ length: ACTORS }, () => actors.Echo().echo));
      },
    },
    'ours, tasks': {
      kind: 'reference',
      setting: 'plain tasks, without actors',
      async open() {
        const { noop } = (await openOurs()).tasks;
        return measure(Array.from({ length: ACTORS }, () => noop));
      },
    },
    Comlink: { kind: 'peer', open: async () => measure(await openComlinkEchoes(ACTORS)) },
  },
  // The goals: 0.8 of the rate of tasks, 1.1 of their round trip, 3 times the rate of Comlink.
  bounds: [
    { metric: 'ms', within: 1.25, of: 'ours, tasks' },
    { metric: 'trip', within: 1.1, of: 'ours, tasks' },
    { metric: 'ms', faster: 3, than: 'peers' },
  ],
  note: '`trip` is the mean round trip of a call that is awaited before the next one.',
};
