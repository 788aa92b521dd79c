/** Jobs of a client that the queue confirms, refuses, or neither. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Enqueuer } from '../../../src/backends/queue/enqueuer.js';
import { PendingFutures } from '../../../src/backends/queue/pending.js';
import type { TreeData } from '../../../src/protocol/queue/job-data.js';
import type { Batch } from '../../../src/protocol/queue/transport.js';

const down = new Error('unreachable');

describe('Enqueuer', () => {
  let pending: PendingFutures;
  let refused: [id: number, error: unknown][];
  let hasEnded: boolean;
  /** The first futures of the jobs that the queue has. */
  let there: readonly number[];
  let add: () => Promise<void>;
  let jobs: (wanted: readonly { id: number }[]) => Promise<Map<number, { state: string; job: string }>>;
  let enqueuer: Enqueuer;

  beforeEach(() => {
    pending = new PendingFutures();
    refused = [];
    hasEnded = false;
    there = [];
    add = async () => {};
    jobs = async (wanted) =>
      new Map(wanted.map(({ id }) => [id, { state: there.includes(id) ? 'awaited' : 'missing', job: `job of ${id}` }]));
    const link = {
      add: () => add(),
      jobs: (wanted: readonly { id: number }[]) => jobs(wanted),
      refusal: (error: unknown) => error,
    };
    const reports = { refuse: (id: number, error: unknown) => void refused.push([id, error]) };
    enqueuer = new Enqueuer(link as never, { pending, reports: reports as never, hasEnded: () => hasEnded });
  });

  const tree = (...ids: number[]): TreeData => {
    const nodes = ids.map((id, i) => ({ id, name: 'task', from: i - 1, steps: ['task'], attempt: 1 }));
    pending.register({ slots: ids, nodes, priority: 0, args: [] });
    return { nodes, args: '' };
  };
  const batch = (...trees: TreeData[]): Batch => ({ trees, priority: 0 }) as Batch;
  const written = () => [...pending].filter(([, { isWritten }]) => isWritten).map(([id]) => id);
  const fails = () => Promise.reject(down);

  it('the futures of a confirmed job are written, and only a job with one tree can be removed as a whole', async () => {
    await enqueuer.add([batch(tree(1, 2)), batch(tree(3), tree(4))]);
    expect(written()).toEqual([1, 2, 3, 4]);
    expect([pending.get(1)?.isJob, pending.get(3)?.isJob, pending.get(4)?.isJob]).toEqual([true, false, false]);
    expect(refused).toEqual([]);
  });

  it('all futures of a single job that was refused are rejected, and the queue is not asked', async () => {
    add = fails;
    jobs = () => {
      throw new Error('asked');
    };
    await enqueuer.add([batch(tree(1, 2))]);
    expect([refused, written()]).toEqual([[[1, down], [2, down]], []]); // biome-ignore format: one line
  });

  it('the jobs of a refused bulk that the queue has are kept, and the futures of the others are rejected', async () => {
    add = fails;
    there = [3];
    await enqueuer.add([batch(tree(1)), batch(tree(3)), batch(tree(5))]);
    expect([refused.map(([id]) => id), written()]).toEqual([[1, 5], [3]]);
  });

  it('all futures of a refused bulk are rejected if the queue does not answer', async () => {
    add = jobs = fails;
    await enqueuer.add([batch(tree(1)), batch(tree(3))]);
    expect(refused.map(([id]) => id)).toEqual([1, 3]);
  });

  it('a refusal after the end of the session rejects nothing, because the next session sends the tasks', async () => {
    add = fails;
    const adding = enqueuer.add([batch(tree(1))]);
    hasEnded = true;
    await adding;
    expect(refused).toEqual([]);
  });

  it('find() separates the trees whose jobs exist from those that must be sent again', async () => {
    there = [1];
    const [first, second] = [{ tree: tree(1, 2), priority: 0 }, { tree: tree(3), priority: 0 }]; // biome-ignore format: one line
    expect(await enqueuer.find([first, second] as never)).toEqual({ there: [1, 2], missing: [second] });
    expect([written(), pending.get(2)?.job]).toEqual([[1, 2], 'job of 1']);
  });

  it('find() rejects the futures if the queue does not answer', async () => {
    jobs = fails;
    expect(await enqueuer.find([{ tree: tree(1, 2), priority: 0 }] as never)).toEqual({ there: [], missing: [] });
    expect(refused.map(([id]) => id)).toEqual([1, 2]);
  });
});
