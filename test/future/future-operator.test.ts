import { chain, Future } from 'rx-futures';
import { map, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { isFutureOperator, makeOperator } from '../../src/future/future-operator.js';
import { collect } from '../support/collect.js';

describe('an operator for futures', () => {
  const double = makeOperator<number, number>(
    map((n) => 2 * n),
    { attach: () => Future.resolve(100) },
  );

  it('an operator for futures follows a Future with the future of its connector', async () => {
    expect(await Future.resolve(1).pipe(double)).toBe(100);
  });

  it('an operator for futures is an operator of RxJS on any other Observable', () => {
    expect(collect(of(1, 2).pipe(double))).toEqual(['next 2', 'next 4', 'complete']);
  });

  it('isFutureOperator() recognizes the operators of this library only', () => {
    const candidates = [double, chain((n: number) => n), map((n) => n), () => of(1), undefined];
    expect(candidates.map(isFutureOperator)).toEqual([true, true, false, false, false]);
  });
});
