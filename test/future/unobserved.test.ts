import { all, allSettled, any, asCompleted, chain, Deferred, Executor, Future, race, recover, wait } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it, vi } from 'vitest';
import { collectAfter, collectUntil } from '../support/garbage.js';
import { catchUnhandled, catchWarnings } from '../support/reports.js';

const warnings = catchWarnings();
catchUnhandled();

/** Creates a rejected future that is not observed and not referenced. */
const lose = (use: (future: Future<number>) => unknown) => () => {
  const deferred = new Deferred<number>('lost one');
  use(deferred.future);
  deferred.reject(new Error('lost'));
};

describe('a rejected future that is not observed', () => {
  it('the failure is reported once, as a warning with its name and its error, when the future is collected', async () => {
    await collectAfter(lose(() => {}));
    await collectUntil(() => warnings.messages().length > 0);
    await collectAfter(() => {});
    expect(warnings.codes()).toEqual(['RX_FUTURES_UNOBSERVED']);
    expect(warnings.messages()[0]).toMatch(
      /^Future "lost one" \(#\d+\) was rejected, and no code handled the error: Error: lost/,
    );
  });

  it.each<[string, (future: Future<number>) => unknown]>([
    ['a done callback', (future) => future.addDoneCallback(() => {})],
    ['a subscriber that has left', (future) => future.subscribe({ error: () => {} }).unsubscribe()],
    ['reading its state', (future) => [future.state, future.isSettled, future.outcome]],
    [
      'recover that was cancelled before',
      (future) =>
        void keep(future)
          .pipe(recover(() => 0))
          .cancel(),
    ],
  ])('%s alone does not count as observing a failure', async (_name, use) => {
    await collectAfter(lose(use));
    await collectUntil(() => warnings.codes().length === 1);
  });

  it('a future that Future.reject() returns is reported', async () => {
    await collectAfter(() => void Future.reject(new Error('lost')));
    await collectUntil(() => warnings.codes().length === 1);
  });

  it('a chain causes one report for the whole chain', async () => {
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
    expect(warnings.messages()[0]).toMatch(/^Future "chain\(/);
  });

  it('onUnobservedError receives the failure once, at the latest at shutdown', async () => {
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

  it('a failure that was observed late is not reported at shutdown', async () => {
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

  it('a failure is reported even if the handler throws for another one', async () => {
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

describe('observing a rejected future', () => {
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
  ])('%s counts as observing', async (_name, use) => {
    await collectAfter(lose(use));
    expect(warnings.messages()).toEqual([]);
  });
});

describe('not observing a rejected future', () => {
  it.each<[string, (future: Future<number>) => unknown]>([
    ['a wait that was over before', (future) => wait([future, Future.resolve(1)], { returnWhen: 'first' })],
    ['an asCompleted that was left before', (future) => asCompleted([future]).subscribe().unsubscribe()],
    ['an asCompleted whose reader left without reading it', (future) => leaveUnread(future)],
  ])('%s does not count as observing', async (_name, use) => {
    await collectAfter(lose(use));
    await collectUntil(() => warnings.codes().length === 1);
  });
});

/** Adds a done callback to the future, so that leaving does not cancel it. */
function keep(future: Future<number>): Future<number> {
  future.addDoneCallback(() => {});
  return future;
}

/** Reads the first outcome, and leaves while the second one, the failure, waits for its reader. */
function leaveUnread(future: Future<number>): void {
  const outcomes = asCompleted([Future.resolve(1), future])[Symbol.asyncIterator]();
  void outcomes.next();
  future.addDoneCallback(() => void outcomes.return?.());
}
