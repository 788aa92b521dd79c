// @ts-check
/** Row 17 measures the cost of progress: a computation that reports its progress all the time. */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';

/** Number of pairs of runs in a round. Both runs of a pair meet the same load of the machine. */
const PAIRS = 8;

/** @type {import('../harness/row.js').Row} */
export default {
  number: 17,
  name: 'progress-cost',
  title: 'A task that computes and calls `currentTask().progress()` every 10 us, beside the same without',
  // Units of 10 us, which take a third of a second together.
  count: 33_000,
  warmUp: { count: 10_000, rounds: 1 },
  rounds: 5,
  metrics: { slowdown: { unit: 'x', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        /** @type {import('rx-futures').Executor<typeof import('../work/computing.mjs')>} */
        const executor = /** @type {any} */ (
          await openOurs({ tasks: new URL('../work/computing.mjs', import.meta.url), maxWorkers: 1, minWorkers: 1 })
        );
        const { compute, stepsOfUnit } = executor.tasks;

        /** @param {{ units: number, steps: number, reports: boolean }} order */
        async function run(order) {
          let last = -1;
          const started = performance.now();
          const computed = compute(order);
          computed.progress.subscribe((value) => {
            last = Number(value);
          });
          const state = await computed;
          const ms = performance.now() - started;
          expectEqual(last, order.reports ? order.units - 1 : -1, 'the last progress value');
          return { ms, state };
        }

        return async (count) => {
          const steps = await stepsOfUnit();
          /** @type {number[]} */
          const ratios = [];
          for (let i = 0; i < PAIRS; i++) {
            const silent = await run({ units: count, steps, reports: false });
            const reporting = await run({ units: count, steps, reports: true });
            expectEqual(reporting.state, silent.state, 'the computed state');
            ratios.push(reporting.ms / silent.ms);
          }
          ratios.sort((a, b) => a - b);
          return { slowdown: (Number(ratios[PAIRS / 2 - 1]) + Number(ratios[PAIRS / 2])) / 2 };
        };
      },
    },
  },
  bounds: [{ metric: 'slowdown', atMost: 1.1 }],
  note: 'The figure is the median of pairs of runs. The progress has a subscriber, and its last value must be received.',
};
