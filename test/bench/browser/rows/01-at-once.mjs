// @ts-check
/** Row 1 measures the cost of a task among many, each future subscribed. */
import { timeAnswers } from '../../harness/checks.mjs';
import { evenOrOdd } from '../start-worker.mjs';

const COUNT = 50_000;

/**
 * @param {(i: number) => PromiseLike<number>} run
 * @returns {import('../../harness/row.js').Measure}
 */
const measure = (run) => async (count) => ({
  ms: await timeAnswers(count, (answered, failed) => {
    for (let i = 0; i < count; i++) run(i).then(answered, failed);
  }),
});

/** @type {import('../../harness/row.js').Row} */
export default {
  number: 1,
  name: 'at-once',
  title: '50,000 no-op tasks submitted at once, each future subscribed',
  count: COUNT,
  warmUp: { count: 5_000, rounds: 2 },
  rounds: 5,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { openOurs } = await import('../ours.mjs');
        const { noop } = (await openOurs()).tasks;
        return async (count) => ({
          ms: await timeAnswers(count, (answered, failed) => {
            const observer = { next: answered, error: failed };
            for (let i = 0; i < count; i++) noop(i).subscribe(observer);
          }),
        });
      },
    },
    Comlink: {
      kind: 'peer',
      setting: 'two workers in turn; each call is sent at once',
      async open() {
        const { openComlink } = await import('../comlink.mjs');
        const workers = openComlink();
        return measure((i) => workers[evenOrOdd(i)].noop(i));
      },
    },
    'threads.js': {
      kind: 'peer',
      setting: 'two threads in turn; the program holds calls back, so that each has 4 in flight',
      async open() {
        const { holdingBack, openThreads } = await import('../threads.mjs');
        return measure(holdingBack(await openThreads()));
      },
    },
    workerpool: {
      kind: 'peer',
      setting: 'its pool, one task at a time for each worker, constant-time queue',
      async open() {
        const { openWorkerpool } = await import('../workerpool.mjs');
        const pool = openWorkerpool();
        return measure((i) => pool.exec('noop', [i]));
      },
    },
    postMessage: {
      kind: 'reference',
      setting: 'two bare workers, a message each way for each task, nothing else',
      async open() {
        const { openBare } = await import('../bare.mjs');
        const workers = openBare();
        return async (count) => ({
          ms: await timeAnswers(count, (answered) => {
            for (const worker of workers)
              worker.onmessage = (/** @type {{ data: number }} */ { data }) => answered(data);
            for (let i = 0; i < count; i++) workers[evenOrOdd(i)].postMessage(i);
          }),
        });
      },
    },
  },
  bounds: [],
  note: 'Comlink has no queue: all calls are in flight at once, and none can be cancelled. rx-futures and workerpool have a queue. threads.js has one too, but its pool is slower than the setting here.',
};
