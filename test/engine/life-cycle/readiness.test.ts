import { describe, expect, it } from 'vitest';
import { Readiness } from '../../../src/engine/life-cycle/readiness.js';

/** Notes the waits that have ended. */
function waitAll(readiness: Readiness, ...counts: number[]) {
  const ended: unknown[] = [];
  for (const count of counts) {
    readiness.wait(count).then(
      () => ended.push(count),
      (error) => ended.push(error),
    );
  }
  return ended;
}

describe('Readiness', () => {
  it('a wait resolves when that many workers or more are ready', async () => {
    const readiness = new Readiness();
    const ended = waitAll(readiness, 1, 2, 3);
    readiness.reached(2);
    await Promise.resolve();
    expect(ended).toEqual([1, 2]);
    readiness.reached(3);
    await Promise.resolve();
    expect(ended).toEqual([1, 2, 3]);
  });

  it('a failure rejects all waits, and later waits wait again', async () => {
    const readiness = new Readiness();
    const ended = waitAll(readiness, 1, 2);
    readiness.fail('broken');
    await Promise.resolve();
    const later = waitAll(readiness, 1);
    readiness.reached(1);
    await Promise.resolve();
    expect([ended, later]).toEqual([['broken', 'broken'], [1]]);
  });
});
