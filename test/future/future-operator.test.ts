import { chain, Deferred, Future, recover } from 'rx-futures';
import { map, Observable, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { collect } from '../support/collect.js';

const next = (n: number) => n + 1;

describe('future.pipe', () => {
  it('gives the same future without operators', () => {
    const future = Future.resolve(1);
    expect(future.pipe()).toBe(future);
  });

  it('gives a Future where all operators are of this library', () => {
    const future = Future.resolve(1).pipe(chain(next), recover(next), chain(next));
    expect(future).toBeInstanceOf(Future);
    expect(future.outcome).toMatchObject({ value: 3 });
  });

  it.each([
    ['first', () => Future.resolve(1).pipe(map(next), chain(next))],
    ['last', () => Future.resolve(1).pipe(chain(next), map(next))],
    ['only', () => Future.resolve(1).pipe(tap(), map(next), map(next))],
  ])('gives an Observable where an operator of RxJS comes %s', (_where, make) => {
    const observable: Observable<number> = make();
    expect(observable).toBeInstanceOf(Observable);
    expect(observable).not.toBeInstanceOf(Future);
    expect(collect(observable)).toEqual(['next 3', 'complete']);
  });

  it('takes any number of operators', () => {
    const steps = Array.from({ length: 20 }, () => chain(next)) as [];
    expect((Future.resolve(0).pipe(...steps) as Future<number>).outcome).toMatchObject({ value: 20 });
  });

  it('is hot where it gives a Future: the steps run though nobody looks', () => {
    const start = new Deferred<number>();
    const log: number[] = [];
    start.future.pipe(chain((n) => log.push(n)));
    start.resolve(1);
    expect(log).toEqual([1]);
  });

  it('leaves the future that it was called on with its own result', () => {
    const start = Future.resolve(1);
    const end = start.pipe(chain(next));
    expect([start.outcome, end.outcome]).toMatchObject([{ value: 1 }, { value: 2 }]);
  });
});
