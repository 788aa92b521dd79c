/**
 * The common behaviour of `all`, `allSettled`, `any` and `race`, which share one implementation.
 */
import { all, allSettled, any, asCompleted, chain, Deferred, Future, race } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { ending, failure } from '../support/ended.js';

const verbs = { all, allSettled, any, race } as unknown as Record<
  string,
  (futures: Iterable<Future<any>>, options?: object) => Future<any>
>;

describe.each(Object.entries(verbs))('%s', (name, gather) => {
  it('the result of the combinator is a Future that is running until it is decided, and settles before any await', () => {
    const deferred = new Deferred<number>();
    const future = gather([deferred.future]);
    expect(future).toBeInstanceOf(Future);
    expect([future.state, future.name]).toEqual(['running', name]);
    deferred.resolve(1);
    expect(future.state).toBe('fulfilled');
  });

  it('the input of the combinator can be any iterable, and can contain the same future twice', () => {
    function* twice() {
      const future = Future.resolve(1);
      yield future;
      yield future;
    }
    expect(gather(twice()).state).toBe('fulfilled');
  });

  it('the result of the combinator can be chained, and passes the reason of a cancellation on', () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const end = gather([a.future, b.future]).pipe(chain((result) => result));
    end.cancel('enough');
    expect([a.future, b.future, end].map(ending)).toEqual(['cancelled enough', 'cancelled enough', 'cancelled enough']);
  });

  it('cancelling the result of the combinator cancels only the input futures that nothing else uses', () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    a.future.subscribe();
    gather([a.future, b.future, a.future]).cancel();
    expect([a.future.state, b.future.state]).toEqual(['pending', 'cancelled']);
  });

  it('the result of the combinator settles only once', () => {
    const deferreds = Array.from({ length: 3 }, () => new Deferred<number>());
    const future = gather(deferreds.map((deferred) => deferred.future));
    future.cancel('enough');
    for (const deferred of deferreds) deferred.reject(failure);
    expect(ending(future)).toBe('cancelled enough');
  });

  it('a result of the combinator can be the input of another one, to any depth', () => {
    const deferred = new Deferred<number>();
    let future: Future<any> = deferred.future;
    for (let i = 0; i < 10_000; i++) future = gather([future]);
    deferred.resolve(1);
    expect(future.state).toBe('fulfilled');
  });

  it('cancelling the outermost of 10,000 nested results cancels the innermost future', () => {
    const deferred = new Deferred<number>();
    let future: Future<any> = deferred.future;
    for (let i = 0; i < 10_000; i++) future = gather([future]);
    future.cancel();
    expect(deferred.future.state).toBe('cancelled');
  });

  it.each<[string, unknown, RegExp]>([
    ['a value that is not iterable', 5, /: expected an iterable of Futures, got 5/],
    ['an Observable (asCompleted accepts one)', asCompleted([]).pipe(), /: expected an iterable of Futures, got a /],
    [
      'a promise among the futures',
      [Future.resolve(1), Promise.resolve(1)],
      /: item 1: expected a Future, got a Promise\./,
    ],
    ['a hole', [undefined], /: item 0: expected a Future, got undefined\./],
  ])('the call throws for %s', (_name, futures, message) => {
    expect(() => gather(futures as never)).toThrow(TypeError);
    expect(() => gather(futures as never)).toThrow(message);
    expect(() => gather(futures as never)).toThrow(new RegExp(`^${name}\\(\\)`));
  });
});

describe('cancelRest', () => {
  it.each<[string, 'resolve' | 'reject', string[]]>([
    ['all', 'reject', ['cancelled', 'rejected', 'cancelled']],
    ['any', 'resolve', ['cancelled', 'fulfilled', 'cancelled']],
    ['race', 'resolve', ['cancelled', 'fulfilled', 'cancelled']],
    ['race', 'reject', ['cancelled', 'rejected', 'cancelled']],
  ])('cancelRest cancels the other futures when %s is decided (%s)', (verb, end, expected) => {
    for (const cancelRest of [true, false]) {
      const deferreds = Array.from({ length: 3 }, () => new Deferred<unknown>());
      const futures = deferreds.map(({ future }) => future);
      futures[0]!.subscribe();
      const result = verbs[verb]!(futures, { cancelRest });
      void result.settled();
      deferreds[1]![end](failure);
      expect(result.state).toBe(expected[1]);
      expect(futures.map(({ state }) => state)).toEqual(
        cancelRest ? expected : expected.map((state) => (state === 'cancelled' ? 'pending' : state)),
      );
    }
  });

  it('cancelRest does not cancel a future that all or any still needs', () => {
    const [a, b, c] = [new Deferred<number>(), new Deferred<number>(), new Deferred<number>()];
    all([a.future, c.future], { cancelRest: true });
    any([b.future, c.future], { cancelRest: true });
    a.resolve(1);
    b.reject(failure);
    expect(c.future.state).toBe('pending');
  });
});
