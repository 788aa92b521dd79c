/** G8 Leaving: unsubscribing from a Future never cancels it. */
import { firstValueFrom, map, Subject, take, takeUntil } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('G8 Leaving', () => {
  it('unsubscribing from a future never cancels it, even if the last subscriber leaves', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const future = executor.tasks.linger(gate.cells, 4);
    const subscriptions = [future.subscribe(), future.subscribe(), future.pipe(map((n) => n)).subscribe()];
    await gate.arrivals();
    for (const subscription of subscriptions) subscription.unsubscribe();
    expect(future.state).toBe('running');
    gate.open();
    expect(await future).toBe(4);
  });

  it('a subscriber that has unsubscribed receives nothing', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const future = executor.tasks.linger(gate.cells, 4);
    const log: unknown[] = [];
    future.subscribe({ next: (value) => log.push(value), complete: () => log.push('complete') }).unsubscribe();
    future.addDoneCallback(() => log.push('removed'))();
    gate.open();
    await future;
    expect(log).toEqual([]);
  });

  it('an operator that completes early does not cancel the task', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const future = executor.tasks.linger(gate.cells, 4);
    const stop = new Subject<void>();
    const left = firstValueFrom(future.pipe(takeUntil(stop)), { defaultValue: 'gave up' });
    stop.next();
    expect(await left).toBe('gave up');
    future.pipe(take(0)).subscribe();
    expect(future.isSettled).toBe(false);
    gate.open();
    expect(await future).toBe(4);
  });

  it('a timeout or signal of result() and settled() does not cancel the task', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    const future = executor.tasks.linger(gate.cells, 4);
    const controller = new AbortController();
    const attempts = [future.result({ timeout: 1 }), future.settled({ signal: controller.signal })];
    controller.abort('no time');
    expect(await Promise.allSettled(attempts)).toMatchObject([
      { status: 'rejected', reason: { name: 'TimeoutError', code: 'ERR_TIMEOUT' } },
      { status: 'rejected', reason: 'no time' },
    ]);
    expect(future.isSettled).toBe(false);
    gate.open();
    expect(await future).toBe(4);
  });
});
