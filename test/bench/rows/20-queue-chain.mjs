// @ts-check
/**
 * Row 20 measures chains of three steps on a queue: one job with ours, three jobs in a BullMQ flow.
 */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs, openPlain, overRedis } from '../peers/bullmq.mjs';

/** Divisor of the chains at once for the number of chains that run one by one. */
const ALONE = 2;

/**
 * @param {(inputs: number[]) => Iterable<PromiseLike<number>>} runAll chains of three steps
 * @returns {import('../harness/row.js').Measure}
 */
const measure = (runAll) => async (count) => {
  const inputs = Array.from({ length: count }, (_, i) => i);
  const started = performance.now();
  const answers = await Promise.all(runAll(inputs));
  const together = performance.now() - started;
  expectEqual(sumOf(answers), sumOf(inputs), 'sum of all answers');

  const alone = inputs.slice(0, count / ALONE);
  let sum = 0;
  const startedAlone = performance.now();
  for (const i of alone) for (const answer of runAll([i])) sum += await answer;
  const ms = performance.now() - startedAlone;
  expectEqual(sum, sumOf(alone), 'sum of all answers, one after another');
  return { 'at once': together, 'one by one': (ms * 1000) / alone.length };
};

/** @param {readonly number[]} numbers */
function sumOf(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/**
 * Returns a flow of three steps. The last step is the parent. It runs when its child has finished,
 * and reads the result of the child.
 *
 * @param {number} input
 * @returns {import('bullmq').FlowJob}
 */
function flowOf(input) {
  const step = { name: 'step', queueName: 'bench' };
  const first = { ...step, data: input };
  return { ...step, children: [{ ...step, children: [first] }] };
}

export default overRedis({
  number: 20,
  name: 'queue-chain',
  title: 'Chains of three no-op steps on a BullMQ queue: 500 at once, then 250 one after another',
  count: 500,
  // The warm-up lasts until the code of all contenders is compiled, as in row 18.
  warmUp: { count: 500, rounds: 16 },
  rounds: 7,
  metrics: { 'at once': { unit: 'ms', over: 'median', tasks: 500 }, 'one by one': { unit: 'us', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      setting: '`a(x).pipe(chain(b), chain(c))`',
      async open() {
        const { chain } = await import('rx-futures');
        const { noop } = (await openOurs())().tasks;
        return measure((inputs) => inputs.map((i) => noop(i).pipe(chain(noop), chain(noop))));
      },
    },
    'ours, pipeline': {
      kind: 'reference',
      setting: '`pipeline(a, b, c)(x)`: the steps between have no futures',
      async open() {
        const { pipeline } = await import('rx-futures');
        const { noop } = (await openOurs())().tasks;
        const three = pipeline(noop, noop, noop);
        return measure((inputs) => inputs.map((i) => three(i)));
      },
    },
    'BullMQ, a flow of three': {
      kind: 'peer',
      setting:
        '`FlowProducer.addBulk` and `waitUntilFinished(queueEvents)` for each; a step reads the result before it with `getChildrenValues`',
      async open() {
        const { flows, events } = await openPlain();
        return measure((inputs) => {
          const added = flows.addBulk(inputs.map(flowOf));
          return inputs.map(async (_, i) => {
            const { job } = /** @type {import('bullmq').JobNode} */ ((await added)[i]);
            return job.waitUntilFinished(events);
          });
        });
      },
    },
  },
  bounds: [
    { metric: 'at once', faster: 3, than: 'peers' },
    { metric: 'one by one', faster: 1.4, than: 'peers' },
  ],
  note: 'Client, server and Redis are one process each, all on this machine.',
});
