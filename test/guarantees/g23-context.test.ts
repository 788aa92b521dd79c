/**
 * G23 Context: done callbacks, subscribers, handlers of `chain` and `recover`, `when` and `delay`
 * run in the async context (AsyncLocalStorage) of the code that added them. The same holds for the
 * input iterator of `map`, for subscribers of `progress` and `events`, and for callbacks of futures
 * that combinators return.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { all, allSettled, any, asCompleted, chain, Deferred, Executor, Future, race, recover, wait } from 'rx-futures';
import { lastValueFrom, map, Observable, Subject, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { inlineBackend } from '../../src/backends/inline/backend.js';
import { collectAfter, collectUntil } from '../support/garbage.js';
import { fixture, open } from '../support/open.js';

type Tasks = typeof import('../fixtures/gates.js');

const storage = new AsyncLocalStorage<object | string>();
const timeSlice = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Records the store in which each part of a program runs, including its later asynchronous parts.
 */
class Log {
  readonly seen: Record<string, unknown> = {};
  readonly #later: Promise<void>[] = [];

  note(what: string): void {
    this.seen[what] = storage.getStore();
    this.#later.push(
      timeSlice().then(() => {
        this.seen[`${what}, later`] = storage.getStore();
      }),
    );
  }

  /** Returns the parts that ran in another store. */
  async wrong(expected: unknown): Promise<string[]> {
    await Promise.all(this.#later);
    expect(Object.keys(this.seen).length).toBeGreaterThan(0);
    return Object.entries(this.seen).flatMap(([what, store]) =>
      store === expected ? [] : [`${what}: ${String(store)}`],
    );
  }
}

/** Adds every kind of callback that a program can add to a pending future. */
function addAll(future: Future<any>, log: Log): void {
  future.addDoneCallback(() => log.note('done callback'));
  future.subscribe({
    next: () => log.note('next'),
    error: () => log.note('error'),
    complete: () => log.note('complete'),
  });
  future.pipe(map((value) => value)).subscribe({ next: () => log.note('operator'), error: () => log.note('operator') });
  future.progress.subscribe({ complete: () => log.note('progress complete') });
  future.then(
    () => log.note('then'),
    () => log.note('then'),
  );
  const end = future.pipe(
    chain((value) => {
      log.note('chain');
      return value;
    }),
    recover(() => log.note('recover')),
  );
  for (const [name, combined] of Object.entries({
    all: all([future]),
    allSettled: allSettled([future]),
    any: any([future]),
    race: race([future]),
    'chain of chains': end,
  })) {
    combined.addDoneCallback(() => log.note(name));
    combined.subscribe({ error: () => {} });
  }
  asCompleted([future]).subscribe(() => log.note('asCompleted'));
  void wait([future]).then(() => log.note('wait'));
}

const stores = ['alice', 'bob', undefined, 'carol'] as const;

function within(store: string | undefined, run: () => void): void {
  if (store === undefined) storage.exit(run);
  else storage.run(store, run);
}

describe.each([
  ['threads', {}],
  ['child processes', { runtime: 'child_process' }],
  ['this thread', { backend: inlineBackend() }],
] as const)('G23 Context: on %s', (_, options) => {
  it('callbacks of each caller run in the store of that caller, no matter which call started the worker', async () => {
    await using executor = new Executor<Tasks>({ tasks: fixture('gates.js'), maxWorkers: 1, ...options });
    for (const verb of ['succeed', 'fail'] as const) {
      const logs = stores.map((store) => {
        const log = new Log();
        within(store, () => {
          addAll(
            verb === 'succeed' ? executor.tasks.add(1, 1) : executor.submit(() => Promise.reject(new Error('x'))),
            log,
          );
        });
        return log;
      });
      await timeSlice();
      await executor.tasks.add(1, 1);
      await timeSlice();
      for (const [i, log] of logs.entries()) expect(await log.wrong(stores[i])).toEqual([]);
    }
  });

  it('callbacks of several callers of one future run in the store of their caller', async () => {
    await using executor = new Executor<Tasks>({ tasks: fixture('gates.js'), maxWorkers: 1, ...options });
    const future = storage.run('owner', () => executor.tasks.add(1, 1));
    const logs = stores.map((store) => {
      const log = new Log();
      within(store, () => addAll(future, log));
      return log;
    });
    await future;
    await timeSlice();
    for (const [i, log] of logs.entries()) expect(await log.wrong(stores[i])).toEqual([]);
  });

  it('`when` and `delay` run in the store of the submit, also for a map', async () => {
    await using executor = new Executor<Tasks>({ tasks: fixture('gates.js'), maxWorkers: 1, ...options });
    const logs = stores.map((store) => {
      const log = new Log();
      const retry = {
        count: 2,
        when: () => {
          log.note('when');
          return true;
        },
        delay: () => {
          log.note('delay');
          return 1;
        },
      };
      let end: Promise<unknown> | undefined;
      within(store, () => {
        const bound = executor.with({ retry });
        const fail = () => Promise.reject(new Error('x'));
        const outcomes = bound.map(fail, [1, 2, 3], { settle: true, concurrency: 1 });
        end = Promise.allSettled([bound.submit(fail), lastValueFrom(outcomes)]);
      });
      return { log, end };
    });
    await storage.run('mallory', () => Promise.all(logs.map(({ end }) => end)));
    for (const [i, { log }] of logs.entries()) expect(await log.wrong(stores[i])).toEqual([]);
  });

  it('the input iterator of a map and the readers of maps and streams run in the store of the reader', async () => {
    await using executor = new Executor<Tasks>({ tasks: fixture('gates.js'), maxWorkers: 1, ...options });
    function* inputs(log: Log) {
      try {
        for (let i = 0; i < 20; i++) {
          log.note('next input');
          yield i;
        }
      } finally {
        log.note('input ended');
      }
    }
    const logs = stores.map((store) => {
      const log = new Log();
      const ends: Promise<unknown>[] = [];
      within(store, () => {
        const results = executor.map((n: number) => n, inputs(log), { concurrency: 2 });
        ends.push(
          lastValueFrom(results.pipe(tap({ next: () => log.note('map next'), complete: () => log.note('map end') }))),
        );
        const outcomes = asCompleted((function* () { log.note('futures'); yield executor.tasks.add(1, 1); log.note('futures'); yield executor.tasks.add(2, 1); })(), { concurrency: 1 }); // biome-ignore format: one line reads best
        ends.push(lastValueFrom(outcomes.pipe(tap(() => log.note('outcome')))));
        const stream = executor.stream(function* (to: number) {
          for (let i = 0; i < to; i++) yield i;
        }, 10);
        ends.push(
          lastValueFrom(
            stream.pipe(tap({ next: () => log.note('stream next'), complete: () => log.note('stream end') })),
          ),
        );
        const left = executor
          .map((n: number) => n, inputs(log), { concurrency: 2 })
          .subscribe(() => left.unsubscribe());
        ends.push(
          (async () => {
            for await (const _ of executor.map((n: number) => n, inputs(log), { concurrency: 2 }))
              log.note('for await');
          })(),
        );
      });
      return { log, ends };
    });
    await storage.run('mallory', () => Promise.all(logs.flatMap(({ ends }) => ends)));
    for (const [i, { log }] of logs.entries()) expect(await log.wrong(stores[i])).toEqual([]);
  });
});

it('G23 Context: callbacks run in their own store when a promise, a signal, a cancel or another caller settles the future', async () => {
  const controller = new AbortController();
  await using executor = open('gates.js', { maxWorkers: 1 });
  const deferred = new Deferred<number>();
  const source = new Subject<number>();
  const cancelled = new Deferred<number>();
  const futures: Future<any>[] = [
    deferred.future,
    cancelled.future,
    storage.run('owner', () => Future.from(source)),
    storage.run('owner', () => Future.from(timeSlice())),
    storage.run('owner', () => executor.with({ signal: controller.signal }).tasks.add(1, 1)),
  ];
  const logs = futures.flatMap((future) =>
    stores.map((store) => {
      const log = new Log();
      within(store, () => addAll(future, log));
      return { log, store };
    }),
  );
  storage.run('mallory', () => {
    controller.abort();
    deferred.resolve(1);
    cancelled.cancel();
    source.next(1);
    source.complete();
  });
  await wait(futures);
  await timeSlice();
  for (const { log, store } of logs) expect(await log.wrong(store)).toEqual([]);
});

it('G23 Context: subscribers of `progress` and of `events` run in the store in which they subscribed', async () => {
  await using executor = open('context.js', { maxWorkers: 1 });
  const logs = stores.map(() => new Log());
  const listen = (listenAs: (log: Log) => void) => {
    for (const [i, log] of logs.entries()) within(stores[i], () => listenAs(log));
  };
  listen((log) => executor.events.subscribe(({ type }) => log.note(type)));
  const future = storage.run('owner', () => executor.tasks.report([1, 2]));
  listen((log) => future.progress.subscribe({ next: () => log.note('progress'), complete: () => log.note('end') }));
  await future;
  for (const [i, log] of logs.entries()) {
    expect(await log.wrong(stores[i])).toEqual([]);
    expect(log.seen).toHaveProperty('progress');
    expect(log.seen).toHaveProperty('task-submitted');
  }
});

it('G23 Context: a handler keeps its store across awaits, and a store that it enters ends with the handler', async () => {
  const deferred = new Deferred<number>();
  const seen: unknown[] = [];
  deferred.future.addDoneCallback(() => storage.enterWith('entered'));
  deferred.future.addDoneCallback(() => seen.push(storage.getStore()));
  const later = new Promise<void>((resolve) => {
    const note = () => {
      seen.push(storage.getStore());
      resolve();
    };
    storage.run('bob', () => deferred.future.addDoneCallback(() => setTimeout(note)));
  });
  deferred.future.subscribe(() => seen.push(storage.getStore()));
  deferred.resolve(1);
  await later;
  expect(seen).toEqual([undefined, undefined, 'bob']);
  expect(storage.getStore()).toBe(undefined);
});

it('G23 Context: a callback that is added to a settled future runs in the current store', () => {
  const future = Future.resolve(1);
  const log = new Log();
  storage.run('bob', () => addAll(future, log));
  return log.wrong('bob').then((wrong) => expect(wrong).toEqual([]));
});

it('G23 Context: `onCallbackError` runs in the store of the callback that failed, `onUnobservedError` in none', async () => {
  const seen: unknown[] = [];
  const note = () => seen.push(storage.getStore());
  const executor = storage.run(
    'maker',
    () =>
      new Executor<Tasks>({
        tasks: fixture('gates.js'),
        maxWorkers: 1,
        onCallbackError: note,
        onUnobservedError: note,
      }),
  );
  const added = storage.run('bob', () => {
    const future = executor.tasks.add(1, 1);
    future.addDoneCallback(() => {
      throw new Error('x');
    });
    return future;
  });
  await added;
  await storage.run('carol', async () => {
    executor.submit(() => Promise.reject(new Error('y')));
    await executor.shutdown();
  });
  expect(seen).toEqual(['bob', undefined]);
});

it('G23 Context: a task on this thread and its caller do not see the stores of each other', async () => {
  await using executor = new Executor({ maxWorkers: 1, backend: inlineBackend() });
  const shared = globalThis as { storageOfTest?: typeof storage };
  shared.storageOfTest = storage;
  const read = () => (globalThis as unknown as typeof shared).storageOfTest!.getStore();
  const inside = await storage.run('alice', () => executor.submit(read));
  expect(inside).toBe(undefined);
  delete shared.storageOfTest;
});

describe('G23 Context: memory', () => {
  it('an executor keeps no store of the request that created it or of the request that started its worker', async () => {
    async function request(): Promise<{ executor: Executor<Tasks>; store: WeakRef<object> }> {
      const store = { request: 1 };
      return storage.run(store, async () => {
        const executor = new Executor<Tasks>({ tasks: fixture('gates.js'), maxWorkers: 1, minWorkers: 1 });
        const subscription = executor.events.subscribe();
        await executor.ready();
        await executor.tasks.add(1, 1);
        subscription.unsubscribe();
        return { executor, store: new WeakRef(store) };
      });
    }
    const { executor, store } = await timeSlice().then(request);
    await collectUntil(() => store.deref() === undefined);
    await executor.shutdown();
  });

  it('a settled future, its subscription and the function that removes a callback keep no store', async () => {
    const kept: unknown[] = [];
    function request(): WeakRef<object> {
      const store = { request: 2 };
      storage.run(store, () => {
        const deferred = new Deferred<number>();
        const end = deferred.future.pipe(chain((n) => n));
        kept.push(
          deferred,
          end,
          deferred.future.subscribe(),
          deferred.future.addDoneCallback(() => {}),
        );
        kept.push(deferred.future.pipe(map((n) => n)).subscribe(), deferred.future.progress.subscribe());
        deferred.resolve(1);
      });
      return new WeakRef(store);
    }
    const store = request();
    await collectUntil(() => store.deref() === undefined);
    expect(kept).toHaveLength(6);
  });

  it('a pending future whose callbacks were removed keeps no store', async () => {
    const deferred = new Deferred<number>();
    const store = (() => {
      const store = { request: 4 };
      storage.run(store, () => {
        deferred.future.addDoneCallback(() => {})();
        deferred.future.subscribe().unsubscribe();
      });
      return new WeakRef(store);
    })();
    await collectAfter(() => {});
    await collectUntil(() => store.deref() === undefined);
    deferred.resolve(1);
  });
});

it('G23 Context: the diagnostics channels publish a submit in the store of the caller', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  const seen: unknown[] = [];
  const listener = () => seen.push(storage.getStore());
  channel('rx-futures:task:submitted').subscribe(listener);
  await storage.run('bob', () => executor.tasks.add(1, 1));
  channel('rx-futures:task:submitted').unsubscribe(listener);
  expect(seen).toEqual(['bob']);
});

it('G23 Context: an Observable step is subscribed to and unsubscribed from in the store of its chain', async () => {
  const log = new Log();
  const deferred = new Deferred<number>();
  const future = storage.run('bob', () =>
    deferred.future.pipe(
      chain(
        () =>
          new Observable<number>((subscriber) => {
            log.note('subscribed');
            setImmediate(() => {
              subscriber.next(1);
              subscriber.complete();
            });
          }),
      ),
    ),
  );
  storage.run('mallory', () => deferred.resolve(1));
  await future;
  expect(await log.wrong('bob')).toEqual([]);
});
