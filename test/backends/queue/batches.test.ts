/** Which job trees share a job. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Batches } from '../../../src/backends/queue/batches.js';
import type { TreeData } from '../../../src/protocol/queue/job-data.js';

describe('Batches', () => {
  let batches: Batches;
  beforeEach(() => {
    batches = new Batches();
  });

  const tree = (name: string, { args = '', credit }: { args?: string; credit?: number } = {}): TreeData => ({
    nodes: [{ id: 1, attempt: 1, name, from: -1, steps: [name], ...(credit !== undefined && { credit }) }],
    args,
  });
  const sizes = (trees: readonly TreeData[], priority = (_index: number) => 0) =>
    batches.make(trees.map((each, i) => ({ tree: each, priority: priority(i) }))).map((batch) => batch.trees.length);
  const many = (count: number, make: () => TreeData) => Array.from({ length: count }, make);

  it('trees share a job up to 10 ms of work', () => {
    batches.observe('task', 3);
    expect(sizes(many(7, () => tree('task')))).toEqual([3, 3, 1]);
  });

  it('trees share a job up to 64 trees', () => {
    batches.observe('task', 0.01);
    expect(sizes(many(100, () => tree('task')))).toEqual([64, 36]);
  });

  it('trees share a job up to 64 Ki characters of arguments', () => {
    batches.observe('task', 0.01);
    expect(sizes(many(5, () => tree('task', { args: 'x'.repeat(30_000) })))).toEqual([2, 2, 1]);
  });

  it('trees of different priorities do not share a job', () => {
    batches.observe('task', 0.01);
    expect(sizes(many(4, () => tree('task')), (i) => Math.floor(i / 2))).toEqual([2, 2]); // biome-ignore format: one line
  });

  it('a stream or an unknown task gets a job of its own', () => {
    batches.observe('task', 0.01);
    expect(sizes([tree('task'), tree('unknown'), tree('task'), tree('task', { credit: 4 })])).toEqual([1, 1, 1, 1]);
    expect([batches.knows(tree('task')), batches.knows(tree('unknown'))]).toEqual([true, false]);
    expect(batches.knows(tree('unknown', { credit: 4 }))).toBe(true);
  });

  it('a faster run counts at once, and a slower one by a quarter', () => {
    batches.observe('task', 8);
    batches.observe('task', 2);
    expect(sizes(many(6, () => tree('task')))).toEqual([5, 1]);
    batches.observe('task', 10);
    // The average is now 4 ms.
    expect(sizes(many(6, () => tree('task')))).toEqual([2, 2, 2]);
  });
});
