import { type CancelledError, Deferred, Future, type Outcome } from 'rx-futures';
import { describe, expect, it, vi } from 'vitest';
import { cancelledFuture } from '../support/ended.js';

describe('a done callback', () => {
  it('a done callback is called once, with the outcome of a fulfilled future', () => {
    const deferred = new Deferred<number>();
    const callback = vi.fn();
    deferred.future.addDoneCallback(callback);
    deferred.resolve(1);
    deferred.resolve(2);
    deferred.cancel();
    expect(callback.mock.calls).toEqual([[{ status: 'fulfilled', value: 1, future: deferred.future }]]);
    expect(callback.mock.calls[0]![0].future).toBe(deferred.future);
  });

  it('a done callback is called once, with the outcome of a rejected future and the same error object', () => {
    const deferred = new Deferred<number>();
    const callback = vi.fn<(outcome: Outcome<number>) => void>();
    const error = new Error('lost');
    deferred.future.addDoneCallback(callback);
    deferred.reject(error);
    deferred.reject(new Error('another'));
    expect(callback.mock.calls).toEqual([[{ status: 'rejected', reason: error, future: deferred.future }]]);
    expect((callback.mock.calls[0]![0] as { reason: unknown }).reason).toBe(error);
  });

  it('a done callback is called once, with the outcome of a cancelled future', () => {
    const deferred = new Deferred<number>();
    const callback = vi.fn<(outcome: Outcome<number>) => void>();
    deferred.future.addDoneCallback(callback);
    deferred.future.cancel('enough');
    deferred.future.cancel('again');
    expect(callback).toHaveBeenCalledTimes(1);
    expect(callback.mock.calls[0]).toHaveLength(1);
    const [outcome] = callback.mock.calls[0]!;
    expect(outcome.status).toBe('cancelled');
    expect((outcome as { reason: CancelledError }).reason.cause).toBe('enough');
  });

  it.each([
    ['fulfilled', () => Future.resolve(1)],
    ['rejected', () => Future.reject(new Error('lost'))],
    ['cancelled', () => cancelledFuture()],
  ])('a done callback runs at once if the future is already %s', (status, make) => {
    const callback = vi.fn<(outcome: Outcome<unknown>) => void>();
    make().addDoneCallback(callback);
    expect(callback.mock.calls.map(([outcome]) => outcome.status)).toEqual([status]);
  });

  it('a done callback that was added twice runs twice', () => {
    const deferred = new Deferred<number>();
    const callback = vi.fn();
    deferred.future.addDoneCallback(callback);
    deferred.future.addDoneCallback(callback);
    deferred.resolve(1);
    expect(callback).toHaveBeenCalledTimes(2);
  });

  it('the function that addDoneCallback returns removes only its callback and can be called repeatedly', () => {
    const deferred = new Deferred<number>();
    const callback = vi.fn();
    const remove = deferred.future.addDoneCallback(callback);
    deferred.future.addDoneCallback(callback);
    remove();
    remove();
    deferred.resolve(1);
    remove();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('a done callback is not called if an earlier one removes it during settlement', () => {
    const deferred = new Deferred<number>();
    const log: string[] = [];
    deferred.future.addDoneCallback(() => remove());
    const remove = deferred.future.addDoneCallback(() => log.push('removed'));
    deferred.future.addDoneCallback(() => log.push('kept'));
    deferred.resolve(1);
    expect(log).toEqual(['kept']);
  });

  it('a done callback that is added inside another one runs at once, before callbacks that were added earlier', () => {
    const deferred = new Deferred<number>();
    const log: string[] = [];
    deferred.future.addDoneCallback(() => {
      log.push('first starts');
      deferred.future.addDoneCallback(() => log.push('nested'));
      log.push('first ends');
    });
    deferred.future.addDoneCallback(() => log.push('second'));
    deferred.resolve(1);
    expect(log).toEqual(['first starts', 'nested', 'first ends', 'second']);
  });

  it('the callbacks of a future that a callback settles run inside that callback', () => {
    const [outer, inner] = [new Deferred<number>(), new Deferred<number>()];
    const log: string[] = [];
    inner.future.addDoneCallback(() => log.push('inner'));
    outer.future.addDoneCallback(() => {
      log.push('before');
      inner.resolve(1);
      log.push('after');
    });
    outer.resolve(1);
    expect(log).toEqual(['before', 'inner', 'after']);
  });

  it.each([undefined, null, 'log', {}])('addDoneCallback() refuses %s at the call', (wrong) => {
    expect(() => Future.resolve(1).addDoneCallback(wrong as never)).toThrow(
      new TypeError(
        `addDoneCallback(callback): expected a function that receives an outcome, got ${typeof wrong}. Pass a function such as (outcome) => {}.`,
      ),
    );
  });
});

describe('the order of settlement', () => {
  it('callbacks, subscribers and promises react in the order in which they were added', async () => {
    const deferred = new Deferred<number>();
    const { future } = deferred;
    const log: string[] = [];
    const isTold = Promise.all([
      future.then(() => log.push('promise 1')),
      future.settled().then(() => log.push('promise 2')),
    ]);
    future.subscribe(() => log.push('subscriber 1'));
    future.addDoneCallback(() => log.push('callback 1'));
    future.subscribe({ next: () => log.push('subscriber 2'), complete: () => log.push('completed 2') });
    future.addDoneCallback(() => log.push('callback 2'));
    deferred.resolve(1);
    const expected = ['subscriber 1', 'callback 1', 'subscriber 2', 'completed 2', 'callback 2'];
    expect(log, 'synchronous at settlement, before any await goes on').toEqual(expected);
    await isTold;
    expect(log).toEqual([...expected, 'promise 1', 'promise 2']);
  });

  it('every callback sees a settled future', () => {
    const deferred = new Deferred<number>();
    const states: unknown[] = [];
    deferred.future.addDoneCallback(({ future }) =>
      states.push(future.state, future.isSettled, future.outcome?.status),
    );
    deferred.resolve(1);
    expect(states).toEqual(['fulfilled', true, 'fulfilled']);
  });
});
