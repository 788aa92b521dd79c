/** The calls of an actor that still run on a worker which the actor has left. */
import { describe, expect, it } from 'vitest';
import { ACTOR } from '../../../src/protocol/job-layout.js';
import { FormerCalls } from '../../../src/scheduling/lanes/former-calls.js';

describe('FormerCalls', () => {
  it('the owner learns of each call that has ended, and not of the steps after it', () => {
    const left: number[] = [];
    const calls: FormerCalls = new FormerCalls(
      3,
      { name: 'Counter-3', isGone: false },
      () => 0,
      () => left.push(calls.roots),
    );
    for (const isRoot of [true, false, true]) calls.entered(isRoot);
    expect(calls.roots).toBe(2);
    for (const isRoot of [true, false, true]) calls.left(isRoot);
    expect(left).toEqual([1, 0]);
  });

  it('no further call starts there, and none waits for another one', () => {
    const calls = new FormerCalls(
      3,
      { name: 'Counter-3', isGone: false },
      () => 1,
      () => {},
    );
    expect([calls.key, calls.tag, calls.mayStart(), [...calls.unsent]]).toEqual([3, ACTOR, false, []]);
    expect(calls.live).toBe(1);
    expect(calls.concurrency).toBe(Number.POSITIVE_INFINITY);
  });
});
