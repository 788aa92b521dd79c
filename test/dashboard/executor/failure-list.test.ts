import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FailureList } from '../../../src/dashboard/executor/failure-list.js';
import { useRealTime, useVirtualTime } from '../../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

const task = { id: 3, name: 'parse', attempt: 1, worker: 'crew-1' };

describe('the list of failures', () => {
  it('a failure has the task, and the texts of its error', () => {
    const list = new FailureList();
    list.add({ ...task, error: new TypeError('no title') });
    const [failure] = list.take();
    expect(failure).toMatchObject({ n: 1, ...task, title: 'TypeError: no title', omitted: 0 });
    expect(failure?.stack).toContain('failure-list.test.ts');
    expect(list.take()).toEqual([]);
    expect(list.kept).toEqual([failure]);
  });

  it('a thrown value that is not an Error is not shown, because it may be a value of the task', () => {
    const list = new FailureList();
    for (const error of ['secret', { password: 'secret' }, 42]) list.add({ ...task, error });
    const failures = list.take();
    expect(failures.map(({ title }) => title)).toEqual([
      'The task threw a string, which is not an Error',
      'The task threw an object, which is not an Error',
      'The task threw a number, which is not an Error',
    ]);
    expect(JSON.stringify(failures)).not.toContain('secret');
  });

  it('an error that rejects a whole chain is listed once', () => {
    const list = new FailureList();
    const error = new Error('lost');
    list.add({ ...task, error });
    list.add({ ...task, id: 4, name: 'save', error });
    expect(list.take()).toMatchObject([{ id: 3 }]);
  });

  it('texts are cut off at a fixed length', () => {
    const list = new FailureList();
    const error = Object.assign(new Error('x'.repeat(10_000)), { stack: 'y'.repeat(100_000) });
    list.add({ ...task, error });
    const [failure] = list.take();
    expect(failure!.title.length).toBeLessThan(600);
    expect(failure!.stack!.length).toBeLessThan(4_100);
  });

  it('the list has the texts of 50 failures in a second, and counts the others', () => {
    const list = new FailureList();
    for (let i = 0; i < 1_050; i++) list.add({ ...task, error: new Error(`no ${i}`) });
    expect(list.take()).toHaveLength(50);
    vi.advanceTimersByTime(1_000);
    list.add({ ...task, error: new Error('later') });
    expect(list.take()).toMatchObject([{ n: 51, title: 'Error: later', omitted: 1_000 }]);
    expect(list.kept).toHaveLength(50);
  });
});
