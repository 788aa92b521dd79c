// @ts-check
/** Row 4 measures the cost of a round trip: no-op tasks, each awaited before the next. */
import { cpuTimeOf, expectEqual } from '../harness/checks.mjs';
import { oneByOnePeers, tinypool } from '../peers/all.mjs';
import { openBare } from '../peers/bare.mjs';
import { openOurs } from '../peers/ours.mjs';

/** @type {(run: import('../peers/all.mjs').Run) => import('../harness/row.js').Measure} */
const measure = (run) => async (count) => {
  const trips = new Float64Array(count);
  let sum = 0;
  let ms = 0;
  const cpu = await cpuTimeOf(async () => {
    const started = performance.now();
    for (let i = 0, before = started; i < count; i++) {
      sum += await run(i);
      const after = performance.now();
      trips[i] = after - before;
      before = after;
    }
    ms = performance.now() - started;
  });
  expectEqual(sum, (count * (count - 1)) / 2, 'sum of all answers');
  return {
    mean: (ms * 1000) / count,
    median: /** @type {number} */ (trips.sort()[count >> 1]) * 1000,
    cpu: cpu / count,
  };
};

/** @type {import('../harness/row.js').Row} */
export default {
  number: 4,
  name: 'sequential',
  title: '5,000 no-op tasks, each awaited before the next',
  count: 5_000,
  warmUp: { count: 5_000, rounds: 2 },
  // A round trip takes 20 us or 50, depending on the cores to which the kernel assigns the two
  // threads.
  isFreshEachRound: true,
  rounds: 11,
  metrics: {
    mean: { unit: 'us', over: 'median' },
    median: { unit: 'us', over: 'median' },
    cpu: { unit: 'us', over: 'median' },
  },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        return measure((await openOurs()).tasks.noop);
      },
    },
    ...oneByOnePeers('noop', measure),
    'ping-pong': {
      kind: 'reference',
      setting: 'one worker, a MessagePort, nothing else',
      async open() {
        const worker = openBare('noop');
        return measure((argument) => worker.ask(argument));
      },
    },
    'tinypool, as it comes': {
      kind: 'peer',
      only: 'quick',
      setting: 'its defaults',
      open: async () => measure(await tinypool({ hasOwnQueue: true })),
    },
  },
  bounds: [
    { metric: 'mean', faster: 1, than: 'peers' },
    { metric: 'mean', within: 1.25, of: 'ping-pong' },
  ],
  note: '`mean` and `median` are over all round trips of a round. If `mean` is far above `median`, other work on the machine sometimes kept the threads from running. `cpu` is the processor time of a call, on all threads of the process.',
};
