// @ts-check
/** Row 24 measures tasks that use a shared object of 10 MB, beside the same tasks without it. */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';

/** An index of some 10 MB: 80,000 entries with a text of 60 characters. */
const index = () => Array.from({ length: 80_000 }, (_, i) => ({ i, text: String(i).padEnd(60, 'x') }));

/** @type {(call: (i: number) => PromiseLike<unknown>) => import('../harness/row.js').Measure} */
const measure = (call) => async (count) => {
  const started = performance.now();
  const results = await Promise.all(Array.from({ length: count }, (_, i) => call(i)));
  const time = performance.now() - started;
  for (const [i, result] of results.entries()) expectEqual(result, i, 'the answer');
  return { time };
};

/** @type {import('../harness/row.js').Row} */
export default {
  number: 24,
  name: 'shared',
  title: '10,000 tasks at once that each use a shared object of 10 MB',
  count: 10_000,
  // The first round sends the object to both workers.
  warmUp: { count: 2_000, rounds: 3 },
  rounds: 15,
  metrics: { time: { unit: 'ms', over: 'median', tasks: 10_000 } },
  contenders: {
    ours: {
      kind: 'ours',
      setting: '`executor.share`',
      async open() {
        const executor = await openOurs();
        const shared = executor.share(index());
        const { lookUp } = executor.tasks;
        return measure((i) => lookUp(shared, i));
      },
    },
    'without it': {
      kind: 'reference',
      setting: 'the same tasks with `undefined` in its place',
      async open() {
        const { lookUp } = (await openOurs()).tasks;
        return measure((i) => lookUp(undefined, i));
      },
    },
  },
  bounds: [{ metric: 'time', within: 1.2, of: 'without it' }],
};
