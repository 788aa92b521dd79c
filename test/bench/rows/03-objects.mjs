// @ts-check
/**
 * Row 3 measures row 1 with a small object as argument and as result. It includes the copy that is
 * made at submit (G12).
 */
import { expectEqual, timeAnswers } from '../harness/checks.mjs';
import { bulkPeers } from '../peers/all.mjs';
import { openOurs } from '../peers/ours.mjs';

const COUNT = 200_000;

/** @param {number} id */
const makeItem = (id) => ({ id, name: `item ${id}`, tags: ['first', 'second'] });

/** @typedef {ReturnType<typeof makeItem>} Item */

/** @param {Item} item */
function check(item) {
  expectEqual(item.tags[1], 'second', `tags[1] of ${item.id}`);
  return item.id;
}

/** @type {(run: import('../peers/all.mjs').Run) => import('../harness/row.js').Measure} */
const measure = (run) => async (count) => ({
  ms: await timeAnswers(count, (answered, failed) => {
    const received = (/** @type {Item} */ item) => answered(check(item));
    for (let i = 0; i < count; i++) run(makeItem(i)).then(received, failed);
  }),
});

/** @type {import('../harness/row.js').Row} */
export default {
  number: 3,
  name: 'objects',
  title: 'Row 1 with `{ id, name, tags: [a, b] }` as argument and as result',
  count: COUNT,
  warmUp: { count: 50_000, rounds: 3 },
  rounds: 5,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { echo } = (await openOurs()).tasks;
        return async (count) => ({
          ms: await timeAnswers(count, (answered, failed) => {
            const observer = { next: (/** @type {Item} */ item) => answered(check(item)), error: failed };
            for (let i = 0; i < count; i++) echo(makeItem(i)).subscribe(observer);
          }),
        });
      },
    },
    ...bulkPeers('echo', measure),
  },
  bounds: [{ metric: 'ms', faster: 2, than: 'peers' }],
};
