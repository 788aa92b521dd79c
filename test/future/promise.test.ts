import { CancelledError, Deferred, Future, TimeoutError } from 'rx-futures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const error = new Error('lost');

describe('a future as a promise', () => {
  it('a future can be awaited before and after it settles', async () => {
    const deferred = new Deferred<number>();
    const early = (async () => await deferred.future)();
    deferred.resolve(1);
    expect([await early, await deferred.future]).toEqual([1, 1]);
  });

  it('await rejects with the same error object', async () => {
    await expect(Future.reject(error)).rejects.toBe(error);
    await expect(Future.reject(null).catch((reason) => ({ reason }))).resolves.toEqual({ reason: null });
  });

  it('await rejects with a CancelledError if the future is cancelled', async () => {
    const { future } = new Deferred<number>();
    const awaited = expect(future).rejects.toThrow(CancelledError);
    future.cancel();
    await awaited;
  });

  it('the methods then, catch and finally return native promises', () => {
    const future = Future.resolve(1);
    for (const promise of [future.then(), future.catch(), future.finally(), future.result(), future.settled()]) {
      expect(Object.getPrototypeOf(promise)).toBe(Promise.prototype);
    }
  });

  it('catch receives the error, and finally receives nothing', async () => {
    await expect(Future.reject(error).catch((reason) => [reason])).resolves.toEqual([error]);
    const onFinally = vi.fn();
    await expect(Future.resolve(1).finally(onFinally)).resolves.toBe(1);
    await expect(Future.reject(error).finally(onFinally)).rejects.toBe(error);
    expect(onFinally.mock.calls).toEqual([[], []]);
  });

  it('Promise.all, Promise.race and Promise.resolve accept a future', async () => {
    await expect(Promise.all([Future.resolve(1), Future.resolve('a')])).resolves.toEqual([1, 'a']);
    await expect(Promise.race([new Deferred().future, Future.reject(error)])).rejects.toBe(error);
    await expect(Promise.resolve(Future.resolve(1))).resolves.toBe(1);
  });
});

describe.each(['result', 'settled'] as const)('future.%s', (verb) => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('the promise resolves when the future settles, and its timer is cleared', async () => {
    const deferred = new Deferred<number>();
    const waits = [deferred.future[verb](), deferred.future[verb]({ timeout: 100 })];
    deferred.resolve(1);
    const expected = verb === 'result' ? 1 : { status: 'fulfilled', value: 1, future: deferred.future };
    expect(await Promise.all(waits)).toEqual([expected, expected]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the promise resolves if the future has settled, whatever the timeout', async () => {
    await expect(Future.resolve(1)[verb]({ timeout: 0 })).resolves.toBeDefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the promise rejects with a TimeoutError after the timeout, and the future stays pending', async () => {
    const deferred = new Deferred<number>('parse');
    const late = deferred.future[verb]({ timeout: 100 }).catch((reason) => reason);
    vi.advanceTimersByTime(99);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    const reason = await late;
    expect(reason).toBeInstanceOf(TimeoutError);
    expect(reason.message).toBe(
      `Future "parse" (#${deferred.future.id}) did not settle within 100 ms. It was not cancelled. Call cancel() to stop it, or increase the timeout.`,
    );
    expect(deferred.future.state).toBe('pending');
    expect(deferred.resolve(1)).toBe(true);
  });

  it.each([Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2 ** 31])(
    'the promise does not time out with a timeout of %d',
    async (timeout) => {
      const deferred = new Deferred<number>();
      const wait = deferred.future[verb]({ timeout });
      vi.advanceTimersByTime(1_000_000);
      deferred.resolve(1);
      await expect(wait).resolves.toBeDefined();
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('the promise rejects with the reason of a signal that aborts, and the future stays pending', async () => {
    const { future } = new Deferred<number>();
    const controller = new AbortController();
    const wait = future[verb]({ signal: controller.signal });
    controller.abort('left');
    await expect(wait.catch((reason) => reason)).resolves.toBe('left');
    await expect(future[verb]({ signal: controller.signal }).catch((reason) => reason)).resolves.toBe('left');
    expect(future.state).toBe('pending');
  });

  it('the listener is removed from the signal when the future settles', async () => {
    const deferred = new Deferred<number>();
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    const added = vi.spyOn(signal, 'addEventListener');
    const wait = deferred.future[verb]({ signal, timeout: 100 });
    deferred.resolve(1);
    await wait;
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).toHaveBeenCalledWith('abort', added.mock.calls[0]![1]);
  });

  it.each([-1, Number.NaN, '5', null])('a timeout of %s is refused at the call', (timeout) => {
    expect(() => Future.resolve(1)[verb]({ timeout: timeout as never })).toThrow(
      /^result\(options\), settled\(options\): option "timeout": expected a number of ms, 0 or more, or Infinity, got/,
    );
  });

  it.each(['x', {}])('a value that is not an AbortSignal is refused at the call (%s)', (signal) => {
    expect(() => new Deferred().future[verb]({ signal: signal as never })).toThrow(
      /option "signal": expected an AbortSignal/,
    );
  });
});

describe('future.settled', () => {
  it('settled() never rejects because of a failure or a cancellation', async () => {
    const { future } = new Deferred<number>();
    future.cancel('enough');
    await expect(future.settled()).resolves.toMatchObject({ status: 'cancelled', reason: { cause: 'enough' } });
    await expect(Future.reject(error).settled()).resolves.toMatchObject({ status: 'rejected', reason: error });
  });
});
