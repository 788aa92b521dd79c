// @ts-check
/** Row 33 measures row 14 with strings of some 50 characters. The consumers add the lengths. */
import { streaming, summed } from '../peers/streams.mjs';

const COUNT = 200_000;

/** @param {number} count */
function lengthOfAll(count) {
  let sum = 0;
  for (let i = 1; i <= count; i++) sum += 45 + (i % 10);
  return sum;
}

const measure = summed((line) => line.length, lengthOfAll);

/** @type {import('../harness/row.js').Row} */
export default {
  number: 33,
  name: 'streamed-strings',
  title: 'Row 14 with 200,000 strings of 45 to 54 characters',
  count: COUNT,
  warmUp: { count: 50_000, rounds: 2 },
  rounds: 7,
  metrics: {
    subscribed: { unit: 'ms', over: 'median', tasks: COUNT },
    iterated: { unit: 'ms', over: 'median', tasks: COUNT },
  },
  contenders: streaming('lines', measure),
  bounds: [
    { metric: 'subscribed', faster: 1, than: 'postMessage for each' },
    { metric: 'subscribed', faster: 1, than: 'peers' },
    { metric: 'iterated', faster: 1, than: 'postMessage for each' },
    { metric: 'iterated', faster: 1, than: 'peers' },
  ],
};
