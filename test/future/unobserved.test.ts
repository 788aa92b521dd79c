import { all, allSettled, any, asCompleted, chain, Deferred, Executor, Future, race, recover, wait } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it, vi } from 'vitest';
import { collectAfter, collectUntil } from '../support/garbage.js';
import { catchUnhandled, catchWarnings } from '../support/reports.js';

const warnings = catchWarnings();
catchUnhandled();

/** A future that is rejected with nobody looking, and gone. */
const lose = (use: (future: Future<number>) => unknown) => () => {
  const deferred = new Deferred<number>('lost one');
  use(deferred.future);
  deferred.reject(new Error('lost'));
};

describe('a rejected future that nobody looked at', () => {
  it('is reported once, as a warning with its name and its error, when it is collected', async () => {
    await collectAfter(lose(() => {}));
    await collectUntil(() => warnings.messages().length > 0);
    await collectAfter(() => {});
    expect(warnings.codes()).toEqual(['RX_FUTURES_UNOBSERVED']);
    expect(warnings.messages()[0]).toMatch(
      /^The future of lost one \(#\d+\) was rejected, and nobody looked at it: Error: lost/,
    );
  });

  it.each<[string, (future: Future<number>) => unknown]>([
    ['a done callback', (future) => future.addDoneCallback(() => {})],
    ['a subscriber that has left', (future) => future.subscribe({ error: () => {} }).unsubscribe()],
    ['looking at its state', (future) => [future.state, future.isSettled, future.outcome]],
    [
      'recover that was cancelled before',
      (future) =>
        void keep(future)
          .pipe(recover(() => 0))
          .cancel(),
    ],
  ])('is not taken note of by %s alone', async (_name, use) => {
    await collectAfter(lose(use));
    await collectUntil(() => warnings.codes().length === 1);
  });

  it('may be made by Future.reject', async () => {
    await collectAfter(() => void Future.reject(new Error('lost')));
    await collectUntil(() => warnings.codes().length === 1);
  });

  it('hands the duty on to what is chained to it: one report for the whole chain', async () => {
    await collectAfter(
      lose((future) =>
        future.pipe(
          chain((n) => n),
          chain((n) => n),
        ),
      ),
    );
    await collectUntil(() => warnings.messages().length > 0);
    await collectAfter(() => {});
    expect(warnings.messages()).toHaveLength(1);
    expect(warnings.messages()[0]).toMatch(/^The future of chain\(/);
  });

  it('is told to onUnobservedError at the latest at shutdown, once', async () => {
    const onUnobservedError = vi.fn();
    const executor = new Executor({ backend: inlineBackend(), onUnobservedError });
    const future = executor.submit(function fail() {
      throw new Error('lost');
    });
    await executor.shutdown();
    expect(onUnobservedError.mock.calls).toEqual([
      [expect.objectContaining({ message: 'lost' }), { id: future.id, name: 'fail' }],
    ]);
    await executor.terminate();
    expect(onUnobservedError).toHaveBeenCalledTimes(1);
  });

  it('is not reported at shutdown once somebody has looked, however late', async () => {
    const onUnobservedError = vi.fn();
    const executor = new Executor({ backend: inlineBackend(), onUnobservedError });
    const future = executor.submit(() => {
      throw new Error('lost');
    });
    await new Promise<void>((resolve) => future.addDoneCallback(() => setImmediate(resolve)));
    expect(future.outcome?.status).toBe('rejected');
    await executor.shutdown();
    expect(onUnobservedError).not.toHaveBeenCalled();
  });

  it('is reported though the handler throws for another one', async () => {
    const onUnobservedError = vi.fn(() => {
      throw new Error('in the handler');
    });
    const executor = new Executor({ backend: inlineBackend(), onUnobservedError });
    executor.submit(() => {
      throw new Error('first');
    });
    executor.submit(() => {
      throw new Error('second');
    });
    await executor.shutdown();
    expect(onUnobservedError).toHaveBeenCalledTimes(2);
    expect(executor.state).toBe('closed');
  });
});

describe('a rejected future is taken note of by', () => {
  it.each<[string, (future: Future<number>) => unknown]>([
    ['then', (future) => future.then(null, () => {})],
    ['catch', (future) => future.catch(() => {})],
    ['result', (future) => future.result().catch(() => {})],
    ['settled', (future) => future.settled()],
    ['a subscriber', (future) => future.subscribe({ error: () => {} })],
    ['a subscriber without an error handler, which RxJS reports', (future) => future.subscribe()],
    ['recover', (future) => future.pipe(recover(() => 0))],
    ['all', (future) => all([future]).catch(() => {})],
    ['allSettled', (future) => allSettled([future])],
    ['any', (future) => any([future, Future.resolve(1)])],
    ['race', (future) => race([future]).catch(() => {})],
    ['wait', (future) => wait([future])],
    ['a subscriber of asCompleted', (future) => asCompleted([future]).subscribe()],
    ['a reader of asCompleted', (future) => asCompleted([future])[Symbol.asyncIterator]().next()],
    ['its outcome, looked at later', (future) => void queueMicrotask(() => future.outcome)],
  ])('%s', async (_name, use) => {
    await collectAfter(lose(use));
    expect(warnings.messages()).toEqual([]);
  });
});

describe('what did not get the failure does not take note of it:', () => {
  it.each<[string, (future: Future<number>) => unknown]>([
    ['a wait that was over before', (future) => wait([future, Future.resolve(1)], { returnWhen: 'first' })],
    ['an asCompleted that was left before', (future) => asCompleted([future]).subscribe().unsubscribe()],
    ['an asCompleted whose reader left without reading it', (future) => leaveUnread(future)],
  ])('%s', async (_name, use) => {
    await collectAfter(lose(use));
    await collectUntil(() => warnings.codes().length === 1);
  });
});

/** Something else waits for it too, so that leaving does not cancel it. */
function keep(future: Future<number>): Future<number> {
  future.addDoneCallback(() => {});
  return future;
}

/** Reads the first outcome, and leaves when the second, the failure, waits for its reader. */
function leaveUnread(future: Future<number>): void {
  const outcomes = asCompleted([Future.resolve(1), future])[Symbol.asyncIterator]();
  void outcomes.next();
  future.addDoneCallback(() => void outcomes.return?.());
}
