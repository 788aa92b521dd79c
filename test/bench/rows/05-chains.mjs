// @ts-check
/**
 * Row 5 measures the cost of hops between threads: fetch → parse → save as chains. The values
 * between the steps are a text of 0.8 MB and 8,000 objects, and the last step returns a count.
 */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { openPiscina } from '../peers/piscina.mjs';
import { openTinypool } from '../peers/tinypool.mjs';
import { ITEMS } from '../work/tasks.mjs';

/**
 * @param {(i: number) => PromiseLike<unknown>} run runs one chain
 * @returns {import('../harness/row.js').Measure}
 */
export function measureChains(run) {
  return async (count) => {
    const started = performance.now();
    const saved = await Promise.all(Array.from({ length: count }, (_, i) => run(i)));
    const ms = performance.now() - started;
    for (const items of saved) expectEqual(items, ITEMS, 'items saved');
    return { ms };
  };
}

/**
 * Runs a chain with a promise pool: three runs, with the values between them on this thread.
 *
 * @param {{ run(argument: any, options: { name: string }): Promise<any> }} pool
 */
function threeHops(pool) {
  return measureChains((i) =>
    pool
      .run(i, { name: 'fetchPage' })
      .then((text) => pool.run(text, { name: 'parse' }))
      .then((items) => pool.run(items, { name: 'save' })),
  );
}

/** @satisfies {Record<string, import('../harness/row.js').Contender>} */
export const hopping = {
  piscina: {
    kind: /** @type {const} */ ('peer'),
    setting: 'three hops, 1 in flight per worker',
    open: async () => threeHops(await openPiscina()),
  },
  tinypool: {
    kind: /** @type {const} */ ('peer'),
    setting: 'three hops, 1 in flight per worker, constant-time queue',
    open: async () => threeHops(await openTinypool()),
  },
};

/** @type {import('../harness/row.js').Row} */
export default {
  number: 5,
  name: 'chains',
  title: 'fetch → parse → save, 0.8 MB of JSON, 60 chains at once, `submit(a).pipe(chain(b), chain(c))`',
  count: 60,
  warmUp: { count: 12, rounds: 2 },
  rounds: 5,
  metrics: { ms: { unit: 'ms', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { chain } = await import('rx-futures');
        const executor = await openOurs();
        const { fetchPage, parse, save } = executor.tasks;
        return measureChains((i) => executor.submit(fetchPage, i).pipe(chain(parse), chain(save)));
      },
    },
    ...hopping,
  },
  bounds: [{ metric: 'ms', faster: 6, than: 'piscina' }],
};
