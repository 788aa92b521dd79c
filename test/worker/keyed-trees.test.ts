/** Job trees of one key on a worker: a tree waits until the tree before it has ended. */
import { describe, expect, it } from 'vitest';
import { KeyedTrees } from '../../src/worker/keyed-trees.js';

const tree = (key: string, start: number) => ({ cells: [], start, end: start, args: [], key });

describe('KeyedTrees', () => {
  it('a tree waits for the one that runs, and the next one for the end of that', () => {
    const trees = new KeyedTrees();
    expect(trees.isRunning('ann')).toBe(false);
    trees.started('ann');
    trees.hold(tree('ann', 1));
    trees.hold(tree('ann', 2));
    expect(trees.nextFree).toBeUndefined();
    trees.ended('ann');
    expect(trees.takeFree().start).toBe(1);
    expect(trees.nextFree).toBeUndefined();
    expect(trees.isRunning('ann')).toBe(true);
    trees.ended('ann');
    expect(trees.takeFree().start).toBe(2);
    trees.ended('ann');
    expect(trees.isRunning('ann')).toBe(false);
  });

  it('keys do not wait for each other', () => {
    const trees = new KeyedTrees();
    trees.started('ann');
    expect(trees.isRunning('bob')).toBe(false);
  });
});
