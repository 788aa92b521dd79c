// @ts-check
/** Row 14 measures the cost of a value of a stream, subscribed. */
import { expectEqual } from '../../harness/checks.mjs';

const COUNT = 1_000_000;

/**
 * @param {(count: number, next: (value: number) => void) => PromiseLike<unknown>} subscribe
 * @returns {import('../../harness/row.js').Measure}
 */
const measure = (subscribe) => async (count) => {
  let last = 0;
  let isInOrder = true;
  const started = performance.now();
  await subscribe(count, (value) => {
    if (value !== last + 1) isInOrder = false;
    last = value;
  });
  const ms = performance.now() - started;
  expectEqual(isInOrder, true, 'each value follows the one before it');
  expectEqual(last, count, 'the last value');
  return { ms };
};

/** @type {import('../../harness/row.js').Row} */
export default {
  number: 14,
  name: 'streamed',
  title: '1,000,000 integers streamed from one worker, subscribed',
  count: COUNT,
  warmUp: { count: 100_000, rounds: 2 },
  rounds: 3,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT } },
  contenders: {
    ours: {
      kind: 'ours',
      setting: 'with backpressure: at most 1,024 values in flight',
      async open() {
        const { openOurs } = await import('../ours.mjs');
        const { numbers } = (await openOurs()).tasks;
        return measure((count, next) => numbers.stream(count).forEach(next));
      },
    },
    Comlink: {
      kind: 'peer',
      setting: 'a proxied callback, 1,000 calls in flight',
      async open() {
        const { openComlink, proxy } = await import('../comlink.mjs');
        const [worker] = openComlink();
        return measure((count, next) => worker.each(count, /** @type {any} */ (proxy(next))));
      },
    },
    'threads.js': {
      kind: 'peer',
      setting: 'an Observable, without backpressure',
      async open() {
        const { openThreads } = await import('../threads.mjs');
        const [{ numbers }] = await openThreads();
        return measure(
          (count, next) => new Promise((resolve, reject) => numbers(count).subscribe(next, reject, () => resolve(0))),
        );
      },
    },
    workerpool: {
      kind: 'peer',
      setting: '`workerEmit`, without backpressure',
      async open() {
        const { openWorkerpool } = await import('../workerpool.mjs');
        const pool = openWorkerpool();
        return measure((count, next) => pool.exec('each', [count], { on: next }));
      },
    },
    postMessage: {
      kind: 'reference',
      setting: 'a bare worker that posts each value, without backpressure',
      async open() {
        const { openBare } = await import('../bare.mjs');
        const [worker] = openBare();
        return measure(
          (count, next) =>
            new Promise((resolve) => {
              worker.onmessage = (/** @type {{ data: number }} */ { data }) => {
                next(data);
                if (data === count) resolve(data);
              };
              worker.postMessage({ count });
            }),
        );
      },
    },
  },
  bounds: [],
};
