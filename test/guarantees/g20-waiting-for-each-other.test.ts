/**
 * G20 Streams as arguments: tasks that would wait for each other forever fail with a TypeError, and
 * any number of tasks may wait. The worker of a task that waits has room for other tasks.
 */
import { chain, type ExecutorOptions } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { LEDGER_CELLS } from '../../src/protocol/ledger.js';
import { open } from '../support/open.js';

const numbers = (to: number) => Array.from({ length: to }, (_, i) => i + 1);
/** Number of values that a source may be ahead of its reader. */
const AHEAD = 8;

describe.each<[string, () => ExecutorOptions]>([
  ['threads', () => ({})],
  ['the inline backend', () => ({ backend: inlineBackend() })],
])('G20 Streams as arguments, which wait for each other, on %s', (_, options) => {
  it('a method that reads a stream of its own actor fails, unless the actor allows two calls', async () => {
    await using executor = open('inputs.js', options());
    const { Shelf } = executor.actors;
    const one = Shelf();
    await expect(one.sum(one.values.stream(3))).rejects.toThrow(
      /^Stream "Shelf.values" belongs to the actor of its reader "Shelf.sum"/,
    );
    // A stage between both changes nothing.
    await expect(one.sum(executor.tasks.plus.stream(one.values.stream(3)))).rejects.toThrow(TypeError);
    const two = Shelf.with({ concurrency: 2 })();
    expect(await two.sum(two.values.stream(5_000))).toBe(12_502_500);
    expect(await one.sum(two.values.stream(3))).toBe(6);
  });

  it('a task that reads two streams of one key in turns fails, if the first one has to wait', async () => {
    await using executor = open('inputs.js', options());
    const { count, zip } = executor.tasks;
    const keyed = count.with({ key: 'a', highWaterMark: AHEAD });
    const read = async (to?: number) => {
      let pairs = 0;
      for await (const _ of zip.stream(keyed.stream(to), keyed.stream(to))) pairs++;
      return pairs;
    };
    await expect(read()).rejects.toThrow(/^Stream "count" waits behind other tasks of the key "a"/);
    // The first one ends before it has to wait.
    expect(await read(AHEAD - 1)).toBe(AHEAD - 1);
  });

  it('a task that reads two streams of one actor in turns fails, unless the actor allows both', async () => {
    await using executor = open('inputs.js', options());
    const { zip } = executor.tasks;
    const read = async (concurrency: number) => {
      const shelf = executor.actors.Shelf.with({ concurrency, highWaterMark: AHEAD })();
      let pairs = 0;
      for await (const _ of zip.stream(shelf.values.stream(50), shelf.values.stream(50))) pairs++;
      return pairs;
    };
    await expect(read(1)).rejects.toThrow(/^Stream "Shelf.values" waits behind other calls of actor "Shelf-1"/);
    expect(await read(2)).toBe(50);
  });

  it('two tasks that each read a stream with the key of the other do not wait: one fails, the other goes on', async () => {
    await using executor = open('inputs.js', options());
    const { sum, count } = executor.tasks;
    const read = (key: string, other: string) =>
      sum
        .with({ key })(count.with({ key: other }).stream(3))
        .settled();
    // Each stream has the key of the other task, which was submitted before it.
    const outcomes = await Promise.all([read('a', 'b'), read('b', 'a')]);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(failed.map(({ reason }) => String(reason))).toEqual([
      expect.stringMatching(/^TypeError: Stream "count" waits behind other tasks of the key "[ab]"/),
    ]);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value)).toEqual([6]);
  });

  it('a stream fails if it has the key of a step that is chained to its reader', async () => {
    await using executor = open('inputs.js', options());
    const { sum, plus, count, double } = executor.tasks;
    const step = double.with({ key: 'a' });
    // The steps take their places at the call, before the reader asks for its stream.
    const future = sum(plus.with({ key: 'a' }).stream(count.stream(3))).pipe(
      chain((total) => total),
      chain(step),
    );
    await expect(future).rejects.toThrow(/^Stream "plus" waits behind other tasks of the key "a"/);
  });

  it('two streams of one key that are read one after the other may take any time, in the order of their start', async () => {
    await using executor = open('inputs.js', options());
    const { plus, sumOneByOne } = executor.tasks;
    const keyed = plus.with({ key: 'a', highWaterMark: AHEAD });
    const slow = () => keyed.stream(later(60, 15));
    expect(await sumOneByOne(slow(), keyed.stream(later(60, 0)))).toBe(2 * 1_830);
    await expect(sumOneByOne(keyed.stream(later(60, 0)), slow(), true)).rejects.toThrow(/^Stream "plus" waits behind/);
  });
});

describe('G20 Streams as arguments, many of which wait', () => {
  it('more tasks may wait on a worker than its ledger has cells', async () => {
    const most = LEDGER_CELLS + 200;
    await using executor = open('inputs.js', { backend: inlineBackend(), maxWorkers: 1, concurrency: most });
    const { waitForRelease, releaseAll } = executor.tasks;
    const futures = numbers(most - 1).map(() => waitForRelease());
    await releaseAll();
    await Promise.all(futures);
  });
});

async function* later(to: number, ms: number) {
  for (let i = 1; i <= to; i++) {
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    yield i;
  }
}
