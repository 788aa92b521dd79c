import { Deferred, Future } from 'rx-futures';
import { EMPTY, EmptyError, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

const error = new Error('lost');

describe('Future.from', () => {
  it('Future.from() returns a Future unchanged', () => {
    const future = Future.resolve(1);
    expect(Future.from(future)).toBe(future);
  });

  it('Future.from() of a promise returns a running future that settles like the promise', async () => {
    const future = Future.from(Promise.resolve(1));
    expect(future.state).toBe('running');
    await expect(future).resolves.toBe(1);
    await expect(Future.from(Promise.reject(error))).rejects.toBe(error);
  });

  it('Future.from() resolves with the last value of an Observable', () => {
    const source = new Subject<string>();
    const future = Future.from(source);
    source.next('first');
    source.next('last');
    expect(future.isSettled).toBe(false);
    source.complete();
    expect(future.outcome).toMatchObject({ status: 'fulfilled', value: 'last' });
  });

  it('Future.from() subscribes at once and only once', () => {
    const subscribed = vi.fn();
    const future = Future.from(
      new Observable<number>((subscriber) => {
        subscribed();
        subscriber.next(1);
        subscriber.complete();
      }),
    );
    future.subscribe();
    future.subscribe();
    expect(subscribed).toHaveBeenCalledTimes(1);
    expect(future.state).toBe('fulfilled');
  });

  it('Future.from() accepts undefined as a value', () => {
    expect(Future.from(of(undefined)).outcome).toMatchObject({ status: 'fulfilled', value: undefined });
  });

  it('Future.from() rejects with the EmptyError of RxJS if there was no value', () => {
    const { outcome } = Future.from(EMPTY);
    expect(outcome?.status === 'rejected' && outcome.reason).toBeInstanceOf(EmptyError);
  });

  it('Future.from() rejects with the error of the Observable even after values', () => {
    const source = new Subject<number>();
    const future = Future.from(source);
    source.next(1);
    source.error(error);
    expect(future.outcome).toMatchObject({ status: 'rejected', reason: error });
    expect(Future.from(throwError(() => error)).outcome).toMatchObject({ reason: error });
  });

  it('cancelling a future of Future.from() unsubscribes from its Observable', () => {
    const left = vi.fn();
    const future = Future.from(new Observable(() => left));
    expect(left).not.toHaveBeenCalled();
    future.cancel();
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('a cancelled future stays cancelled when its promise settles later', async () => {
    const deferred = new Deferred<number>();
    const promise = deferred.future.result();
    const future = Future.from(promise);
    future.cancel();
    deferred.resolve(1);
    await promise;
    expect(future.state).toBe('cancelled');
  });

  it('a future of Future.from() stays pending if its source never ends', () => {
    expect(Future.from(NEVER).isSettled).toBe(false);
  });

  it('Future.from() rejects if the `then` of a thenable throws', async () => {
    const thenable = {
      then() {
        throw error;
      },
    };
    await expect(Future.from(thenable as never)).rejects.toBe(error);
  });

  it.each([5, undefined, null, 'text', true])('Future.from() refuses %s at the call', (wrong) => {
    expect(() => Future.from(wrong as never)).toThrow(/Future\.from.*expected.* got /);
  });
});
