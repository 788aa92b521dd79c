// @ts-check
/**
 * Row 8 measures how well workers share the work: CPU-bound tasks of very different length,
 * shuffled.
 */
import { expectEqual, shuffled } from '../harness/checks.mjs';
import { oneByOnePeers } from '../peers/all.mjs';
import { openBare } from '../peers/bare.mjs';
import { openOurs } from '../peers/ours.mjs';
import { fib } from '../work/tasks.mjs';

const SHORTEST = 5;
const LONGEST = 27;
const LENGTHS = LONGEST - SHORTEST + 1;
const ANSWERS = Array.from({ length: LONGEST + 1 }, (_, n) => (n < SHORTEST ? 0 : fib(n)));

/**
 * Returns `count` lengths, with the same number of each.
 * @param {number} count
 */
const lengths = (count) => Array.from({ length: count }, (_, i) => SHORTEST + (i % LENGTHS));

/** @type {(run: import('../peers/all.mjs').Run) => import('../harness/row.js').Measure} */
const measure = (run) => async (count) => {
  const ns = shuffled(lengths(count));
  const started = performance.now();
  const values = await Promise.all(ns.map((n) => run(n)));
  const ms = performance.now() - started;
  check(ns, values);
  return { ms };
};

/**
 * @param {number[]} ns
 * @param {number[]} values
 */
function check(ns, values) {
  ns.forEach((n, i) => {
    expectEqual(values[i], ANSWERS[n], `fib(${n})`);
  });
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 8,
  name: 'uneven',
  title: '2,000 CPU tasks of very different length (fib 5..27, shuffled)',
  count: 2_000,
  warmUp: { count: 500, rounds: 2 },
  rounds: 7,
  metrics: { ms: { unit: 'ms', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        return measure((await openOurs()).tasks.fib);
      },
    },
    ...oneByOnePeers('fib', measure),
    'two bare workers': {
      kind: 'reference',
      setting: 'each runs half of the work (the same number of each length), sent as one message',
      async open() {
        const workers = [openBare('fibAll'), openBare('fibAll')];
        return async (count) => {
          // Assign the sorted lengths alternately, so that the halves differ by one task at most.
          const sorted = lengths(count).sort((a, b) => a - b);
          const halves = workers.map((_, half) => shuffled(sorted.filter((_n, i) => i % 2 === half)));
          const started = performance.now();
          const values = await Promise.all(workers.map((worker, half) => worker.ask(halves[half])));
          const ms = performance.now() - started;
          halves.forEach((half, i) => {
            check(half, values[i]);
          });
          return { ms };
        };
      },
    },
  },
  bounds: [
    { metric: 'ms', faster: 1, than: 'peers' },
    { metric: 'ms', within: 1.4, of: 'two bare workers' },
  ],
};
