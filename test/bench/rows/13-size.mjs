// @ts-check

/** Row 13 measures the size of the main entry, minified and gzipped, without its dependencies. */
import { weigh } from '../../support/weigh.mjs';

/** @type {import('../harness/row.js').Row} */
export default {
  number: 13,
  name: 'size',
  title: 'Size of the main entry, minified and gzipped, rxjs and tinypool left out',
  count: 1,
  warmUp: { count: 1, rounds: 0 },
  rounds: 1,
  metrics: { size: { unit: 'bytes', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        return async () => ({ size: await weigh({ code: "export * from 'rx-futures'" }) });
      },
    },
  },
  // test/package/budget.ts holds the budget, because a size needs no quiet machine.
  bounds: [],
};
