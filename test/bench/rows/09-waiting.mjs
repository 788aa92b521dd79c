// @ts-check
/** Row 9 measures how well a worker interleaves async tasks: many tasks that only wait. */
import { timeAnswers } from '../harness/checks.mjs';
import { piscina, poolifier, tinypool } from '../peers/all.mjs';
import { openOurs } from '../peers/ours.mjs';
import { WAIT } from '../work/tasks.mjs';

const CONCURRENCY = 128;
const WORKERS = 2;

/** @type {(run: import('../peers/all.mjs').Run) => import('../harness/row.js').Measure} */
const measure = (run) => async (count) => {
  const ms = await timeAnswers(count, (answered, failed) => {
    for (let i = 0; i < count; i++) run(i).then(answered, failed);
  });
  return { timesIdeal: ms / ((count / (CONCURRENCY * WORKERS)) * WAIT) };
};

/** @type {import('../harness/row.js').Row} */
export default {
  number: 9,
  name: 'waiting',
  title: '10,000 async tasks that wait 20 ms, `concurrency` 128',
  count: 10_000,
  warmUp: { count: 2_560, rounds: 1 },
  rounds: 5,
  metrics: { timesIdeal: { unit: 'x', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        return measure((await openOurs({ concurrency: CONCURRENCY })).tasks.wait);
      },
    },
    tinypool: {
      kind: 'peer',
      setting: '128 in flight per worker, constant-time queue',
      open: async () => measure(await tinypool({ task: 'wait', inFlight: CONCURRENCY })),
    },
    piscina: {
      kind: 'peer',
      setting: '128 in flight per worker, without Atomics',
      open: async () => measure(await piscina({ task: 'wait', inFlight: CONCURRENCY, atomics: 'disabled' })),
    },
    poolifier: {
      kind: 'peer',
      setting: 'queue with 128 in flight per worker',
      open: async () => measure(await poolifier({ task: 'wait', inFlight: CONCURRENCY })),
    },
  },
  bounds: [{ metric: 'timesIdeal', atMost: 1.15 }],
  note: 'The ideal is 10,000 / 256 × 20 ms. Timers of Node fire up to 1 ms late, which alone is 1.05 ×. workerpool is left out, because it does not interleave tasks.',
};
