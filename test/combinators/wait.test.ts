import { chain, Deferred, Future, wait } from 'rx-futures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cancelledFuture, failure } from '../support/ended.js';

describe('wait', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('resolves when all have settled, however they end', async () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const futures = [a.future, b.future, Future.reject(failure), cancelledFuture()];
    const waiting = wait(futures);
    a.reject(failure);
    b.resolve(1);
    const { done, notDone } = await waiting;
    expect([[...done], [...notDone]]).toEqual([futures, []]);
  });

  it("resolves with 'first' when one has settled, with all that have", async () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const waiting = wait([a.future, b.future], { returnWhen: 'first' });
    b.cancel();
    expect(await waiting).toEqual({ done: new Set([b.future]), notDone: new Set([a.future]) });
    const settled = [Future.resolve(1), Future.resolve(2)];
    const { done } = await wait([a.future, ...settled], { returnWhen: 'first' });
    expect([...done]).toEqual(settled);
  });

  it("resolves with 'first-error' when one is rejected, not when one is cancelled", async () => {
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

  it("resolves with 'first-error' when all have settled without one", async () => {
    const { done } = await wait([Future.resolve(1), cancelledFuture()], { returnWhen: 'first-error' });
    expect(done.size).toBe(2);
  });

  it('resolves when its time is up, with what there is, and cancels nothing', async () => {
    const { future } = new Deferred<number>();
    const settled = Future.resolve(1);
    const waiting = wait([future, settled], { timeout: 50 });
    vi.advanceTimersByTime(50);
    expect(await waiting).toEqual({ done: new Set([settled]), notDone: new Set([future]) });
    expect(future.state).toBe('pending');
  });

  it.each([Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])(
    'has time enough with a timeout of %d',
    async (timeout) => {
      const deferred = new Deferred<number>();
      const waiting = wait([deferred.future], { timeout });
      vi.advanceTimersByTime(1_000_000);
      deferred.resolve(1);
      expect((await waiting).done.size).toBe(1);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('lets its timer go when it is over', async () => {
    await wait([Future.resolve(1)], { timeout: 50 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('counts a future once that is given twice, and takes any iterable', async () => {
    const deferred = new Deferred<number>();
    function* twice() {
      yield deferred.future;
      yield deferred.future;
    }
    const waiting = wait(twice());
    deferred.resolve(1);
    expect([...(await waiting).done]).toEqual([deferred.future]);
  });

  it('resolves at once without futures', async () => {
    expect(await wait([])).toEqual({ done: new Set(), notDone: new Set() });
  });

  it('lets go of what was not done: cancelling a chain’s end then stops it', async () => {
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
      /^wait\(\): item 0: expected a Future, got a Promise\. Future\.from\(promise\) makes one of it\./,
    ],
    [[], { returnWhen: 'last' }, /^wait\(\): returnWhen: expected 'all', 'first' or 'first-error', got last/],
    [[], { timeout: -1 }, /^wait\(\): timeout: expected a number of ms, 0 or more, got -1/],
  ])('refuses at the call: wait(%o, %o)', (futures, options, message) => {
    expect(() => wait(futures as never, options as never)).toThrow(message);
  });
});
