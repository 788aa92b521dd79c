// @ts-check
/**
 * Row 6 measures row 5 as a pipeline, beside one task that runs all three steps. It shows what the
 * library adds to steps that were combined by hand.
 */
import { tinypool } from '../peers/all.mjs';
import { openOurs } from '../peers/ours.mjs';
import { hopping, measureChains } from './05-chains.mjs';

/** @type {import('../harness/row.js').Row} */
export default {
  number: 6,
  name: 'pipeline',
  title: 'The same as a `pipeline`',
  count: 60,
  warmUp: { count: 12, rounds: 2 },
  rounds: 7,
  metrics: { ms: { unit: 'ms', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { pipeline } = await import('rx-futures');
        const { fetchPage, parse, save } = (await openOurs()).tasks;
        return measureChains(pipeline(fetchPage, parse, save));
      },
    },
    'tinypool, one run': {
      kind: 'reference',
      setting: 'one function that runs all three steps, 1 in flight per worker',
      open: async () => measureChains(await tinypool({ task: 'fetchParseSave' })),
    },
    piscina: hopping.piscina,
  },
  bounds: [
    { metric: 'ms', faster: 8, than: 'piscina' },
    { metric: 'ms', within: 1.15, of: 'tinypool, one run' },
  ],
};
