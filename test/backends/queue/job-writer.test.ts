import { SerializationError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { learn, type Names, readTrees, treeData } from '../../../src/backends/queue/job-writer.js';
import { NO_UPSTREAM, writeJob } from '../../../src/protocol/job-layout.js';
import type { HighWaterMark, RunOptions } from '../../../src/protocol/messages.js';
import { fromText } from '../../../src/protocol/queue/value-text.js';

const names: Names = new Map();
learn(names, [
  { key: 1, kind: 'export', name: 'parse' },
  { key: 2, kind: 'export', name: 'save' },
]);

const options = (changes: Partial<RunOptions> = {}): RunOptions => ({
  name: 'task',
  priority: 0,
  timeout: undefined,
  deadline: undefined,
  terminateAfter: undefined,
  retry: undefined,
  ...changes,
});

interface Written {
  readonly id: number;
  readonly keys: readonly number[];
  readonly highWaterMark?: HighWaterMark;
  readonly upstream?: number;
  readonly args?: readonly unknown[];
  readonly options?: Partial<RunOptions>;
}

/** Reads a batch of jobs. The slot of each is ten times its id. */
function read(...jobs: readonly Written[]) {
  const cells: number[] = [];
  for (const { id, keys, highWaterMark, upstream = NO_UPSTREAM, args = [] } of jobs)
    writeJob(
      cells,
      { id, attempt: 1, steps: keys.map((key) => ({ key })), highWaterMark },
      10 * id,
      upstream,
      args.length,
    );
  const args = jobs.flatMap((job) => job.args ?? []);
  return [...readTrees({ cells, args, options: jobs.map((job) => options(job.options)) }, names)];
}

describe('readTrees', () => {
  it('a batch becomes one entry for each job tree, with its slots, arguments and priority', () => {
    const trees = read(
      { id: 1, keys: [1], args: ['a', 'b'], options: { priority: 5 } },
      { id: 2, keys: [2], upstream: 0 },
      { id: 3, keys: [1, 2], args: ['c'] },
    );
    expect(trees).toMatchObject([
      {
        slots: [10, 20],
        priority: 5,
        args: ['a', 'b'],
        nodes: [
          { id: 1, from: -1 },
          { id: 2, from: 0 },
        ],
      },
      { slots: [30], priority: 0, args: ['c'], nodes: [{ id: 3, steps: ['parse', 'save'] }] },
    ]);
  });

  it('a stream has its first credit and its limit in bytes, and a plain task has none', () => {
    const [stream, endless, plain] = read(
      { id: 1, keys: [1], highWaterMark: { values: 16, bytes: 100 } },
      { id: 2, keys: [1], highWaterMark: { values: 2, bytes: Number.POSITIVE_INFINITY } },
      { id: 3, keys: [1] },
    );
    expect(stream!.nodes).toMatchObject([{ steps: ['parse'], credit: 16, creditBytes: 100 }]);
    expect(endless!.nodes).toMatchObject([{ steps: ['parse'], credit: 2 }]);
    expect(endless!.nodes[0]).not.toHaveProperty('creditBytes');
    expect(plain!.nodes[0]).not.toHaveProperty('credit');
  });

  it('a time limit of Infinity is left out, and the count of a retry is a number that JSON has', () => {
    const retry = { count: Number.POSITIVE_INFINITY, delay: 10 };
    const [limitless, limited] = read(
      { id: 1, keys: [1], options: { timeout: Number.POSITIVE_INFINITY, retry } },
      { id: 2, keys: [1], options: { timeout: 50 } },
    );
    expect(limitless!.nodes[0]).not.toHaveProperty('timeout');
    expect(limitless!.nodes[0]!.retry).toEqual({ count: Number.MAX_SAFE_INTEGER, delay: 10 });
    expect(limited!.nodes[0]).toMatchObject({ timeout: 50 });
  });
});

describe('deadlines and contexts', () => {
  it('a deadline that has started has its end in the data, and one that has not has only its length', () => {
    const before = Date.now();
    const [started, waiting] = read(
      { id: 1, keys: [1], options: { deadline: { ms: 500, left: 200 } } },
      { id: 2, keys: [1], options: { deadline: { ms: 500, left: undefined } } },
    );
    expect(started!.nodes[0]!.deadline).toBe(500);
    expect(started!.nodes[0]!.expires! - before - 200).toBeGreaterThanOrEqual(0);
    expect(started!.nodes[0]!.expires! - Date.now() - 200).toBeLessThanOrEqual(0);
    expect(waiting!.nodes[0]).toMatchObject({ deadline: 500 });
    expect(waiting!.nodes[0]).not.toHaveProperty('expires');
  });

  it('only a tree with a context has contexts, one for each node, and they can be read again', () => {
    const cells: number[] = [];
    const write = (id: number, upstream: number) =>
      writeJob(cells, { id, attempt: 1, steps: [{ key: 1 }], highWaterMark: undefined }, id, upstream, 0);
    for (const [id, upstream] of [[1, NO_UPSTREAM], [2, 0], [3, NO_UPSTREAM]] as const) write(id, upstream); // biome-ignore format: pairs
    const all = {
      cells,
      args: [],
      options: [options(), options(), options()],
      contexts: [undefined, { at: 7 }, undefined],
    };
    const [first, second] = [...readTrees(all, names)];
    expect(fromText(treeData(first!, 1_000).contexts!)).toEqual([undefined, { at: 7 }]);
    expect(treeData(second!, 1_000)).not.toHaveProperty('contexts');
  });

  it('a context that cannot be sent, or is too large, is a SerializationError', () => {
    const [tree] = read({ id: 1, keys: [1] });
    const withContext = (context: unknown) => () => treeData({ ...tree!, contexts: [context] }, 100);
    const path = (at: string) => expect.objectContaining({ constructor: SerializationError, path: at });
    expect(withContext({ id: () => {} })).toThrow(path('context.id'));
    expect(withContext('x'.repeat(200))).toThrow(path('context'));
  });
});

describe('treeData', () => {
  const tree = (...args: unknown[]) => read({ id: 1, keys: [1], args })[0]!;

  it('the arguments are written as a text that can be read again', () => {
    const { args } = treeData(tree(new Date(0), 5n), 1_000);
    expect(fromText(args as string)).toEqual([new Date(0), 5n]);
  });

  it('arguments that JSON restores are written as they are, and later changes of them have no effect', () => {
    const options = { url: 'data:,', tags: ['a'] };
    const { args } = treeData(tree(1, options), 1_000);
    options.tags.push('later');
    expect(args).toEqual([1, { url: 'data:,', tags: ['a'] }]);
  });

  it('an argument that cannot be sent is a SerializationError that names its path', () => {
    expect(() => treeData(tree(1, { at: { call: () => {} } }), 1_000)).toThrow(
      expect.objectContaining({ constructor: SerializationError, path: 'arguments[1].at.call' }),
    );
  });

  it('arguments above maxPayload are a SerializationError', () => {
    expect(() => treeData(tree('x'.repeat(200)), 100)).toThrow(SerializationError);
    expect(() => treeData(tree('x'.repeat(50)), 100)).not.toThrow();
    expect(() => treeData(tree({ text: 'x'.repeat(200) }), 100)).toThrow(/The arguments take 213 bytes/);
  });
});
