// @ts-check
/** Row 14 measures the cost of a value of a stream, subscribed and read with `for await`. */
import { expectEqual } from '../harness/checks.mjs';
import { streaming } from '../peers/streams.mjs';

const COUNT = 1_000_000;

/**
 * @param {import('../peers/streams.mjs').Values} numbers
 * @returns {import('../harness/row.js').Measure}
 */
const measure = (numbers) => async (count) => ({
  subscribed: await time(numbers.subscribe, count),
  iterated: await time(numbers.iterate, count),
});

/**
 * Returns the time in ms until all values are received, and checks their order.
 *
 * @param {import('../peers/streams.mjs').Read} read
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
  contenders: streaming('numbers', measure),
  bounds: [
    { metric: 'subscribed', faster: 6, than: 'postMessage for each' },
    { metric: 'subscribed', faster: 1, than: 'peers' },
    { metric: 'iterated', faster: 1, than: 'postMessage for each' },
    { metric: 'iterated', faster: 1, than: 'peers' },
  ],
};
