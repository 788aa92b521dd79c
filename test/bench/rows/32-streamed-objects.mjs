// @ts-check
/** Row 32 measures row 14 with small objects. The consumers add the ids. */
import { streaming, summed } from '../peers/streams.mjs';

const COUNT = 200_000;

const measure = summed(
  ({ id }) => id,
  (count) => (count * (count + 1)) / 2,
);

/** @type {import('../harness/row.js').Row} */
export default {
  number: 32,
  name: 'streamed-objects',
  title: 'Row 14 with 200,000 objects `{ id, name, isNew, price }`',
  count: COUNT,
  warmUp: { count: 50_000, rounds: 2 },
  rounds: 7,
  metrics: {
    subscribed: { unit: 'ms', over: 'median', tasks: COUNT },
    iterated: { unit: 'ms', over: 'median', tasks: COUNT },
  },
  contenders: streaming('records', measure),
  bounds: [
    { metric: 'subscribed', faster: 1, than: 'postMessage for each' },
    { metric: 'subscribed', faster: 1, than: 'peers' },
    { metric: 'iterated', faster: 1, than: 'postMessage for each' },
    { metric: 'iterated', faster: 1, than: 'peers' },
  ],
};
