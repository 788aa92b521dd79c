import { beforeEach, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../../src/backends/queue/job-writer.js';
import { PendingFutures } from '../../../src/backends/queue/pending.js';

describe('PendingFutures', () => {
  let pending: PendingFutures;
  beforeEach(() => {
    pending = new PendingFutures();
  });

  /** A tree of futures with these ids. Each has its id as its slot. */
  const tree = (...ids: number[]): Outgoing => ({
    slots: ids,
    nodes: ids.map((id, i) => ({ id, name: `task ${id}`, from: i - 1, steps: ['task'], attempt: 1 })),
    priority: 0,
    args: [],
    contexts: undefined,
  });
  const attach = (id: number, slot: number) => pending.attach({ type: 'attach', id, slot });

  it('register() makes each future of a tree pending, and returns the id of the root', () => {
    expect(pending.register(tree(4, 5))).toBe(4);
    expect(pending.get(5)).toMatchObject({ slots: [5], own: 5, name: 'task 5', tree: [4, 5], isAttached: false });
  });

  it('a future of another client is attached once for each slot, and asks for its messages each time', () => {
    expect([attach(7, 0), attach(7, 1)]).toEqual([true, true]);
    expect(pending.get(7)).toMatchObject({ slots: [0, 1], own: undefined, isAttached: true });
  });

  it('a future of this client needs no messages when it is attached', () => {
    pending.register(tree(4));
    expect(attach(4, 9)).toBe(false);
    expect(pending.get(4)?.slots).toEqual([4, 9]);
  });

  it('a future that was attached before it was sent becomes a future of this client', () => {
    attach(4, 9);
    pending.register(tree(4));
    expect(pending.get(4)).toMatchObject({ slots: [9, 4], own: 4, isAttached: false });
  });

  it('the reconciler receives only futures whose job is on the queue', () => {
    pending.register(tree(4, 5));
    expect(pending.unsettled(4)).toBe(undefined);
    pending.noteWritten([4, 5, 6], 'job');
    expect(pending.unsettled(4)).toEqual({ id: 4, job: 'job', isAttached: false });
    expect(pending.unsettled(6)).toBe(undefined);
  });

  it('a future is pending until its last slot is dropped', () => {
    pending.register(tree(4));
    attach(4, 9);
    pending.drop(4, 4);
    expect(pending.get(4)?.slots).toEqual([9]);
    pending.drop(4, 9);
    expect(pending.size).toBe(0);
  });

  it('a tree is wanted while one of its futures is pending', () => {
    const whole = tree(4, 5);
    pending.register(whole);
    pending.drop(4, 4);
    expect(pending.isWanted({ nodes: whole.nodes, args: '' })).toBe(true);
    pending.drop(5, 5);
    expect(pending.isWanted({ nodes: whole.nodes, args: '' })).toBe(false);
  });
});
