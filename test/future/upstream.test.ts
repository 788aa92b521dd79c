import { all, asCompleted, type CancelledError, chain, Deferred, type Future, recover } from 'rx-futures';
import { describe, expect, it } from 'vitest';

const next = (n: number) => n + 1;

describe('cancelling the end of a chain', () => {
  it('cancelling the end cancels all upstream futures with the same reason', () => {
    const { future: start } = new Deferred<number>();
    const middle = start.pipe(chain(next));
    const end = middle.pipe(chain(next), recover(next));
    end.cancel('enough');
    expect([start, middle, end].map(causeOf)).toEqual(['enough', 'enough', 'enough']);
  });

  it('cancelling the end cancels the future that a running step has returned', () => {
    const inner = new Deferred<number>();
    const start = new Deferred<number>();
    const end = start.future.pipe(chain(() => inner.future));
    start.resolve(1);
    expect(end.state).toBe('running');
    end.cancel('enough');
    expect(causeOf(inner.future)).toBe('enough');
    expect(start.future.state).toBe('fulfilled');
  });

  it.each<[string, (start: Future<number>) => unknown]>([
    ['a chain', (start) => start.pipe(chain(next))],
    ['a subscriber', (start) => start.subscribe()],
    ['a promise', (start) => start.then(next)],
    ['a done callback', (start) => start.addDoneCallback(() => {})],
    ['a combinator', (start) => all([start])],
    ['an asCompleted', (start) => asCompleted([start]).subscribe()],
  ])('cancelling the end does not cancel a future for which %s waits too', (_name, use) => {
    const { future: start } = new Deferred<number>();
    const end = start.pipe(chain(next));
    use(start);
    end.cancel();
    expect([end.state, start.state]).toEqual(['cancelled', 'pending']);
  });

  it('an upstream future is cancelled when the last of two ends is cancelled', () => {
    const { future: start } = new Deferred<number>();
    const ends = [start.pipe(chain(next)), start.pipe(chain(next))];
    ends[0]!.cancel();
    expect(start.state).toBe('pending');
    ends[1]!.cancel();
    expect(start.state).toBe('cancelled');
  });

  it('a cancelled end stays cancelled when its upstream continues', () => {
    const start = new Deferred<number>();
    const log: number[] = [];
    const end = start.future.pipe(chain((n) => log.push(n)));
    start.future.subscribe();
    end.cancel();
    start.resolve(1);
    expect([log, end.state]).toEqual([[], 'cancelled']);
  });
});

describe('cancelling the start of a chain', () => {
  it('cancelling the start cancels all later steps with the same CancelledError, and they never run', () => {
    const { future: start } = new Deferred<number>();
    const log: unknown[] = [];
    const end = start.pipe(
      chain((n) => log.push(n)),
      recover((error) => log.push(error)),
    );
    start.cancel('enough');
    expect(log).toEqual([]);
    expect(end.outcome?.status).toBe('cancelled');
    expect((end.outcome as { reason: CancelledError }).reason).toBe(
      (start.outcome as { reason: CancelledError }).reason,
    );
  });
});

function causeOf(future: Future<unknown>): unknown {
  return future.outcome?.status === 'cancelled' ? future.outcome.reason.cause : future.state;
}
