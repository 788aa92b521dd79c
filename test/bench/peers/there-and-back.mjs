// @ts-check
/** The contenders of the rows in which many tasks at once each send larger data there and back. */
import { timeAnswers } from '../harness/checks.mjs';
import { bulkPeers } from './all.mjs';
import { openBare } from './bare.mjs';
import { openOurs } from './ours.mjs';

/**
 * @template T
 * @param {object} work
 * @param {keyof typeof import('../work/tasks.mjs')} work.task
 * @param {(id: number) => T} work.make makes an argument before the clock starts. No two arguments
 * share an object, because a message with an object twice would contain it once.
 * @param {(result: T) => number} work.check returns the id of a result. Throws if the result is
 * wrong.
 * @param {typeof bulkPeers} [work.peers]
 * @returns {Record<string, import('../harness/row.js').Contender>}
 */
export function thereAndBack({ task, make, check, peers = bulkPeers }) {
  const makeAll = (/** @type {number} */ count) => Array.from({ length: count }, (_, id) => make(id));

  /** @type {(run: import('./all.mjs').Run) => import('../harness/row.js').Measure} */
  const measure = (run) => async (count) => {
    const items = makeAll(count);
    return {
      ms: await timeAnswers(count, (answered, failed) => {
        const received = (/** @type {T} */ result) => answered(check(result));
        for (const item of items) run(item).then(received, failed);
      }),
    };
  };

  return {
    ours: {
      kind: 'ours',
      async open() {
        const submit = /** @type {any} */ ((await openOurs()).tasks)[task];
        return async (count) => {
          const items = makeAll(count);
          return {
            ms: await timeAnswers(count, (answered, failed) => {
              const observer = { next: (/** @type {T} */ result) => answered(check(result)), error: failed };
              for (const item of items) submit(item).subscribe(observer);
            }),
          };
        };
      },
    },
    ...peers(task, measure),
    'bare ports': {
      kind: 'reference',
      setting: 'two workers, a message each way per task, nothing else',
      async open() {
        const workers = [openBare(task), openBare(task)];
        return async (count) => {
          const items = makeAll(count);
          return {
            ms: await timeAnswers(count, (answered) => {
              for (const worker of workers) worker.onAnswer((result) => answered(check(result)));
              items.forEach((item, i) => {
                workers[i % 2]?.port.postMessage(item);
              });
            }),
          };
        };
      },
    },
  };
}

/**
 * Returns a function that copies templates in turn and changes their ids. A copy takes less time
 * than a new object.
 *
 * @template {{ id: number }} T
 * @param {(id: number) => T} make
 * @returns {(id: number) => T}
 */
export function copiesOf(make) {
  /** @type {T[] | undefined} */
  let templates;
  return (id) => {
    templates ??= Array.from({ length: TEMPLATES }, (_, i) => make(i));
    return { ...structuredClone(/** @type {T} */ (templates[id % TEMPLATES])), id };
  };
}

const TEMPLATES = 100;
