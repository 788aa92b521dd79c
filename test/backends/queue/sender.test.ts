/** When a client sends job trees, and which of them share a job. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sender } from '../../../src/backends/queue/sender.js';
import type { TreeData } from '../../../src/protocol/queue/job-data.js';
import { useRealTime, useVirtualTime } from '../../support/virtual-time.js';

describe('Sender', () => {
  beforeEach(() => {
    useVirtualTime();
  });
  afterEach(() => {
    useRealTime();
  });

  function open() {
    /** Number of trees in each job that was sent. */
    const jobs: number[] = [];
    const unwanted = new Set<number>();
    const sender = new Sender({
      send: (batches) => void jobs.push(...batches.map(({ trees }) => trees.length)),
      isWanted: ({ nodes }) => !unwanted.has(nodes[0]!.id),
    });
    return { jobs, unwanted, sender };
  }

  const trees = (count: number, name = 'parse') =>
    Array.from({ length: count }, (_, i) => {
      const tree: TreeData = { nodes: [{ id: i + 1, name, from: -1, steps: [name], attempt: 1 }], args: '' };
      return { tree, priority: 0 };
    });
  const alone = (count: number) => Array.from({ length: count }, () => 1);

  it('a sender sends 32 trees one by one, and the rest in shared jobs if the first one was quick', () => {
    const { jobs, sender } = open();
    sender.add(trees(132));
    expect(jobs).toEqual(alone(32));
    sender.observe('parse', 0.1);
    expect(jobs).toEqual([...alone(32), 64, 36]);
  });

  it('a sender sends the rest one by one if a started task does not finish within 10 ms', () => {
    const { jobs, sender } = open();
    sender.add(trees(42));
    vi.advanceTimersByTime(30);
    sender.started();
    sender.started();
    vi.advanceTimersByTime(9);
    sender.started();
    expect(jobs).toEqual(alone(32));
    vi.advanceTimersByTime(1);
    expect(jobs).toEqual(alone(42));
  });

  it('a sender sends the rest after 50 ms if no task starts', () => {
    const { jobs, sender } = open();
    sender.add(trees(42));
    vi.advanceTimersByTime(49);
    expect(jobs).toEqual(alone(32));
    vi.advanceTimersByTime(1);
    expect(jobs).toEqual(alone(42));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a sender does not send a tree that was cancelled while it was held', () => {
    const { jobs, unwanted, sender } = open();
    sender.add(trees(35));
    unwanted.add(34);
    sender.flush();
    expect(jobs).toEqual(alone(34));
  });

  it('a sender sends trees with known run times at once, while others are held', () => {
    const { jobs, sender } = open();
    sender.observe('parse', 0.1);
    sender.add(trees(33, 'fetch'));
    sender.add(trees(10));
    expect(jobs).toEqual([...alone(32), 10]);
    sender.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
