import { Deferred, Future } from 'rx-futures';
import { config, finalize, map, type Observable, of, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { catchUnhandled } from '../support/reports.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

const error = new Error('lost');

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

describe('an error that a subscriber does not handle', () => {
  const unhandled = catchUnhandled();

  it('an unhandled error is reported as in RxJS, for late subscribers too', () => {
    const deferred = new Deferred<number>();
    deferred.future.subscribe();
    deferred.future.subscribe(() => {});
    deferred.future.subscribe({ next: () => {} });
    deferred.future.pipe(map(String)).subscribe();
    deferred.reject(error);
    deferred.future.subscribe();
    expect(unhandled).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(unhandled.mock.calls).toEqual([[error], [error], [error], [error], [error]]);
  });

  it('an unhandled error becomes an uncaught exception if RxJS has no handler', () => {
    config.onUnhandledError = null;
    Future.reject(error).subscribe();
    expect(() => vi.runAllTimers()).toThrow(error);
  });

  it.each<[string, (future: Future<number>) => unknown]>([
    ['no observer', (future) => future.subscribe()],
    ['a function', (future) => future.subscribe(() => {})],
    ['an observer without error', (future) => future.subscribe({ next: () => {}, complete: () => {} })],
  ])('a cancellation is never reported as an unhandled error, with %s', (_name, subscribe) => {
    const deferred = new Deferred<number>();
    subscribe(deferred.future);
    deferred.cancel();
    subscribe(deferred.future);
    vi.runAllTimers();
    expect(unhandled).not.toHaveBeenCalled();
  });
});

/** The same observer must receive and report the same on an Observable of RxJS and on a future. */
describe('an observer that throws', () => {
  const unhandled = catchUnhandled();
  const fault = new Error('in the observer');
  const fail = () => {
    throw fault;
  };

  it.each<[string, () => Observable<number>, () => Future<number>, string]>([
    ['in next', () => of(1), () => Future.resolve(1), 'next'],
    ['in complete', () => of(1), () => Future.resolve(1), 'complete'],
    ['in error', () => throwError(() => error), () => Future.reject(error), 'error'],
  ])('an error %s is handled as in RxJS', (_name, observable, future, thrower) => {
    const outcomes = [observable(), future()].map((source) => {
      unhandled.mockClear();
      const log: string[] = [];
      const told = (name: string) => () => {
        log.push(name);
        if (name === thrower) fail();
      };
      const observer = { next: told('next'), error: told('error'), complete: told('complete') };
      source.subscribe(observer);
      vi.runAllTimers();
      return { log, reported: unhandled.mock.calls.flat() };
    });
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  it.each<[string, (future: Future<number>) => unknown]>([
    ['next', (future) => future.subscribe(fail)],
    ['complete', (future) => future.subscribe({ complete: fail })],
    ['an operator', (future) => future.pipe(map(fail)).subscribe()],
    ['a finalizer of the subscription', (future) => future.subscribe().add(fail)],
    ['finalize', (future) => future.pipe(finalize(fail)).subscribe()],
  ])('an observer that throws in %s does not stop others, and settling does not throw', (_name, subscribe) => {
    const deferred = new Deferred<number>();
    const log: string[] = [];
    deferred.future.subscribe(() => log.push('before'));
    subscribe(deferred.future);
    deferred.future.subscribe(() => log.push('after'));
    deferred.future.addDoneCallback(() => log.push('callback'));
    expect(deferred.resolve(1)).toBe(true);
    expect(log).toEqual(['before', 'after', 'callback']);
    vi.runAllTimers();
    expect(unhandled).toHaveBeenCalledTimes(1);
  });
});
