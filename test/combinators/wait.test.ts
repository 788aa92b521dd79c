import { chain, Deferred, Future, wait } from 'rx-futures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cancelledFuture, failure } from '../support/ended.js';

describe('wait', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('wait resolves when all futures have settled, whatever their outcome', async () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const futures = [a.future, b.future, Future.reject(failure), cancelledFuture()];
    const waiting = wait(futures);
    a.reject(failure);
    b.resolve(1);
    const { done, notDone } = await waiting;
    expect([[...done], [...notDone]]).toEqual([futures, []]);
  });

  it("wait with 'first' resolves when one future has settled, and done holds all that have settled by then", async () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const waiting = wait([a.future, b.future], { returnWhen: 'first' });
    b.cancel();
    expect(await waiting).toEqual({ done: new Set([b.future]), notDone: new Set([a.future]) });
    const settled = [Future.resolve(1), Future.resolve(2)];
    const { done } = await wait([a.future, ...settled], { returnWhen: 'first' });
    expect([...done]).toEqual(settled);
  });

  it("wait with 'first-error' resolves when a future is rejected, but not when one is cancelled", async () => {
    const [a, b, c] = [new Deferred<number>(), new Deferred<number>(), new Deferred<number>()];
    const resolved = vi.fn();
    const waiting = wait([a.future, b.future, c.future, cancelledFuture()], { returnWhen: 'first-error' }).then(
      (waited) => {
        resolved();
        return waited;
      },
    );
    a.resolve(1);
    await Promise.resolve();
    expect(resolved).not.toHaveBeenCalled();
    b.reject(failure);
    const { done, notDone } = await waiting;
    expect([done.size, [...notDone]]).toEqual([3, [c.future]]);
  });

  it("wait with 'first-error' resolves when all futures have settled without an error", async () => {
    const { done } = await wait([Future.resolve(1), cancelledFuture()], { returnWhen: 'first-error' });
    expect(done.size).toBe(2);
  });

  it('wait resolves after the timeout with the futures as they are, and cancels nothing', async () => {
    const { future } = new Deferred<number>();
    const settled = Future.resolve(1);
    const waiting = wait([future, settled], { timeout: 50 });
    vi.advanceTimersByTime(50);
    expect(await waiting).toEqual({ done: new Set([settled]), notDone: new Set([future]) });
    expect(future.state).toBe('pending');
  });

  it.each([Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])('a timeout of %d never expires', async (timeout) => {
    const deferred = new Deferred<number>();
    const waiting = wait([deferred.future], { timeout });
    vi.advanceTimersByTime(1_000_000);
    deferred.resolve(1);
    expect((await waiting).done.size).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wait clears its timer when it resolves', async () => {
    await wait([Future.resolve(1)], { timeout: 50 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wait counts a repeated future once, and accepts any iterable', async () => {
    const deferred = new Deferred<number>();
    function* twice() {
      yield deferred.future;
      yield deferred.future;
    }
    const waiting = wait(twice());
    deferred.resolve(1);
    expect([...(await waiting).done]).toEqual([deferred.future]);
  });

  it('wait resolves at once without futures', async () => {
    expect(await wait([])).toEqual({ done: new Set(), notDone: new Set() });
  });

  it('wait no longer uses the pending futures once it has resolved, so cancelling the end of a chain cancels them', async () => {
    const { future } = new Deferred<number>();
    await wait([future, Future.resolve(1)], { returnWhen: 'first' });
    future.pipe(chain((n) => n)).cancel();
    expect(future.state).toBe('cancelled');
  });

  it.each<[unknown, unknown, RegExp]>([
    [5, {}, /^wait\(\): expected an iterable of Futures, got 5/],
    ['text', {}, /^wait\(\): expected an iterable of Futures, got "text"/],
    [
      [Promise.resolve(1)],
      {},
      /^wait\(\): item 0: expected a Future, got a Promise\. Convert the promise with Future\.from\(promise\)\./,
    ],
    [
      [],
      { returnWhen: 'last' },
      /^wait\(\): option "returnWhen": expected 'all', 'first' or 'first-error', got "last"/,
    ],
    [[], { timeout: -1 }, /^wait\(\): option "timeout": expected a number of ms, 0 or more, or Infinity, got -1/],
  ])('wait(%o, %o) throws at the call', (futures, options, message) => {
    expect(() => wait(futures as never, options as never)).toThrow(message);
  });
});
