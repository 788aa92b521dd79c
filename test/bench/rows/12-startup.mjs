// @ts-check
/** Row 12 measures the time from the start of a process to its first result. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Returns the median of `count` processes, one after another. Each process prints the time of its
 * own clock, which starts with the process.
 *
 * @param {string} script
 * @returns {import('../harness/row.js').Measure}
 */
function measure(script) {
  const path = fileURLToPath(new URL(`../work/startup/${script}.mjs`, import.meta.url));
  return async (count) => {
    const times = Array.from({ length: count }, () =>
      Number(execFileSync(process.execPath, [path], { encoding: 'utf8' })),
    );
    if (times.some((ms) => !(ms > 0))) throw new Error(`wrong answer: ${times}`);
    return { ms: /** @type {number} */ (times.sort((a, b) => a - b)[count >> 1]) };
  };
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 12,
  name: 'startup',
  title: 'From process start to the first result, script of one task',
  count: 5,
  warmUp: { count: 2, rounds: 1 },
  rounds: 9,
  metrics: { ms: { unit: 'ms', over: 'median' } },
  contenders: {
    ours: { kind: 'ours', open: async () => measure('ours') },
    piscina: { kind: 'peer', setting: 'one thread', open: async () => measure('piscina') },
    'rxjs and tinypool': {
      kind: 'reference',
      setting: 'a script that imports both and runs the task; one thread',
      open: async () => measure('rxjs-and-tinypool'),
    },
  },
  bounds: [
    { metric: 'ms', within: 1, of: 'rxjs and tinypool' },
    { metric: 'ms', within: 1.6, of: 'peers' },
  ],
};
