// @ts-check
/** Row 5 measures the cost of hops between threads: fetch → parse → save as chains. */
import { expectEqual } from '../../harness/checks.mjs';
import { ITEMS } from '../../work/tasks.mjs';
import { evenOrOdd } from '../start-worker.mjs';

/**
 * @param {(i: number) => PromiseLike<unknown>} run runs one chain
 * @returns {import('../../harness/row.js').Measure}
 */
const measure = (run) => async (count) => {
  const started = performance.now();
  const saved = await Promise.all(Array.from({ length: count }, (_, i) => run(i)));
  const ms = performance.now() - started;
  for (const items of saved) expectEqual(items, ITEMS, 'items saved');
  return { ms };
};

/** @type {import('../../harness/row.js').Row} */
export default {
  number: 5,
  name: 'chains',
  title: 'fetch → parse → save, 0.8 MB of JSON, 60 chains at once',
  count: 60,
  warmUp: { count: 12, rounds: 2 },
  rounds: 5,
  metrics: { ms: { unit: 'ms', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      setting: '`submit(a).pipe(chain(b), chain(c))`',
      async open() {
        const { chain } = await import('rx-futures');
        const { openOurs } = await import('../ours.mjs');
        const executor = await openOurs();
        const { fetchPage, parse, save } = executor.tasks;
        return measure((i) => executor.submit(fetchPage, i).pipe(chain(parse), chain(save)));
      },
    },
    Comlink: {
      kind: 'peer',
      setting: 'three calls of one worker; two workers in turn',
      async open() {
        const { openComlink } = await import('../comlink.mjs');
        const workers = openComlink();
        return measure(async (i) => {
          const { fetchPage, parse, save } = workers[evenOrOdd(i)];
          return save(await parse(await fetchPage(i)));
        });
      },
    },
    'threads.js': {
      kind: 'peer',
      setting: 'three calls of one thread; two threads in turn',
      async open() {
        const { openThreads } = await import('../threads.mjs');
        const threads = await openThreads();
        return measure(async (i) => {
          const { fetchPage, parse, save } = threads[evenOrOdd(i)];
          return save(await parse(await fetchPage(i)));
        });
      },
    },
    workerpool: {
      kind: 'peer',
      setting: 'three calls of its pool, constant-time queue',
      async open() {
        const { openWorkerpool } = await import('../workerpool.mjs');
        const pool = openWorkerpool();
        return measure(async (i) => {
          const text = await pool.exec('fetchPage', [i]);
          return pool.exec('save', [await pool.exec('parse', [text])]);
        });
      },
    },
  },
  bounds: [],
  note: 'The value between two steps stays on the worker with rx-futures. With the other libraries, it passes through the page. A program can call one function that runs all three steps. It then has no hop with any library.',
};
