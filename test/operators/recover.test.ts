import { chain, Deferred, Future, recover } from 'rx-futures';
import { EMPTY, EmptyError, of, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { cancelledFuture, ending, failure } from '../support/ended.js';
import { marbles } from '../support/marbles.js';

describe('recover on a Future', () => {
  it('recover calls the handler once with the same error, and resolves with the returned value', () => {
    const start = new Deferred<number>();
    const handler = vi.fn((_error: unknown) => 7);
    const end = start.future.pipe(recover(handler));
    end.subscribe();
    start.reject(failure);
    expect(handler.mock.calls).toEqual([[failure]]);
    expect(handler.mock.calls[0]![0]).toBe(failure);
    expect(ending(end)).toBe('fulfilled 7');
  });

  it('recover passes a value through', () => {
    const handler = vi.fn();
    expect(ending(Future.resolve(1).pipe(recover(handler)))).toBe('fulfilled 1');
    expect(handler).not.toHaveBeenCalled();
  });

  it('recover passes a cancellation through with the same CancelledError', () => {
    const handler = vi.fn();
    expect(ending(cancelledFuture().pipe(recover(handler)))).toBe('cancelled enough');
    expect(handler).not.toHaveBeenCalled();
  });

  it.each<[string, () => unknown, string]>([
    ['a Future', () => Future.resolve(1), 'fulfilled 1'],
    ['a Future that is cancelled', () => cancelledFuture(), 'cancelled enough'],
    ['an Observable, of which it takes the last value', () => of(1, 2), 'fulfilled 2'],
    ['an Observable without a value', () => EMPTY, `rejected ${new EmptyError()}`],
  ])('recover adopts the outcome of a handler that returns %s', (_name, handler, expected) => {
    expect(ending(Future.reject(failure).pipe(recover(handler)))).toBe(expected);
  });

  it('recover on an Observable handles an error that is a revoked Proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const values: unknown[] = [];
    throwError(() => proxy)
      .pipe(recover(() => 7))
      .subscribe((value) => values.push(value));
    expect(values).toEqual([7]);
  });

  it('recover waits for the promise that the handler returns', async () => {
    await expect(Future.reject(failure).pipe(recover(async () => 1))).resolves.toBe(1);
  });

  it('the future is rejected with the error that the handler throws', () => {
    const worse = new Error('worse');
    const end = Future.reject(failure).pipe(
      recover(() => {
        throw worse;
      }),
    );
    expect(end.outcome).toMatchObject({ status: 'rejected', reason: worse });
  });

  it('recover handles a failure of any step before it, and of no step after it', () => {
    const fail = () => {
      throw failure;
    };
    expect(
      ending(
        Future.resolve(0).pipe(
          chain(fail),
          chain(String),
          recover(() => 'mended'),
        ),
      ),
    ).toBe('fulfilled mended');
    expect(
      ending(
        Future.resolve(0).pipe(
          recover(() => 1),
          chain(fail),
        ),
      ),
    ).toBe('rejected Error: lost');
  });

  it('a recovered future replays its outcome to a late subscriber', () => {
    const end = Future.reject(failure).pipe(recover(() => 1));
    expect([ending(end), ending(end.pipe(chain((n: number) => n + 1)))]).toEqual(['fulfilled 1', 'fulfilled 2']);
  });

  it('recover throws at the call if the handler is not a function', () => {
    expect(() => recover(5 as never)).toThrow(
      new TypeError(
        'recover(handler): expected a function with the error as its parameter, got number. Pass a function that returns a replacement.',
      ),
    );
  });
});

describe('recover on an Observable', () => {
  it('recover continues with the Observable that the handler returns, as catchError does', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  a-b-#');
      const inner = cold('       -x-y|');
      const sourceSubs = '   ^---!';
      const innerSubs = '    ----^---!';
      const expected = '     a-b--x-y|';
      expectObservable(source.pipe(recover(() => inner))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
    });
  });

  it('recover does not change a source that completes', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-b-|');
      const expected = '     a-b-|';
      expectObservable(source.pipe(recover(() => 'never'))).toBe(expected);
    });
  });

  it('recover ends with the error that the handler throws', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-#  ');
      const expected = '     a-#  ';
      const rethrow = () => {
        throw failure;
      };
      expectObservable(source.pipe(recover(rethrow))).toBe(expected, undefined, failure);
    });
  });

  it('recover passes a cancellation through', () => {
    marbles(({ cold, expectObservable }) => {
      const cancelled = cancelledFuture();
      const source = cold('  --a|');
      const expected = '     --#';
      const reason = cancelled.outcome?.status === 'cancelled' && cancelled.outcome.reason;
      expectObservable(
        source.pipe(
          chain(() => cancelled),
          recover(() => 'never'),
        ),
      ).toBe(expected, undefined, reason);
    });
  });
});
