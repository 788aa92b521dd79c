import { inspect } from 'node:util';
import { CancelledError, Deferred, Future } from 'rx-futures';
import { isObservable, Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { collect } from '../support/collect.js';

describe('a Future', () => {
  it('a Future is an RxJS Observable without methods to emit values', () => {
    const future = Future.resolve(1);
    expect(future).toBeInstanceOf(Observable);
    expect(isObservable(future)).toBe(true);
    expect('next' in future || 'resolve' in future).toBe(false);
  });

  it("a Future can't be created with new", () => {
    expect(() => new (Future as unknown as new () => unknown)()).toThrow(
      /^new Future\(\): the constructor is internal/,
    );
    expect(() => new (Future as unknown as new (run: unknown) => unknown)(() => {})).toThrow(TypeError);
  });

  it('a Future has a unique, growing id', () => {
    const [a, b] = [Future.resolve(1), Future.resolve(1)];
    expect(b.id).toBeGreaterThan(a.id);
  });

  it('a Future has no outcome until it has settled', () => {
    const deferred = new Deferred<number>();
    expect([deferred.future.outcome, deferred.future.isSettled]).toEqual([undefined, false]);
    deferred.resolve(1);
    expect(deferred.future.outcome).toEqual({ status: 'fulfilled', value: 1, future: deferred.future });
    expect(deferred.future.isSettled).toBe(true);
  });

  it('a Future has no threadId if no thread ran it', () => {
    expect(Future.resolve(1).threadId).toBeUndefined();
  });

  it.each([
    ['resolve', 'fulfilled'],
    ['reject', 'rejected'],
  ] as const)('a Future that Future.%s() returns is %s', (verb, status) => {
    const value = { some: 'value' };
    const future = Future[verb](value);
    expect(future.state).toBe(status);
    expect(Object.values(future.outcome!)).toContain(value);
  });

  it('the progress of a Future completes when it settles, and at once for late subscribers', () => {
    const deferred = new Deferred<number>();
    const seen = collect(deferred.future.progress);
    expect(seen).toEqual([]);
    deferred.resolve(1);
    expect(seen).toEqual(['complete']);
    expect(collect(deferred.future.progress)).toEqual(['complete']);
  });
});

describe('looking at a future', () => {
  it('a Future prints its name, its id and its state, and never its value', () => {
    const deferred = new Deferred<string>('parse');
    const { id } = deferred.future;
    const shown = () => inspect({ deep: { deferred: deferred.future } });
    expect(shown()).toBe(`{ deep: { deferred: Future { parse #${id}, pending } } }`);
    deferred.start();
    expect(shown()).toContain(`Future { parse #${id}, running }`);
    deferred.resolve('the secret');
    expect(shown()).toContain(`Future { parse #${id}, fulfilled }`);
  });

  it('a Future has its name, its id and its state as JSON', () => {
    const { future } = new Deferred<string>('parse');
    expect(JSON.stringify({ future })).toBe(`{"future":{"id":${future.id},"name":"parse","state":"pending"}}`);
    const secret = Future.resolve('the secret');
    expect(JSON.parse(JSON.stringify(secret))).toEqual({ id: secret.id, name: secret.name, state: 'fulfilled' });
  });

  it('a Future has its own toStringTag', () => {
    expect(Object.prototype.toString.call(Future.resolve(1))).toBe('[object Future]');
  });
});

describe('future.cancel', () => {
  it('cancel() returns true and settles the future at once', () => {
    const { future } = new Deferred<number>();
    const callback = vi.fn();
    future.addDoneCallback(callback);
    expect(future.cancel()).toBe(true);
    expect(future.state).toBe('cancelled');
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('cancel() returns true for a cancelled future and keeps the first reason', () => {
    const { future } = new Deferred<number>();
    future.cancel('first');
    expect(future.cancel('second')).toBe(true);
    expect(reasonOf(future).cause).toBe('first');
  });

  it('the reason of cancel() may be any value, including a revoked Proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const { future } = new Deferred();
    expect(future.cancel(proxy)).toBe(true);
    expect((future.outcome as { reason: Error }).reason.cause).toBe(proxy);
  });

  it('cancel() returns false for a fulfilled or rejected future and changes nothing', () => {
    for (const future of [Future.resolve(1), Future.reject(new Error('lost'))]) {
      const { outcome } = future;
      expect(future.cancel()).toBe(false);
      expect(future.outcome).toEqual(outcome);
    }
  });

  it('the reason of cancel() is the cause of the CancelledError and appears in its message', () => {
    const cause = new Error('user left');
    const { future } = new Deferred<number>('save');
    future.cancel(cause);
    const reason = reasonOf(future);
    expect(reason).toBeInstanceOf(CancelledError);
    expect(reason).toMatchObject({ name: 'CancelledError', code: 'ERR_CANCELLED' });
    expect(reason.message).toBe(`Future "save" (#${future.id}) was cancelled: user left`);
    expect(reason.cause).toBe(cause);
  });

  it('a CancelledError has no cause without a reason', () => {
    const { future } = new Deferred<number>('save');
    future.cancel();
    expect(reasonOf(future).message).toBe(`Future "save" (#${future.id}) was cancelled`);
    expect('cause' in reasonOf(future)).toBe(false);
  });

  it('cancel() uses a CancelledError as the reason unchanged', () => {
    const cancelled = new CancelledError('because');
    const { future } = new Deferred<number>();
    future.cancel(cancelled);
    expect(reasonOf(future)).toBe(cancelled);
  });

  it('cancel() in a callback of the future comes too late', () => {
    const deferred = new Deferred<number>();
    const answers: boolean[] = [];
    deferred.future.addDoneCallback(({ future }) => answers.push(future.cancel()));
    deferred.resolve(1);
    expect([answers, deferred.future.state]).toEqual([[false], 'fulfilled']);
  });
});

function reasonOf(future: Future<unknown>): CancelledError {
  const { outcome } = future;
  if (outcome?.status !== 'cancelled') throw new Error(`expected a cancelled future, got one that is ${future.state}`);
  return outcome.reason;
}
