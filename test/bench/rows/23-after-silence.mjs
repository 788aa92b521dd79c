// @ts-check
/** Row 23 measures a single call after a silence, when all threads are asleep. */
import { setTimeout } from 'node:timers/promises';
import { cpuTimeOf, expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { serverPeers, warmed } from '../peers/server.mjs';

/** Duration of the silence in ms. */
const SILENCE = 3;

const measure = warmed(
  (run) => async (count) => {
    const latencies = new Float64Array(count);
    const cpu = await cpuTimeOf(async () => {
      for (let i = 0; i < count; i++) {
        await setTimeout(SILENCE);
        const started = performance.now();
        expectEqual(await run(i), i, 'the answer');
        latencies[i] = performance.now() - started;
      }
    });
    return { latency: /** @type {number} */ (latencies.sort()[count >> 1]) * 1000, cpu: cpu / count };
  },
  0,
);

/** @type {import('../harness/row.js').Row} */
export default {
  number: 23,
  name: 'after-silence',
  title: '200 times a no-op after 3 ms of silence',
  count: 200,
  warmUp: { count: 200, rounds: 2 },
  // As in row 4, the figure depends on the cores of the threads.
  isFreshEachRound: true,
  rounds: 11,
  metrics: { latency: { unit: 'us', over: 'median' }, cpu: { unit: 'us', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        return measure((await openOurs()).tasks.noop);
      },
    },
    ...serverPeers('noop', measure),
  },
  bounds: [],
  note: '`latency` is the median of a round. `cpu` is the processor time of a silence and the call after it, on all threads of the process.',
};
