import { type CancelledError, chain, Deferred, recover } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { LINKS, longChain } from '../support/chains.js';
import { collectUntil } from '../support/garbage.js';

describe(`a chain of ${LINKS} links`, () => {
  it('a long chain resolves with the value that passed through all links', () => {
    const { start, end } = longChain();
    start.resolve(0);
    expect(end.outcome).toMatchObject({ status: 'fulfilled', value: LINKS });
  });

  it('a long chain rejects with the error object of its start', () => {
    const { start, end } = longChain();
    const error = new Error('lost');
    start.reject(error);
    expect(end.outcome?.status === 'rejected' && end.outcome.reason).toBe(error);
  });

  it('cancelling the start cancels the whole chain', () => {
    const { start, end, links } = longChain();
    start.cancel('enough');
    expect(links.every(({ state }) => state === 'cancelled')).toBe(true);
    expect((end.outcome as { reason: CancelledError }).reason.cause).toBe('enough');
  });

  it('cancelling the end cancels the whole chain', () => {
    const { start, end, links } = longChain();
    expect(end.cancel('enough')).toBe(true);
    expect(links.every(({ state }) => state === 'cancelled')).toBe(true);
    expect(start.future.state).toBe('cancelled');
  });

  it('a long chain may return another future at every link', () => {
    const start = new Deferred<number>();
    let { future } = start;
    const inner = new Deferred<number>();
    for (let i = 0; i < LINKS; i++) future = future.pipe(chain(() => inner.future));
    start.resolve(0);
    inner.resolve(7);
    expect(future.outcome).toMatchObject({ status: 'fulfilled', value: 7 });
  });

  it('a long chain of recoveries ends with the first answer', () => {
    const start = new Deferred<number>();
    let { future } = start;
    for (let i = 0; i < LINKS; i++) future = future.pipe(recover(() => i));
    start.reject(new Error('lost'));
    expect(future.outcome).toMatchObject({ status: 'fulfilled', value: 0 });
  });
});

describe(`a future with ${LINKS} chains on it`, () => {
  it('the chains of a future settle in the order in which they were added', () => {
    const start = new Deferred<number>();
    const told: number[] = [];
    for (let i = 0; i < LINKS; i++) start.future.pipe(chain(() => told.push(i)));
    start.resolve(0);
    expect(told).toEqual(Array.from({ length: LINKS }, (_, i) => i));
  });
});

describe('a future that has settled', () => {
  it('a settled future keeps no references to its reactions', async () => {
    const deferred = new Deferred<number>();
    const told = Array.from({ length: 3 }, () => {
      const observer = { next: () => {} };
      deferred.future.subscribe(observer);
      return new WeakRef(observer);
    });
    deferred.resolve(1);
    await collectUntil(() => told.every((observer) => observer.deref() === undefined));
    expect(deferred.future.state).toBe('fulfilled');
  });
});
