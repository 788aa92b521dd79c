import { chain, Deferred, Future, recover } from 'rx-futures';
import { map, Observable, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { collect } from '../support/collect.js';

const next = (n: number) => n + 1;

describe('future.pipe', () => {
  it('pipe() returns the same future without operators', () => {
    const future = Future.resolve(1);
    expect(future.pipe()).toBe(future);
  });

  it('pipe() returns a Future if all operators belong to this library', () => {
    const future = Future.resolve(1).pipe(chain(next), recover(next), chain(next));
    expect(future).toBeInstanceOf(Future);
    expect(future.outcome).toMatchObject({ value: 3 });
  });

  it.each([
    ['first', () => Future.resolve(1).pipe(map(next), chain(next))],
    ['last', () => Future.resolve(1).pipe(chain(next), map(next))],
    ['only', () => Future.resolve(1).pipe(tap(), map(next), map(next))],
  ])('pipe() returns an Observable if an operator of RxJS comes %s', (_where, make) => {
    const observable: Observable<number> = make();
    expect(observable).toBeInstanceOf(Observable);
    expect(observable).not.toBeInstanceOf(Future);
    expect(collect(observable)).toEqual(['next 3', 'complete']);
  });

  it('pipe() accepts any number of operators', () => {
    const steps = Array.from({ length: 20 }, () => chain(next)) as [];
    expect((Future.resolve(0).pipe(...steps) as Future<number>).outcome).toMatchObject({ value: 20 });
  });

  it('the steps of a piped Future run without a subscriber', () => {
    const start = new Deferred<number>();
    const log: number[] = [];
    start.future.pipe(chain((n) => log.push(n)));
    start.resolve(1);
    expect(log).toEqual([1]);
  });

  it('pipe() is a method of the class, which instances inherit', () => {
    const future = Future.resolve(1);
    expect([Object.hasOwn(future, 'pipe'), Object.keys(Future.prototype)]).toEqual([false, []]);
    expect(future.pipe).toBe(Future.prototype.pipe);
  });

  it('pipe() does not change the result of its source', () => {
    const start = Future.resolve(1);
    const end = start.pipe(chain(next));
    expect([start.outcome, end.outcome]).toMatchObject([{ value: 1 }, { value: 2 }]);
  });
});
