import { Future, values } from 'rx-futures';
import { describe, it } from 'vitest';
import { cancelledFuture, failure } from '../support/ended.js';
import { marbles } from '../support/marbles.js';

describe('values on an Observable of outcomes', () => {
  const a = Future.resolve('a').outcome!;
  const b = Future.resolve('b').outcome!;
  const lost = Future.reject<string>(failure).outcome!;
  const gone = cancelledFuture().outcome!;

  it('gives their values', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-b-|', { a, b });
      const expected = '     a-b-|';
      expectObservable(source.pipe(values())).toBe(expected);
    });
  });

  it('ends with the very error of the first that failed, and leaves the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  a-x-b|', { a, b, x: lost });
      const sourceSubs = '   ^-!';
      const expected = '     a-#';
      expectObservable(source.pipe(values())).toBe(expected, undefined, failure);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
    });
  });

  it('ends with the CancelledError of the first that was cancelled', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-x-b|', { a, b, x: gone });
      const expected = '     a-#';
      expectObservable(source.pipe(values())).toBe(expected, undefined, gone.status === 'cancelled' && gone.reason);
    });
  });

  it('leaves the source when its subscriber leaves, and runs anew for each', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  a-b--|', { a, b });
      const unsub = '        ---!';
      const expected1 = '    a-b-';
      const late = '         ----^';
      const expected2 = '    ----a-b--|';
      expectObservable(source.pipe(values()), unsub).toBe(expected1);
      expectObservable(source.pipe(values()), late).toBe(expected2);
      expectSubscriptions(source.subscriptions).toBe(['^--!', '----^----!']);
    });
  });

  it('ends with the error of the source', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-#', { a }, failure);
      const expected = '     a-#';
      expectObservable(source.pipe(values())).toBe(expected, undefined, failure);
    });
  });
});
