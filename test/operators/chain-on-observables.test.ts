import { chain, Future } from 'rx-futures';
import { of, throwError } from 'rxjs';
import { describe, it } from 'vitest';
import { failure } from '../support/ended.js';
import { marbles } from '../support/marbles.js';

describe('chain on an Observable', () => {
  it('chain maps the values one after the other, as concatMap does', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  a-b---c----|');
      const inner = cold('   ---x|       ');
      const sourceSubs = '   ^----------!';
      const innerSubs = [
        '                    ^---!',
        '                    ----^---!',
        '                    --------^---!',
      ];
      const expected = '     ---x---x---x|';
      expectObservable(source.pipe(chain(() => inner))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
    });
  });

  it('chain emits all values of an inner Observable, not only the last', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-----b|  ');
      const inner = cold('   -x-y|     ');
      const expected = '     -x-y---x-y|';
      expectObservable(source.pipe(chain(() => inner))).toBe(expected);
    });
  });

  it('chain emits a plain value or the value of a settled future at once', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  a-b-|', { a: 1, b: 2 });
      const expected = '     a-b-|';
      expectObservable(source.pipe(chain((n) => n * 10))).toBe(expected, { a: 10, b: 20 });
      expectObservable(source.pipe(chain((n) => Future.resolve(n * 10)))).toBe(expected, { a: 10, b: 20 });
    });
  });

  it('chain ends with the error of the source, of the step, or of the Observable that the step returns', () => {
    marbles(({ cold, expectObservable }) => {
      const lost = cold('    a-#', undefined, failure);
      const expected1 = '    a-#';
      const source = cold('  --a-b|');
      const expected2 = '    --#   ';
      const fail = () => {
        throw failure;
      };
      expectObservable(lost.pipe(chain((x) => x))).toBe(expected1, undefined, failure);
      expectObservable(source.pipe(chain(fail))).toBe(expected2, undefined, failure);
      expectObservable(source.pipe(chain(() => throwError(() => failure)))).toBe(expected2, undefined, failure);
    });
  });

  it('chain unsubscribes from the source and the inner Observable when its subscriber leaves', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a----b--|');
      const inner = cold('   ---x---x---x|');
      const unsub = '        -------!';
      const expected = '     ----x----';
      const sourceSubs = '   ^------!';
      const innerSubs = '    -^-----!';
      expectObservable(source.pipe(chain(() => inner)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(sourceSubs);
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
    });
  });

  it('chain subscribes to the source again for each subscriber', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  a-b|');
      const late = '         -----^';
      const expected1 = '    a-b|';
      const expected2 = '    -----a-b|';
      const result = source.pipe(chain((x) => of(x)));
      expectObservable(result).toBe(expected1);
      expectObservable(result, late).toBe(expected2);
      expectSubscriptions(source.subscriptions).toBe(['^--!', '-----^--!']);
    });
  });
});
