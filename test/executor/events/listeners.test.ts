/** Listeners of `executor.events` that throw, that submit tasks, and that have left. */
import type { ExecutorEvent } from 'rx-futures';
import { type Observer, Subscriber } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { EventSource } from '../../../src/engine/observe/events.js';
import { record } from '../../support/events.js';
import { Gate } from '../../support/gate.js';
import { open } from '../../support/open.js';
import { catchUnhandled } from '../../support/reports.js';

describe('a listener', () => {
  const unhandled = catchUnhandled();

  it.each<[string, (fail: () => never) => Partial<Observer<ExecutorEvent>>]>([
    ['an observer', (fail) => ({ next: fail })],
    // RxJS wraps the observers that it is given, but uses a Subscriber as it is.
    ['a Subscriber', (fail) => new Subscriber({ next: fail, error: fail, complete: () => {} })],
  ])(
    'a listener that throws affects no task, no worker and no earlier listener, if it is %s',
    async (_name, observer) => {
      const executor = open('gates.js', { maxWorkers: 1 });
      const { seen } = record(executor);
      const error = new Error('in the listener');
      const fail = () => {
        throw error;
      };
      executor.events.subscribe(observer(fail));
      expect(await executor.tasks.add(1, 1)).toBe(2);
      expect(await executor.tasks.add(2, 2)).toBe(4);
      await executor.shutdown();
      expect(seen).toHaveLength(9);
      await vi.waitFor(() => expect(unhandled).toHaveBeenCalledTimes(9));
      expect(new Set(unhandled.mock.calls.flat())).toEqual(new Set([error]));
    },
  );

  it('a listener can submit and cancel tasks', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    const { add } = executor.tasks;
    const futures = Array.from({ length: 100 }, (_, i) => add(i, 0));
    let more: ReturnType<typeof add> | undefined;
    executor.events.subscribe((event) => {
      if (event.type !== 'task-started' || more !== undefined) return;
      more = add(1, 1);
      for (const future of futures) future.cancel();
    });
    const outcomes = await Promise.all(futures.map((future) => future.settled()));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['cancelled']));
    expect(await more).toBe(2);
  });

  it('an executor without a listener creates no event and starts no timer', async () => {
    const emit = vi.spyOn(EventSource.prototype, 'emit');
    const interval = vi.spyOn(globalThis, 'setInterval');
    try {
      const executor = open('gates.js', { maxWorkers: 1 });
      using gate = new Gate();
      interval.mockClear();
      const future = executor.tasks.failUntil.with({ retry: 1 })(gate.cells, 2);
      expect(await future).toBe(2);
      await executor.shutdown();
      expect(emit).not.toHaveBeenCalled();
      expect(interval).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('a listener that has unsubscribed costs nothing', async () => {
    const emit = vi.spyOn(EventSource.prototype, 'emit');
    try {
      const executor = open('gates.js', { maxWorkers: 1 });
      const listening = executor.events.subscribe();
      await executor.tasks.add(1, 1);
      expect(emit).toHaveBeenCalled();
      listening.unsubscribe();
      emit.mockClear();
      await executor.tasks.add(1, 1);
      await executor.shutdown();
      expect(emit).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
    }
  });
});
