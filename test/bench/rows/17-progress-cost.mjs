// @ts-check
/** Row 17: a computation that tells of its progress all the time. What does that cost it? */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';

/** Pairs of runs in a round, one after another: both of a pair find the machine in the same mood. */
const PAIRS = 8;

/** @type {import('../harness/row.js').Row} */
export default {
  number: 17,
  name: 'progress-cost',
  title: 'A task that computes and calls `currentTask().progress()` every 10 us, beside the same without',
  // Units of 10 us: a third of a second.
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

        /** @param {{ units: number, steps: number, tells: boolean }} order */
        async function run(order) {
          let last = -1;
          const began = performance.now();
          const computed = compute(order);
          computed.progress.subscribe((value) => {
            last = Number(value);
          });
          const state = await computed;
          const ms = performance.now() - began;
          expectEqual(last, order.tells ? order.units - 1 : -1, 'the last word of its progress');
          return { ms, state };
        }

        return async (count) => {
          const steps = await stepsOfUnit();
          /** @type {number[]} */
          const ratios = [];
          for (let i = 0; i < PAIRS; i++) {
            const silent = await run({ units: count, steps, tells: false });
            const telling = await run({ units: count, steps, tells: true });
            expectEqual(telling.state, silent.state, 'what is computed');
            ratios.push(telling.ms / silent.ms);
          }
          ratios.sort((a, b) => a - b);
          return { slowdown: (Number(ratios[PAIRS / 2 - 1]) + Number(ratios[PAIRS / 2])) / 2 };
        };
      },
    },
  },
  bounds: [{ metric: 'slowdown', atMost: 1.1 }],
  note: 'The median of pairs of runs; somebody listens to the progress, and the last word of it has to arrive.',
};
