// @ts-check
/** Row 20: three steps, one after another. One job of ours, three of a BullMQ flow. */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs, openPlain, overRedis } from '../peers/bullmq.mjs';

/** Of how many that run at once one is run alone. */
const ALONE = 2;

/**
 * @param {(inputs: number[]) => Iterable<PromiseLike<number>>} runAll chains of three steps
 * @returns {import('../harness/row.js').Measure}
 */
const measure = (runAll) => async (count) => {
  const inputs = Array.from({ length: count }, (_, i) => i);
  const began = performance.now();
  const answers = await Promise.all(runAll(inputs));
  const together = performance.now() - began;
  expectEqual(sumOf(answers), sumOf(inputs), 'sum of all answers');

  const alone = inputs.slice(0, count / ALONE);
  let sum = 0;
  const beganAlone = performance.now();
  for (const i of alone) for (const answer of runAll([i])) sum += await answer;
  const ms = performance.now() - beganAlone;
  expectEqual(sum, sumOf(alone), 'sum of all answers, one after another');
  return { 'at once': together, 'one by one': (ms * 1000) / alone.length };
};

/** @param {readonly number[]} numbers */
function sumOf(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/**
 * The last step is the parent: it is run when its child has ended, and looks up what that gave.
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
  // As in row 18: until the code of all contenders is compiled.
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
        '`FlowProducer.addBulk` and `waitUntilFinished(queueEvents)` for each; a step gets what the one before it gave by `getChildrenValues`',
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
  note: 'Client, worker machine and Redis are a process each, all on this machine.',
});
