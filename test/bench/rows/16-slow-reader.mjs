// @ts-check
/** Row 16 measures how far a worker gets ahead of a slow reader of its stream. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { openBareWorker } from '../peers/streams.mjs';

/** The default of this library. */
const HIGH_WATER_MARK = 1_024;
/** Time in ms that the reader needs for each value. */
const PACE = 1;

/**
 * Returns the largest number of values that were yielded but not read. The generator counts the
 * values.
 *
 * @param {(count: number, made: Int32Array, next: (value: number) => void) => Promise<void>} read
 * @param {number} count
 */
async function mostWaiting(read, count) {
  const made = new Int32Array(new SharedArrayBuffer(4));
  let last = 0;
  let most = 0;
  await read(count, made, (value) => {
    expectEqual(value, last + 1, 'the value after the one before it');
    most = Math.max(most, Atomics.load(made, 0) - value);
    last = value;
  });
  expectEqual(last, count, 'the last value');
  return most;
}

function work() {
  const end = performance.now() + PACE;
  while (performance.now() < end);
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 16,
  name: 'slow-reader',
  title: 'Values that wait for a reader that takes 1 ms for each: subscribed, and read with `for await`',
  count: 5_000,
  warmUp: { count: 1_000, rounds: 1 },
  rounds: 2,
  metrics: { subscribed: { unit: 'values', over: 'worst' }, iterated: { unit: 'values', over: 'worst' } },
  contenders: {
    ours: {
      kind: 'ours',
      setting: `default \`highWaterMark\`: ${HIGH_WATER_MARK.toLocaleString('en-US')}`,
      async open() {
        const { countedNumbers } = (await openOurs()).tasks;
        return async (count) => ({
          subscribed: await mostWaiting(
            (count, made, next) =>
              countedNumbers.stream({ count, made }).forEach((value) => {
                next(value);
                work();
              }),
            count,
          ),
          iterated: await mostWaiting(async (count, made, next) => {
            for await (const value of countedNumbers.stream({ count, made })) {
              next(value);
              await sleep(PACE);
            }
          }, count),
        });
      },
    },
    'postMessage for each': {
      kind: 'reference',
      setting: 'one bare worker, without backpressure',
      async open() {
        const worker = openBareWorker();
        return async (count) => ({
          subscribed: await mostWaiting(
            (count, made, next) =>
              new Promise((resolve) => {
                worker.on('message', function listener(/** @type {number} */ value) {
                  next(value);
                  work();
                  if (value < count) return;
                  worker.off('message', listener);
                  resolve();
                });
                worker.postMessage({ task: 'countedNumbers', argument: { count, made } });
              }),
            count,
          ),
        });
      },
    },
  },
  bounds: [
    { metric: 'subscribed', atMost: 2 * HIGH_WATER_MARK },
    { metric: 'iterated', atMost: 2 * HIGH_WATER_MARK },
  ],
  note: 'The generator counts its values in shared memory. The figure is their number minus the values that the reader has received. It includes values on the worker, in flight and on this thread.',
};
