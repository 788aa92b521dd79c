// @ts-check
/**
 * Row 15 measures the memory and the time of `map` over more inputs than fit into memory at once.
 */
import { expectEqual, timeAnswers } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';

const MANY = 1_000_000;
/** Number of memory measurements: one after each 10,000 inputs. */
const MEASUREMENTS = 100;
/**
 * Divisor of the inputs for the tasks at once that `map` is compared with: 200,000, as in row 1.
 */
const AT_ONCE = 5;
const AT_ONCE_ROUNDS = 5;
/** A megabyte of 1,000,000 bytes, which is stricter than 1,048,576. */
const MB = 1_000_000;

/** @typedef {Awaited<ReturnType<typeof openOurs>>} Executor */

/** @param {number} count */
function* inputs(count) {
  for (let i = 0; i < count; i++) yield i;
}

/**
 * @param {(results: import('rx-futures').ResultStream<number>, next: (value: number) => void) =>
 * Promise<void>} read
 * @returns {Promise<import('../harness/row.js').Measure>}
 */
async function measure(read) {
  const executor = await openOurs();
  return async (count) => {
    const { growth, ms } = await mapped(executor, count, read);
    return { growth, slowdown: ms / count / (await atOnce(executor, count / AT_ONCE)) };
  };
}

/**
 * Returns the time of a map in ms, and the growth of the process after the first measurement in MB.
 *
 * @param {Executor} executor
 * @param {number} count
 * @param {Parameters<typeof measure>[0]} read
 */
async function mapped(executor, count, read) {
  let next = 0;
  let isInOrder = true;
  let level = 0;
  let most = 0;
  const started = performance.now();
  await read(executor.map('noop', inputs(count)), (value) => {
    if (value !== next++) isInOrder = false;
    if (next % (count / MEASUREMENTS) !== 0) return;
    const size = process.memoryUsage.rss() / MB;
    if (level === 0) level = size;
    most = Math.max(most, size);
  });
  const ms = performance.now() - started;
  expectEqual(isInOrder, true, 'each result is in its place');
  expectEqual(next, count, 'results');
  return { growth: most - level, ms };
}

/**
 * Returns the time in ms of one task among many that are submitted at once, as in row 1.
 *
 * @param {Executor} executor
 * @param {number} count
 */
async function atOnce({ tasks: { noop } }, count) {
  /** @type {number[]} */
  const rounds = [];
  for (let i = 0; i < AT_ONCE_ROUNDS; i++) {
    rounds.push(
      await timeAnswers(count, (answered, failed) => {
        const observer = { next: answered, error: failed };
        for (let i = 0; i < count; i++) noop(i).subscribe(observer);
      }),
    );
  }
  return /** @type {number} */ (rounds.sort((a, b) => a - b)[AT_ONCE_ROUNDS >> 1]) / count;
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 15,
  name: 'map-million',
  title: '`map` over 1,000,000 inputs of a generator, default options, no-op task',
  count: MANY,
  // A warm-up would make the process larger before the first measurement.
  warmUp: { count: 0, rounds: 0 },
  isFreshEachRound: true,
  rounds: 5,
  metrics: { growth: { unit: 'MB', over: 'worst' }, slowdown: { unit: 'x', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      setting: 'read with `for await`',
      open: () =>
        measure(async (results, next) => {
          for await (const value of results) next(value);
        }),
    },
    'ours, subscribed': {
      kind: 'reference',
      setting: 'the same, subscribed',
      open: () => measure((results, next) => results.forEach(next)),
    },
  },
  bounds: [
    { metric: 'growth', atMost: 50 },
    { metric: 'slowdown', atMost: 2 },
  ],
  note: '`growth`: largest growth of the resident size of the process, including workers, after 10,000 results. `slowdown`: time of an input, as a multiple of the time of a task of row 1 (200,000 submitted at once, in the same process).',
};
