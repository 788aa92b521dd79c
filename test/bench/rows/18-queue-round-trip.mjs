// @ts-check
/**
 * Row 18 measures the cost of a round trip on a queue: no-op jobs, each awaited before the next.
 */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs, openPlain, overRedis } from '../peers/bullmq.mjs';

/** @type {(run: (i: number) => PromiseLike<number>) => import('../harness/row.js').Measure} */
const measure = (run) => async (count) => {
  const trips = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    sum += await run(i);
    trips[i] = (performance.now() - started) * 1000;
  }
  expectEqual(sum, (count * (count - 1)) / 2, 'sum of all answers');
  const mean = trips.reduce((total, trip) => total + trip) / count;
  return { mean, median: /** @type {number} */ (trips.sort()[count >> 1]) };
};

/** @param {'inline' | 'threads'} processor */
async function openBullMQ(processor) {
  const { queue, events } = await openPlain(processor);
  return measure(async (i) => (await queue.add('noop', i)).waitUntilFinished(events));
}

export default overRedis({
  number: 18,
  name: 'queue-round-trip',
  title: '500 no-op jobs on a BullMQ queue, each awaited before the next',
  count: 500,
  // V8 compiles the code of ours and of BullMQ during about 5,000 trips. Each compilation blocks a
  // machine with two cores for milliseconds.
  warmUp: { count: 1_000, rounds: 8 },
  rounds: 7,
  metrics: { mean: { unit: 'us', over: 'median' }, median: { unit: 'us', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      setting: 'defaults, two threads',
      open: async () => measure((await openOurs())().tasks.noop),
    },
    BullMQ: {
      kind: 'peer',
      setting: '`add` and `waitUntilFinished(queueEvents)`; the job runs on the main thread of the worker process',
      open: () => openBullMQ('inline'),
    },
    'BullMQ, on threads': {
      kind: 'reference',
      setting: 'the same; the job runs on threads of the worker process, as with ours',
      open: () => openBullMQ('threads'),
    },
  },
  bounds: [{ metric: 'mean', within: 1.3, of: 'BullMQ' }],
  note: 'Client, server and Redis are one process each, all on this machine.',
});
