// @ts-check
/**
 * Row 7 measures when tiny tasks finish behind a long one that is submitted with them. Many rounds
 * of tiny tasks alone come first, so that an adaptive pool prefetches many of them.
 */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { openPiscina } from '../peers/piscina.mjs';
import { openPoolifier } from '../peers/poolifier.mjs';
import { openTinypool } from '../peers/tinypool.mjs';
import { openWorkerpool } from '../peers/workerpool.mjs';

/** Duration of the long task in ms. */
const LONG = 500;
/** Number of rounds of tiny tasks alone before each measured round. */
const ALONE = 10;

/**
 * @param {(ms: number) => PromiseLike<unknown>} spin
 * @param {(i: number) => PromiseLike<unknown>} noop
 * @returns {import('../harness/row.js').Measure}
 */
function measure(spin, noop) {
  /** @param {number} count */
  const tiny = async (count) => {
    const started = performance.now();
    const arrivals = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        expectEqual(await noop(i), i, `tiny task ${i}`);
        return performance.now() - started;
      }),
    );
    return arrivals.sort((a, b) => a - b);
  };
  return async (count) => {
    for (let i = 0; i < ALONE; i++) await tiny(count);
    const long = spin(LONG);
    const arrivals = await tiny(count);
    expectEqual(await long, LONG, 'the long task');
    const at = (/** @type {number} */ share) => /** @type {number} */ (arrivals[Math.ceil(share * count) - 1]);
    return { median: at(0.5), p99: at(0.99), last: at(1) };
  };
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 7,
  name: 'long-among-tiny',
  title: 'One 500 ms task and 2,000 tiny ones behind it, submitted together, after many rounds of tiny ones alone',
  count: 2_000,
  warmUp: { count: 2_000, rounds: 1 },
  rounds: 7,
  metrics: {
    median: { unit: 'ms', over: 'median' },
    p99: { unit: 'ms', over: 'worst' },
    last: { unit: 'ms', over: 'worst' },
  },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { spin, noop } = (await openOurs()).tasks;
        return measure(spin, noop);
      },
    },
    // With more tasks in flight, those on the worker of the long task wait for it. 1 in flight is
    // the best setting for all peers.
    tinypool: {
      kind: 'peer',
      setting: '1 in flight per worker, constant-time queue',
      async open() {
        const pool = await openTinypool();
        const long = { name: 'spin' };
        return measure(
          (ms) => pool.run(ms, long),
          (i) => pool.run(i),
        );
      },
    },
    piscina: {
      kind: 'peer',
      setting: '1 in flight per worker',
      async open() {
        const pool = await openPiscina();
        const long = { name: 'spin' };
        return measure(
          (ms) => pool.run(ms, long),
          (i) => pool.run(i),
        );
      },
    },
    poolifier: {
      kind: 'peer',
      setting: 'queue with 1 in flight per worker, stealing on',
      async open() {
        const pool = await openPoolifier({ inFlight: 1 });
        return measure(
          (ms) => pool.execute(ms, 'spin'),
          (i) => pool.execute(i, 'noop'),
        );
      },
    },
    workerpool: {
      kind: 'peer',
      setting: 'constant-time queue (one task at a time, always)',
      async open() {
        const pool = await openWorkerpool();
        return measure(
          (ms) => pool.exec('spin', [ms]),
          (i) => pool.exec('noop', [i]),
        );
      },
    },
    'tinypool, 64': {
      kind: 'reference',
      setting: '64 in flight per worker: the cost of prefetching tasks without revoking them',
      async open() {
        const pool = await openTinypool({ inFlight: 64 });
        const long = { name: 'spin' };
        return measure(
          (ms) => pool.run(ms, long),
          (i) => pool.run(i),
        );
      },
    },
  },
  bounds: [
    { metric: 'median', within: 0.5, of: 'peers' },
    { metric: 'p99', within: 0.5, of: 'peers' },
    { metric: 'last', within: 0.5, of: 'peers' },
    // No tiny task waited for the long one, in any round.
    { metric: 'last', atMost: LONG / 2 },
  ],
};
