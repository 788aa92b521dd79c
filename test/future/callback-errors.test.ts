import { Deferred, Executor, Future } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { config } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { catchUnhandled, catchWarnings } from '../support/reports.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

describe('a done callback that throws', () => {
  const unhandled = catchUnhandled();
  const warnings = catchWarnings();
  beforeEach(() => useVirtualTime());
  afterEach(() => useRealTime());

  it('an error of a callback goes to config.onUnhandledError and affects neither other callbacks nor the future', () => {
    const deferred = new Deferred<number>();
    const error = new Error('in a callback');
    const log: string[] = [];
    deferred.future.addDoneCallback(() => log.push('before'));
    deferred.future.addDoneCallback(() => {
      throw error;
    });
    deferred.future.addDoneCallback(() => log.push('after'));
    deferred.future.subscribe(() => log.push('subscriber'));
    expect(deferred.resolve(1)).toBe(true);
    expect(log).toEqual(['before', 'after', 'subscriber']);
    expect(deferred.future.state).toBe('fulfilled');
    vi.runAllTimers();
    expect(unhandled.mock.calls).toEqual([[error]]);
    expect(warnings.messages()).toEqual([]);
  });

  it('an error of a callback becomes a process warning if RxJS has no handler', () => {
    config.onUnhandledError = null;
    const deferred = new Deferred<number>('button');
    deferred.future.addDoneCallback(() => {
      throw new Error('in a callback');
    });
    deferred.resolve(1);
    vi.runAllTimers();
    expect(warnings.codes()).toEqual(['RX_FUTURES_CALLBACK']);
    expect(warnings.messages()[0]).toMatch(
      new RegExp(`^A done callback of future "button" \\(#${deferred.future.id}\\) threw: Error: in a callback`),
    );
  });

  it('a rejection of an async callback is reported in the same way', async () => {
    const error = new Error('in a callback');
    const { future } = new Deferred<number>();
    future.addDoneCallback(async () => {
      await null;
      throw error;
    });
    future.cancel();
    await vi.runAllTimersAsync();
    expect(unhandled.mock.calls).toEqual([[error]]);
    expect(future.state).toBe('cancelled');
  });

  it('an error of a late callback does not reach the code that adds the callback', () => {
    const error = new Error('late');
    const add = () =>
      Future.resolve(1).addDoneCallback(() => {
        throw error;
      });
    expect(add).not.toThrow();
    vi.runAllTimers();
    expect(unhandled.mock.calls).toEqual([[error]]);
  });
});

describe('onCallbackError', () => {
  const unhandled = catchUnhandled();

  it('onCallbackError receives the error and the future instead of RxJS', async () => {
    const error = new Error('in a callback');
    const onCallbackError = vi.fn();
    await using executor = new Executor({ backend: inlineBackend(), onCallbackError });
    const future = executor.submit(() => 1);
    future.addDoneCallback(() => {
      throw error;
    });
    await future;
    expect(onCallbackError.mock.calls).toEqual([[error, future]]);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('onCallbackError receives the rejection of an async callback', async () => {
    const error = new Error('in a callback');
    const onCallbackError = vi.fn();
    await using executor = new Executor({ backend: inlineBackend(), onCallbackError });
    const future = executor.submit(() => 1);
    future.addDoneCallback(async () => {
      await null;
      throw error;
    });
    await vi.waitFor(() => expect(onCallbackError.mock.calls).toEqual([[error, future]]));
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('onCallbackError receives the rejection of a thenable that is not a promise', async () => {
    const error = new Error('in a query');
    const onCallbackError = vi.fn();
    await using executor = new Executor({ backend: inlineBackend(), onCallbackError });
    const future = executor.submit(() => 1);
    const query = { then: (_: unknown, reject: (error: Error) => void) => reject(error) };
    future.addDoneCallback(() => query);
    await vi.waitFor(() => expect(onCallbackError.mock.calls).toEqual([[error, future]]));
  });

  it('onCallbackError does not receive the failure of a Future that a callback returns', async () => {
    const onCallbackError = vi.fn();
    await using executor = new Executor({ backend: inlineBackend(), onCallbackError });
    const { future: next } = new Deferred<number>();
    const future = executor.submit(() => 1);
    future.addDoneCallback(() => next);
    await future;
    next.cancel();
    await new Promise((resolve) => setImmediate(resolve));
    expect(onCallbackError).not.toHaveBeenCalled();
  });

  it.each<[string, () => unknown]>([
    [
      'a callback that throws',
      () => {
        throw new Error('in a callback');
      },
    ],
    ['an async one', () => Promise.reject(new Error('in a callback'))],
  ])('an error that onCallbackError throws for %s goes to RxJS, and the process continues', async (_, callback) => {
    const fault = new Error('in the handler');
    await using executor = new Executor({
      backend: inlineBackend(),
      onCallbackError: () => {
        throw fault;
      },
    });
    executor.submit(() => 1).addDoneCallback(callback);
    await vi.waitFor(() => expect(unhandled.mock.calls).toEqual([[fault]]));
  });

  it('other callbacks run and the shutdown ends even if onCallbackError throws', async () => {
    const fault = new Error('in the handler');
    const executor = new Executor({
      backend: inlineBackend(),
      onCallbackError: () => {
        throw fault;
      },
    });
    const later = vi.fn();
    const future = executor.submit(() => 1);
    future.addDoneCallback(() => {
      throw new Error('in a callback');
    });
    future.addDoneCallback(later);
    await future;
    expect(later).toHaveBeenCalledTimes(1);
    await executor.shutdown();
    await vi.waitFor(() => expect(unhandled.mock.calls).toEqual([[fault]]));
  });
});
