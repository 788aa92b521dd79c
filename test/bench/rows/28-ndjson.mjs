// @ts-check
/**
 * Row 28 measures a pipeline of three stages over a large file. One task reads parts of it, and
 * tasks on all workers parse them. A loop adds their results. Beside it, the same functions run on
 * one thread.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { parts, sumOfPart } from '../work/stages.mjs';

const MEGABYTES = 150;
const PRICES = 1_000;

/**
 * Writes a file of so many megabytes, which is removed at the exit. Returns the sum of the prices.
 *
 * @param {number} megabytes
 */
function writeLines(megabytes) {
  const directory = mkdtempSync(join(tmpdir(), 'rx-futures-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true }));
  const file = join(directory, 'items.ndjson');
  let sum = 0;
  for (let bytes = 0, id = 0; bytes < megabytes * 1e6; ) {
    let text = '';
    for (const end = id + 10_000; id < end; id++) {
      const price = id % PRICES;
      sum += price;
      text += `${JSON.stringify({ id, name: `item ${id}`, tags: ['first tag', 'second tag'], price })}\n`;
    }
    writeFileSync(file, text, { flag: 'a' });
    bytes += text.length;
  }
  return { file, sum };
}

/**
 * Moves each part to the task that reads it.
 *
 * @param {AsyncIterable<Uint8Array>} stream
 */
async function* moved(stream) {
  const { transfer } = await import('rx-futures');
  for await (const part of stream) yield transfer(part);
}

/**
 * @param {(file: string) => Promise<number>} run
 * @returns {import('../harness/row.js').Measure}
 */
function measure(run) {
  /** @type {Map<number, ReturnType<typeof writeLines>>} */
  const files = new Map();
  return async (count) => {
    const { file, sum } = files.get(count) ?? writeLines(count);
    files.set(count, { file, sum });
    const before = process.memoryUsage.rss();
    let peak = before;
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 10);
    const started = performance.now();
    const result = await run(file);
    const ms = performance.now() - started;
    clearInterval(timer);
    expectEqual(result, sum, 'sum of the prices');
    return { ms, memory: (peak - before) / 1e6 };
  };
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 28,
  name: 'ndjson',
  title: '150 MB of NDJSON, read, parsed and summed in three stages',
  count: MEGABYTES,
  warmUp: { count: MEGABYTES, rounds: 1 },
  rounds: 5,
  metrics: { ms: { unit: 'ms', over: 'median' }, memory: { unit: 'MB', over: 'worst' } },
  contenders: {
    ours: {
      kind: 'ours',
      setting: '`map` over the stream of a task, whose parts are moved both times',
      async open() {
        const executor = await openOurs({ tasks: new URL('../work/stages.mjs', import.meta.url) });
        /** @type {import('rx-futures').Executor<typeof import('../work/stages.mjs')>['tasks']} */
        const { movedParts, sumOfPart } = /** @type {any} */ (executor.tasks);
        return measure(async (file) => {
          let sum = 0;
          for await (const part of executor.map(sumOfPart, moved(movedParts.stream(file)), { ordered: false }))
            sum += part;
          return sum;
        });
      },
    },
    'one thread': {
      kind: 'reference',
      setting: 'the same functions in a loop',
      async open() {
        return measure(async (file) => {
          let sum = 0;
          for await (const part of parts(file)) sum += sumOfPart(part);
          return sum;
        });
      },
    },
  },
  // The goals: 0.75 of the time of one thread, and memory that grows by 100 MB at most.
  bounds: [
    { metric: 'ms', within: 0.75, of: 'one thread' },
    { metric: 'memory', atMost: 100 },
  ],
  note: '`memory` is the growth of the resident memory of the process.',
};
