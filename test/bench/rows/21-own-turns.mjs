// @ts-check
/**
 * Row 21 measures the calls of a server under load. Each call comes from its own turn of the event
 * loop, so no two calls can be dispatched together.
 */
import { cpuTimeOf, timeAnswers } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { serverPeers } from '../peers/server.mjs';

const COUNT = 20_000;
/** Number of requests that the server handles at the same time. */
const IN_FLIGHT = 32;

/** @type {(run: import('../peers/all.mjs').Run) => import('../harness/row.js').Measure} */
const measure = (run) => async (count) => {
  let ms = 0;
  const cpu = await cpuTimeOf(async () => {
    ms = await timeAnswers(count, (answered, failed) => {
      let next = 0;
      const submitNext = () => {
        if (next === count) return;
        const value = next++;
        setImmediate(() =>
          run(value).then((answer) => {
            answered(answer);
            submitNext();
          }, failed),
        );
      };
      for (let i = 0; i < IN_FLIGHT; i++) submitNext();
    });
  });
  return { ms, cpu: cpu / count };
};

/** @type {import('../harness/row.js').Row} */
export default {
  number: 21,
  name: 'own-turns',
  title: '20,000 echoes of a number, 32 in flight, each submitted from its own setImmediate',
  count: COUNT,
  warmUp: { count: COUNT, rounds: 2 },
  rounds: 9,
  metrics: { ms: { unit: 'ms', over: 'median', tasks: COUNT }, cpu: { unit: 'us', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        return measure((await openOurs()).tasks.noop);
      },
    },
    ...serverPeers('noop', measure, IN_FLIGHT / 2),
  },
  bounds: [],
  note: '`cpu` is the processor time of a call, on all threads of the process.',
};
