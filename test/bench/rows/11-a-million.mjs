// @ts-check
/**
 * Row 11 measures a million tasks. It compares the cost of a task with its cost among few. It also
 * measures the memory of a waiting task and the longest delay of the event loop.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expectEqual, timeAnswers } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { openPiscina } from '../peers/piscina.mjs';
import { openTinypool } from '../peers/tinypool.mjs';

const MANY = 1_000_000;
/** Divisor of `MANY` for the number of few tasks, which is 10,000. */
const FEW = 100;
/**
 * Number of runs of the few tasks. 10,000 tasks take milliseconds, so one run alone is too noisy.
 */
const FEW_ROUNDS = 25;
/** Divisor of `MANY` for the futures whose heap is measured. 200,000 outweigh everything else. */
const WEIGHED = 5;
/** Number of submits between two turns of the event loop. They take well below a millisecond. */
const SLICE = 500;

/**
 * Returns the heap of one waiting task in bytes. Tasks are submitted and measured in one turn, so
 * that no task can start.
 *
 * @param {(i: number) => PromiseLike<unknown>} run
 * @param {number} count
 */
async function weigh(run, count) {
  const futures = new Array(count);
  const before = heapUsed();
  for (let i = 0; i < count; i++) futures[i] = run(i);
  const after = heapUsed();
  const values = await Promise.all(futures);
  expectEqual(values[count - 1], count - 1, 'the last answer');
  return (after - before) / count;
}

function heapUsed() {
  if (globalThis.gc === undefined) throw new Error('This row needs gc(). Run Node with --expose-gc.');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** @typedef {Awaited<ReturnType<typeof openOurs>>} Executor */

/**
 * Returns the time of one run of `count` tasks in ms.
 *
 * @param {Executor} executor
 * @param {number} count
 */
function atOnce({ tasks: { noop } }, count) {
  return timeAnswers(count, (answered, failed) => {
    const observer = { next: answered, error: failed };
    for (let i = 0; i < count; i++) noop(i).subscribe(observer);
  });
}

/**
 * Returns the cost of a task among `count` tasks, as a multiple of its cost among few.
 *
 * @param {Executor} executor
 * @param {number} count
 */
async function growth(executor, count) {
  const few = count / FEW;
  /** @type {number[]} */
  const rounds = [];
  for (let i = 0; i < FEW_ROUNDS; i++) rounds.push(await atOnce(executor, few));
  const amongFew = /** @type {number} */ (rounds.sort((a, b) => a - b)[FEW_ROUNDS >> 1]) / few;
  return (await atOnce(executor, count)) / count / amongFew;
}

/**
 * Returns the longest delay of the event loop in ms while a queue of `count` tasks is filled and
 * drained. The queue is filled in slices while the workers are blocked.
 *
 * @param {Executor} executor
 * @param {number} count
 */
async function longestStall({ tasks: { noop, hold } }, count) {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const held = [hold(gate), hold(gate)];
  while (held.some(({ state }) => state !== 'running')) await nextTurn();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let left = count;
  /** @type {() => void} */
  let allAnswered = () => {};
  const drained = new Promise((resolve) => {
    allAnswered = () => resolve(undefined);
  });
  const observer = () => {
    if (--left === 0) allAnswered();
  };
  for (let i = 0; i < count; i += SLICE) {
    for (let j = 0; j < SLICE; j++) noop(i + j).subscribe(observer);
    await nextTurn();
  }
  expectEqual(left, count, 'tasks that wait');
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  await drained;
  delay.disable();
  await Promise.all(held);
  return delay.max / 1e6;
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 11,
  name: 'a-million',
  title: '1,000,000 tasks',
  count: MANY,
  warmUp: { count: 100_000, rounds: 2 },
  rounds: 3,
  metrics: {
    growth: { unit: 'x', over: 'median' },
    pending: { unit: 'bytes', over: 'median' },
    stall: { unit: 'ms', over: 'median' },
  },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const executor = await openOurs();
        return async (count) => ({
          growth: await growth(executor, count),
          pending: await weigh(executor.tasks.noop, count / WEIGHED),
          stall: await longestStall(executor, count),
        });
      },
    },
    tinypool: {
      kind: 'peer',
      setting: '64 in flight per worker, constant-time queue',
      async open() {
        const pool = await openTinypool({ inFlight: 64 });
        return async (count) => ({ pending: await weigh((i) => pool.run(i), count / WEIGHED) });
      },
    },
    piscina: {
      kind: 'peer',
      setting: '256 in flight per worker, without Atomics',
      async open() {
        const pool = await openPiscina({ inFlight: 256, atomics: 'disabled' });
        return async (count) => ({ pending: await weigh((i) => pool.run(i), count / WEIGHED) });
      },
    },
  },
  bounds: [
    { metric: 'growth', atMost: 1.75 },
    { metric: 'pending', atMost: 300 },
    { metric: 'stall', atMost: 50 },
  ],
  note: '`growth`: cost of a task among 1,000,000, as a multiple of its cost among 10,000. `pending`: heap of a waiting future and its place in the queue. `stall`: longest delay of the event loop while the queue is filled in slices, with the workers blocked, and then drained.',
};
