// @ts-check
/**
 * Row 19 measures a burst of no-op tasks on a queue. In ours, short tasks share a job of BullMQ.
 */
import { timeAnswers } from '../harness/checks.mjs';
import { openOurs, openPlain, overRedis } from '../peers/bullmq.mjs';

/** @typedef {ReturnType<Awaited<ReturnType<typeof openOurs>>>} Executor */

/** @param {Executor} executor */
function burst({ tasks: { noop } }) {
  return (/** @type {number} */ count) =>
    timeAnswers(count, (answered, failed) => {
      const observer = { next: answered, error: failed };
      for (let i = 0; i < count; i++) noop(i).subscribe(observer);
    });
}

/**
 * @param {(plain: Awaited<ReturnType<typeof openPlain>>, count: number) =>
 * Iterable<PromiseLike<number>>} submitAll
 */
async function openBullMQ(submitAll) {
  const plain = await openPlain();
  return async (/** @type {number} */ count) => ({
    ms: await timeAnswers(count, (answered, failed) => {
      for (const answer of submitAll(plain, count)) answer.then(answered, failed);
    }),
  });
}

export default overRedis({
  number: 19,
  name: 'queue-burst',
  title: '3,000 no-op jobs on a BullMQ queue, submitted at once',
  count: 3_000,
  warmUp: { count: 3_000, rounds: 3 },
  rounds: 7,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: 3_000 } },
  contenders: {
    ours: {
      kind: 'ours',
      setting: 'defaults, two threads',
      async open() {
        const run = burst((await openOurs())());
        return async (count) => ({ ms: await run(count) });
      },
    },
    'ours, a new client': {
      kind: 'reference',
      setting: 'an executor that has connected but has not measured run times yet: tasks share a job only after that',
      async open() {
        const make = await openOurs();
        return async (count) => {
          const executor = make();
          await executor.ready();
          const ms = await burst(executor)(count);
          await executor.shutdown();
          return { ms };
        };
      },
    },
    'BullMQ, add': {
      kind: 'peer',
      setting: '`add` and `waitUntilFinished(queueEvents)` for each, 100 at a time on the worker',
      open: () =>
        openBullMQ(({ queue, events }, count) =>
          Array.from({ length: count }, async (_, i) => (await queue.add('noop', i)).waitUntilFinished(events)),
        ),
    },
    'BullMQ, addBulk': {
      kind: 'peer',
      setting: 'one `addBulk`, and `waitUntilFinished(queueEvents)` for each, 100 at a time on the worker',
      open: () =>
        openBullMQ(({ queue, events }, count) => {
          const added = queue.addBulk(Array.from({ length: count }, (_, i) => ({ name: 'noop', data: i })));
          return Array.from({ length: count }, async (_, i) => {
            const job = /** @type {import('bullmq').Job} */ ((await added)[i]);
            return job.waitUntilFinished(events);
          });
        }),
    },
  },
  bounds: [
    { metric: 'ms', faster: 1, than: 'peers' },
    { metric: 'ms', faster: 3, than: 'BullMQ, add' },
  ],
  note: 'Client, server and Redis are one process each, all on this machine. The peers run jobs on the main thread of the worker process, ours on worker threads.',
});
