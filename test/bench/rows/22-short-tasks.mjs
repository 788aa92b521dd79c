// @ts-check
/** Row 22 measures what a call costs beside its work, if each call is awaited before the next. */
import { cpuTimeOf, expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { serverPeers, warmed } from '../peers/server.mjs';

/** Duration of the work in ms. */
const WORK = 0.2;

const measure = warmed(
  (run) => async (count) => {
    let ms = 0;
    const cpu = await cpuTimeOf(async () => {
      const started = performance.now();
      for (let i = 0; i < count; i++) expectEqual(await run(WORK), WORK, 'the duration');
      ms = performance.now() - started;
    });
    return { beyond: (ms / count - WORK) * 1000, cpu: cpu / count };
  },
  0,
);

/** @type {import('../harness/row.js').Row} */
export default {
  number: 22,
  name: 'short-tasks',
  title: '1,000 tasks of 200 us of computation, each awaited before the next',
  count: 1_000,
  warmUp: { count: 1_000, rounds: 2 },
  // As in row 4, the figure depends on the cores of the threads.
  isFreshEachRound: true,
  rounds: 11,
  metrics: { beyond: { unit: 'us', over: 'median' }, cpu: { unit: 'us', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        return measure((await openOurs()).tasks.spin);
      },
    },
    ...serverPeers('spin', measure),
  },
  bounds: [],
  note: '`beyond` is the time of a call beyond its work. `cpu` is the processor time of a call with its work, on all threads of the process.',
};
