import { Deferred, Future } from 'rx-futures';
import { EMPTY, EmptyError, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

const error = new Error('lost');

describe('Future.from', () => {
  it('gives a Future back as it is', () => {
    const future = Future.resolve(1);
    expect(Future.from(future)).toBe(future);
  });

  it('follows a promise, as a future that runs', async () => {
    const future = Future.from(Promise.resolve(1));
    expect(future.state).toBe('running');
    await expect(future).resolves.toBe(1);
    await expect(Future.from(Promise.reject(error))).rejects.toBe(error);
  });

  it('gives the last value of an Observable', () => {
    const source = new Subject<string>();
    const future = Future.from(source);
    source.next('first');
    source.next('last');
    expect(future.isSettled).toBe(false);
    source.complete();
    expect(future.outcome).toMatchObject({ status: 'fulfilled', value: 'last' });
  });

  it('subscribes at once, and once', () => {
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

  it('takes undefined for a value', () => {
    expect(Future.from(of(undefined)).outcome).toMatchObject({ status: 'fulfilled', value: undefined });
  });

  it('is rejected with the EmptyError of RxJS where there was no value', () => {
    const { outcome } = Future.from(EMPTY);
    expect(outcome?.status === 'rejected' && outcome.reason).toBeInstanceOf(EmptyError);
  });

  it('is rejected with the error of the Observable, also after values', () => {
    const source = new Subject<number>();
    const future = Future.from(source);
    source.next(1);
    source.error(error);
    expect(future.outcome).toMatchObject({ status: 'rejected', reason: error });
    expect(Future.from(throwError(() => error)).outcome).toMatchObject({ reason: error });
  });

  it('unsubscribes from the Observable when it is cancelled', () => {
    const left = vi.fn();
    const future = Future.from(new Observable(() => left));
    expect(left).not.toHaveBeenCalled();
    future.cancel();
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('stays cancelled when the promise settles later', async () => {
    const deferred = new Deferred<number>();
    const promise = deferred.future.result();
    const future = Future.from(promise);
    future.cancel();
    deferred.resolve(1);
    await promise;
    expect(future.state).toBe('cancelled');
  });

  it('stays pending on what never ends', () => {
    expect(Future.from(NEVER).isSettled).toBe(false);
  });

  it('is rejected where the then of a thenable throws', async () => {
    const thenable = {
      then() {
        throw error;
      },
    };
    await expect(Future.from(thenable as never)).rejects.toBe(error);
  });

  it.each([5, undefined, null, 'text', true])('refuses %s at the call', (wrong) => {
    expect(() => Future.from(wrong as never)).toThrow(/Future\.from.*expected.* got /);
  });
});
