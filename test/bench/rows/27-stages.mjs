// @ts-check
/**
 * Row 27 measures values that flow from one task to another, on two workers. Beside it, the same
 * values pass through a loop on the main thread.
 */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';

const COUNT = 1_000_000;

/**
 * @template T
 * @param {AsyncIterable<T>} source
 */
async function* passedOn(source) {
  for await (const value of source) yield value;
}

/**
 * @param {boolean} isLinked
 * @returns {Promise<import('../harness/row.js').Measure>}
 */
async function open(isLinked) {
  const executor = await openOurs({ tasks: new URL('../work/stages.mjs', import.meta.url) });
  /** @type {import('rx-futures').Executor<typeof import('../work/stages.mjs')>['tasks']} */
  const { objects, sumOfIds } = /** @type {any} */ (executor.tasks);
  return async (count) => {
    const source = objects.stream(count);
    const before = performance.eventLoopUtilization();
    const started = performance.now();
    const sum = await sumOfIds(isLinked ? source : passedOn(source));
    const ms = performance.now() - started;
    const { utilization } = performance.eventLoopUtilization(before);
    expectEqual(sum, (count * (count - 1)) / 2, 'sum of the ids');
    return { ms, busy: utilization };
  };
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 27,
  name: 'stages',
  title: '1,000,000 small objects from one task to another',
  count: COUNT,
  warmUp: { count: COUNT / 5, rounds: 2 },
  rounds: 7,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT }, busy: { unit: 'x', over: 'median' } },
  contenders: {
    ours: { kind: 'ours', open: () => open(true) },
    'through the main thread': { kind: 'reference', setting: 'a loop between both tasks', open: () => open(false) },
  },
  // The goals: twice the rate through the main thread, which is busy for 5 % of the time.
  bounds: [
    { metric: 'ms', faster: 2, than: 'through the main thread' },
    { metric: 'busy', atMost: 0.05 },
  ],
  note: '`busy` is the part of the time in which the main thread is not idle.',
};
