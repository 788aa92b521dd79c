// @ts-check
/** Row 14 measures the cost of a value of a stream, subscribed and read with `for await`. */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { openBareNumbers, openComlink, openThreads } from '../peers/streams.mjs';

const COUNT = 1_000_000;

/**
 * @param {import('../peers/streams.mjs').Numbers} numbers
 * @returns {import('../harness/row.js').Measure}
 */
const measure = (numbers) => async (count) => ({
  subscribed: await time(numbers.subscribe, count),
  iterated: await time(numbers.iterate, count),
});

/**
 * Returns the time in ms until all values are received, and checks their order.
 *
 * @param {import('../peers/streams.mjs').Numbers['subscribe']} read
 * @param {number} count
 */
async function time(read, count) {
  let last = 0;
  let isInOrder = true;
  const started = performance.now();
  await read(count, (value) => {
    if (value !== last + 1) isInOrder = false;
    last = value;
  });
  const ms = performance.now() - started;
  expectEqual(isInOrder, true, 'each value follows the one before it');
  expectEqual(last, count, 'the last value');
  return ms;
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 14,
  name: 'streamed',
  title: '1,000,000 integers streamed from one worker: subscribed, and read with `for await`',
  count: COUNT,
  warmUp: { count: 200_000, rounds: 2 },
  rounds: 5,
  metrics: {
    subscribed: { unit: 'ms', over: 'median', tasks: COUNT },
    iterated: { unit: 'ms', over: 'median', tasks: COUNT },
  },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { numbers } = (await openOurs()).tasks;
        return measure({
          subscribe: (count, next) => numbers.stream(count).forEach(next),
          async iterate(count, next) {
            for await (const value of numbers.stream(count)) next(value);
          },
        });
      },
    },
    'postMessage for each': {
      kind: 'reference',
      setting:
        'one bare worker; `on(message)`, and `events.on`; without backpressure, so all values may be in flight at once',
      open: async () => measure(await openBareNumbers()),
    },
    Comlink: {
      kind: 'peer',
      setting: 'proxied callback, 1,000 calls in flight; `events.on`',
      open: async () => measure(await openComlink()),
    },
    'threads.js': {
      kind: 'peer',
      setting: 'an Observable; `events.on`',
      open: async () => measure(await openThreads()),
    },
  },
  bounds: [
    { metric: 'subscribed', faster: 6, than: 'postMessage for each' },
    { metric: 'subscribed', faster: 1, than: 'peers' },
    { metric: 'iterated', faster: 1, than: 'postMessage for each' },
    { metric: 'iterated', faster: 1, than: 'peers' },
  ],
};
