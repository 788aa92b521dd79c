import { Future, values } from 'rx-futures';
import { describe, it } from 'vitest';
import { cancelledFuture, failure } from '../support/ended.js';
import { marbles } from '../support/marbles.js';

describe('values on an Observable of outcomes', () => {
  const a = Future.resolve('a').outcome!;
  const b = Future.resolve('b').outcome!;
  const lost = Future.reject<string>(failure).outcome!;
  const gone = cancelledFuture().outcome!;

  it('values emits the value of each outcome', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-b-|', { a, b });
      const expected = '     a-b-|';
      expectObservable(source.pipe(values())).toBe(expected);
    });
  });

  it('values ends with the same error as the first rejected outcome, and unsubscribes from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  a-x-b|', { a, b, x: lost });
      const sourceSubs = '   ^-!';
      const expected = '     a-#';
      expectObservable(source.pipe(values())).toBe(expected, undefined, failure);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
    });
  });

  it('values ends with the CancelledError of the first cancelled outcome', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-x-b|', { a, b, x: gone });
      const expected = '     a-#';
      expectObservable(source.pipe(values())).toBe(expected, undefined, gone.status === 'cancelled' && gone.reason);
    });
  });

  it('values unsubscribes from the source when its subscriber leaves, and starts again for each subscriber', () => {
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

  it('values ends with the error of the source', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-#', { a }, failure);
      const expected = '     a-#';
      expectObservable(source.pipe(values())).toBe(expected, undefined, failure);
    });
  });
});
