// @ts-check
/** Row 4 measures the cost of a round trip: no-op tasks, each awaited before the next. */
import { expectEqual } from '../../harness/checks.mjs';

/**
 * Measures all trips together, because the clock of a page that is not isolated has steps of 0.1
 * ms.
 *
 * @param {(i: number) => PromiseLike<number>} run
 * @returns {import('../../harness/row.js').Measure}
 */
const measure = (run) => async (count) => {
  let sum = 0;
  const started = performance.now();
  for (let i = 0; i < count; i++) sum += await run(i);
  const ms = performance.now() - started;
  expectEqual(sum, (count * (count - 1)) / 2, 'sum of all answers');
  return { mean: (ms * 1_000) / count };
};

/** @type {import('../../harness/row.js').Row} */
export default {
  number: 4,
  name: 'sequential',
  title: '5,000 no-op tasks, each awaited before the next: time of one',
  count: 5_000,
  warmUp: { count: 2_500, rounds: 2 },
  // A round trip depends on the processors to which the system assigns the two threads.
  isFreshEachRound: true,
  rounds: 7,
  metrics: { mean: { unit: 'us', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { openOurs } = await import('../ours.mjs');
        return measure((await openOurs()).tasks.noop);
      },
    },
    Comlink: {
      kind: 'peer',
      setting: 'one worker',
      async open() {
        const { openComlink } = await import('../comlink.mjs');
        const [worker] = openComlink();
        return measure((i) => worker.noop(i));
      },
    },
    'threads.js': {
      kind: 'peer',
      setting: 'one thread',
      async open() {
        const { openThreads } = await import('../threads.mjs');
        const [thread] = await openThreads();
        return measure((i) => thread.noop(i));
      },
    },
    workerpool: {
      kind: 'peer',
      setting: 'its pool',
      async open() {
        const { openWorkerpool } = await import('../workerpool.mjs');
        const pool = openWorkerpool();
        return measure((i) => pool.exec('noop', [i]));
      },
    },
    postMessage: {
      kind: 'reference',
      setting: 'one bare worker, a message each way, nothing else',
      async open() {
        const { openBare } = await import('../bare.mjs');
        const [worker] = openBare();
        return measure(
          (i) =>
            new Promise((resolve) => {
              worker.onmessage = (/** @type {{ data: number }} */ { data }) => resolve(data);
              worker.postMessage(i);
            }),
        );
      },
    },
  },
  bounds: [],
};
