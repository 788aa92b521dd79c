// @ts-check
/**
 * Row 1 measures the cost of a task among many: no-ops submitted in one tick, each future
 * subscribed.
 */
import { timeAnswers } from '../harness/checks.mjs';
import { bulkPeers, tinypool } from '../peers/all.mjs';
import { openBare } from '../peers/bare.mjs';
import { openOurs } from '../peers/ours.mjs';

const COUNT = 200_000;
/** Size of a batch in a program that batches its calls by hand. Larger batches gain little. */
const ARRAY = 64;

/** @type {(run: import('../peers/all.mjs').Run) => import('../harness/row.js').Measure} */
const measure = (run) => async (count) => ({
  ms: await timeAnswers(count, (answered, failed) => {
    for (let i = 0; i < count; i++) run(i).then(answered, failed);
  }),
});

/** @type {import('../harness/row.js').Row} */
export default {
  number: 1,
  name: 'at-once',
  title: '200,000 no-op tasks submitted at once, each future subscribed',
  count: COUNT,
  warmUp: { count: 50_000, rounds: 3 },
  rounds: 5,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { noop } = (await openOurs()).tasks;
        return async (count) => ({
          ms: await timeAnswers(count, (answered, failed) => {
            const observer = { next: answered, error: failed };
            for (let i = 0; i < count; i++) noop(i).subscribe(observer);
          }),
        });
      },
    },
    ...bulkPeers('noop', measure),
    'tinypool, arrays of 64': {
      kind: 'reference',
      setting: '64 arrays in flight per worker, constant-time queue',
      async open() {
        const run = await tinypool({ task: 'noopAll', inFlight: 64 });
        return async (count) => ({
          ms: await timeAnswers(count, (answered, failed) => {
            const all = (/** @type {number[]} */ values) => values.forEach(answered);
            for (let i = 0; i < count; i += ARRAY) {
              const length = Math.min(ARRAY, count - i);
              run(Array.from({ length }, (_, j) => i + j)).then(all, failed);
            }
          }),
        });
      },
    },
    'bare ports': {
      kind: 'reference',
      setting: 'two workers, a message each way per task, nothing else',
      async open() {
        const workers = [openBare('noop'), openBare('noop')];
        return async (count) => ({
          ms: await timeAnswers(count, (answered) => {
            for (const worker of workers) worker.onAnswer(answered);
            for (let i = 0; i < count; i++) workers[i % 2]?.port.postMessage(i);
          }),
        });
      },
    },
    'tinypool, as it comes': {
      kind: 'peer',
      only: 'quick',
      setting: 'its defaults: 1 in flight, an array for a queue',
      open: async () => measure(await tinypool({ hasOwnQueue: true })),
    },
  },
  bounds: [
    { metric: 'ms', faster: 5, than: 'peers' },
    { metric: 'ms', faster: 0.25, than: 'tinypool, arrays of 64' },
  ],
};
