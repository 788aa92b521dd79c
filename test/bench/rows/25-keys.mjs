// @ts-check
/**
 * Row 25 measures the cost of keys: tasks on 10,000 keys, submitted at once. Without the library,
 * programs keep such an order with a chain of promises for each key.
 */
import { timeAnswers } from '../harness/checks.mjs';
import { tinypool } from '../peers/all.mjs';
import { openOurs } from '../peers/ours.mjs';

const COUNT = 100_000;
const KEYS = 10_000;

/**
 * Keeps the order of each key by hand: a task starts when the one before it has ended. The tasks
 * may run on any worker.
 *
 * @type {(run: import('../peers/all.mjs').Run) => import('../harness/row.js').Measure}
 */
const chained = (run) => async (count) => ({
  ms: await timeAnswers(count, (answered, failed) => {
    /** @type {Promise<unknown>[]} */
    const last = Array.from({ length: KEYS }, () => Promise.resolve());
    for (let i = 0; i < count; i++) {
      const next = /** @type {Promise<unknown>} */ (last[i % KEYS]).then(() => run(i));
      next.then(answered, failed);
      last[i % KEYS] = next;
    }
  }),
});

/** @type {(isKeyed: boolean) => Promise<import('../harness/row.js').Measure>} */
async function ours(isKeyed) {
  const { noop } = (await openOurs()).tasks;
  const handles = Array.from({ length: KEYS }, (_, i) => (isKeyed ? noop.with({ key: `user-${i}` }) : noop));
  return async (count) => ({
    ms: await timeAnswers(count, (answered, failed) => {
      const observer = { next: answered, error: failed };
      for (let i = 0; i < count; i++) handles[i % KEYS]?.(i).subscribe(observer);
    }),
  });
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 25,
  name: 'keys',
  title: '100,000 no-op tasks on 10,000 keys, submitted at once',
  count: COUNT,
  warmUp: { count: COUNT, rounds: 3 },
  rounds: 5,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT } },
  contenders: {
    ours: { kind: 'ours', open: () => ours(true) },
    'ours, without keys': { kind: 'reference', open: () => ours(false) },
    tinypool: {
      kind: 'peer',
      setting: 'a chain of promises for each key',
      open: async () => chained(await tinypool({ task: 'noop' })),
    },
  },
  // The goal is 0.7 of the rate without keys.
  bounds: [{ metric: 'ms', within: 1.45, of: 'ours, without keys' }],
};
