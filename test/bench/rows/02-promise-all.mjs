// @ts-check
/** Row 2 measures the cost of promises: the tasks of row 1, awaited through Promise.all. */
import { expectEqual } from '../harness/checks.mjs';
import { bulkPeers } from '../peers/all.mjs';
import { openOurs } from '../peers/ours.mjs';

const COUNT = 200_000;

/** @type {(run: import('../peers/all.mjs').Run) => import('../harness/row.js').Measure} */
const measure = (run) => async (count) => {
  const started = performance.now();
  const promises = [];
  for (let i = 0; i < count; i++) promises.push(run(i));
  const values = await Promise.all(promises);
  const ms = performance.now() - started;
  values.forEach((value, i) => {
    expectEqual(value, i, `answer ${i}`);
  });
  return { ms };
};

/** @type {import('../harness/row.js').Row} */
export default {
  number: 2,
  name: 'promise-all',
  title: '200,000 no-op tasks submitted at once, all awaited through Promise.all',
  count: COUNT,
  warmUp: { count: 50_000, rounds: 3 },
  rounds: 5,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        return measure((await openOurs()).tasks.noop);
      },
    },
    ...bulkPeers('noop', measure),
  },
  bounds: [{ metric: 'ms', faster: 2, than: 'peers' }],
};
