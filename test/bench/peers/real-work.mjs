// @ts-check
/**
 * Builds the rows with real work: many tasks at once, each of which computes for milliseconds. They
 * show what a pool costs beside two bare workers that split the inputs by hand.
 */
import { isDeepStrictEqual } from 'node:util';
import { expectEqual } from '../harness/checks.mjs';
import { oneByOnePeers } from './all.mjs';
import { openBare } from './bare.mjs';
import { openOurs } from './ours.mjs';

/**
 * Number of different inputs, which the tasks use in turn. It is odd, so that both bare workers
 * receive all of them.
 */
const INPUTS = 9;

/** @typedef {keyof typeof import('../work/real/tasks.mjs')} Task */

/**
 * @param {object} work
 * @param {number} work.number
 * @param {Task} work.task is the name of the row too
 * @param {string} work.title
 * @param {number} work.count
 * @param {(seed: number) => any} work.input makes an input before the clock starts
 * @returns {import('../harness/row.js').Row}
 */
export function realWork({ number, task, title, count, input }) {
  /** Opens a measurement of a function that returns the results of all inputs in their order. */
  const measureAll = async (/** @type {(inputs: any[]) => PromiseLike<any[]>} */ runAll) => {
    const tasks = await import('../work/real/tasks.mjs');
    const inputs = Array.from({ length: INPUTS }, (_, i) => input(i));
    const answers = inputs.map((argument) => tasks[task](/** @type {never} */ (argument)));
    return async (/** @type {number} */ count) => {
      const all = Array.from({ length: count }, (_, i) => copyOf(inputs[i % INPUTS]));
      const started = performance.now();
      const results = await runAll(all);
      const ms = performance.now() - started;
      expectEqual(results.length, count, 'results');
      results.forEach((result, i) => {
        expectEqual(isDeepStrictEqual(result, answers[i % INPUTS]), true, `result ${i} is right`);
      });
      return { ms };
    };
  };
  const measure = (/** @type {import('./all.mjs').Run} */ run) =>
    measureAll((inputs) => Promise.all(inputs.map((argument) => run(argument))));

  return {
    number,
    name: task,
    title,
    count,
    warmUp: { count: count / 2, rounds: 2 },
    rounds: 9,
    metrics: { ms: { unit: 'ms', over: 'median', tasks: count } },
    contenders: {
      ours: {
        kind: 'ours',
        async open() {
          const executor = await openOurs({ tasks: new URL('../work/real/tasks.mjs', import.meta.url) });
          return measure(/** @type {any} */ (executor.tasks)[task]);
        },
      },
      ...oneByOnePeers(task, measure, 'real/'),
      'two bare workers': {
        kind: 'reference',
        setting: 'each has every second input; one message with its inputs, and one with its results',
        async open() {
          const workers = [0, 1].map(() => openBare(task, { module: 'real/tasks', isMany: true }));
          return measureAll(async (inputs) => {
            const halves = await Promise.all(
              workers.map((worker, half) => worker.ask(inputs.filter((_, i) => i % 2 === half))),
            );
            return inputs.map((_, i) => halves[i % 2][i >> 1]);
          });
        },
      },
    },
    // The goal: a pool costs 3 % beside workers that know all of their work from the start.
    bounds: [{ metric: 'ms', within: 1.03, of: 'two bare workers' }],
  };
}

/**
 * Copies an input, because a message with an object twice would contain it once.
 *
 * @template T
 * @param {T} input
 * @returns {T}
 */
function copyOf(input) {
  return typeof input === 'string' ? input : structuredClone(input);
}
