import type { Redis, RedisOptions } from 'ioredis';
import { chain, Executor, type ExecutorEvent, type ExecutorOptions, type ExecutorStats, type Future } from 'rx-futures';
import {
  type BullmqOptions,
  bullmqBackend,
  type RedisConnection,
  type ServeOptions,
  serveTasks,
  type TaskService,
} from 'rx-futures/bullmq';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import type { Page, Receipt } from './tasks.js';

type Module = typeof import('./tasks.js');

const address = { connection: 'redis://localhost:6379', queue: 'pages' };

describe('an executor over a queue', () => {
  declareNothing(() => {
    const executor = new Executor<Module>({ backend: bullmqBackend(address) });
    const { fetchPage, parse, save, count } = executor.tasks;

    test('an executor over a queue has the handles of its module, as an executor of threads does', () => {
      expectTypeOf(executor).toEqualTypeOf<Executor<Module>>();
      expectTypeOf(fetchPage('a')).toEqualTypeOf<Future<string>>();
      expectTypeOf(fetchPage('a').pipe(chain(parse), chain(save))).toEqualTypeOf<Future<Receipt>>();
      expectTypeOf(count.stream(3).forEach).parameter(0).parameter(0).toEqualTypeOf<number>();
      // @ts-expect-error: a number is not a string
      fetchPage(5);
      // @ts-expect-error: the module has no such export
      executor.tasks.publish;
    });

    test('attach returns a future of the named type, or of unknown without one', () => {
      expectTypeOf(executor.attach(1)).toEqualTypeOf<Future<unknown>>();
      expectTypeOf(executor.attach<Page>(1)).toEqualTypeOf<Future<Page>>();
      expectTypeOf(executor.attach<Page>(1).pipe(chain(save))).toEqualTypeOf<Future<Receipt>>();
      expectTypeOf<typeof executor.attach>().parameters.toEqualTypeOf<[id: number]>();
      expectTypeOf(fetchPage('a').id).toEqualTypeOf<number>();
      // @ts-expect-error: an id is a number
      executor.attach('future-1');
    });
  });
});

describe('bullmqBackend', () => {
  test('the connection is a URL, options of ioredis or a connection of ioredis', () => {
    expectTypeOf<RedisConnection>().toEqualTypeOf<string | URL | RedisOptions | Redis>();
    expectTypeOf<BullmqOptions['connection']>().toEqualTypeOf<RedisConnection>();
    declareNothing((redis: Redis) => {
      bullmqBackend({ connection: { host: 'localhost', port: 6379, password: 'secret' }, queue: 'pages' });
      bullmqBackend({ connection: redis, queue: 'pages', keepResults: 60_000, giveUpAfter: Number.POSITIVE_INFINITY });
    });
  });

  test('bullmqBackend requires the connection and the queue, and refuses all other options', () => {
    expectTypeOf<typeof address>().toExtend<BullmqOptions>();
    expectTypeOf<keyof BullmqOptions>().toEqualTypeOf<
      'connection' | 'queue' | 'prefix' | 'keepResults' | 'maxPayload' | 'connectTimeout' | 'giveUpAfter'
    >();
    declareNothing(() => {
      // @ts-expect-error: the queue is missing
      bullmqBackend({ connection: 'redis://localhost:6379' });
      // @ts-expect-error: the connection is missing
      bullmqBackend({ queue: 'pages' });
      // @ts-expect-error: the option is a number of ms
      bullmqBackend({ ...address, keepResults: '1h' });
      // @ts-expect-error: a client does not choose the task module
      bullmqBackend({ ...address, tasks: './tasks.js' });
    });
  });

  test('the backend fits the option of an executor', () => {
    expectTypeOf<ReturnType<typeof bullmqBackend>>().toExtend<NonNullable<ExecutorOptions['backend']>>();
    expectTypeOf<ReturnType<typeof bullmqBackend>>().not.toBeAny();
  });
});

describe('serveTasks', () => {
  test('serveTasks accepts the options of threads, and where the queue is', () => {
    declareNothing(() => {
      serveTasks({ ...address, tasks: './tasks.js' });
      serveTasks({
        ...address,
        tasks: new URL('file:///tasks.js'),
        maxWorkers: 4,
        concurrency: 8,
        initializer: 'open',
      });
      serveTasks({ ...address, tasks: './tasks.js', lostAfter: 10_000, rerunLost: 1, resourceLimits: {} });
    });
    expectTypeOf<ServeOptions['rerunLost']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<ServeOptions['maxWorkers']>().toEqualTypeOf<ExecutorOptions['maxWorkers']>();
  });

  test('serveTasks refuses options for clients, and requires tasks', () => {
    declareNothing(() => {
      // @ts-expect-error: the module is missing
      serveTasks(address);
      // @ts-expect-error: a server always runs threads
      serveTasks({ ...address, tasks: './tasks.js', backend: bullmqBackend(address) });
      // @ts-expect-error: maxQueue is an option of clients
      serveTasks({ ...address, tasks: './tasks.js', maxQueue: 10 });
      // @ts-expect-error: only a client sets how long its results are kept
      serveTasks({ ...address, tasks: './tasks.js', keepResults: 60_000 });
    });
  });

  test('serveTasks returns a service that can be watched and closed, also with `await using`', () => {
    expectTypeOf(serveTasks).returns.toEqualTypeOf<Promise<TaskService>>();
    expectTypeOf<TaskService>().toExtend<AsyncDisposable>();
    expectTypeOf<TaskService['events']>().toEqualTypeOf<Observable<ExecutorEvent>>();
    expectTypeOf<TaskService['stats']>().returns.toEqualTypeOf<ExecutorStats>();
    expectTypeOf<TaskService['close']>().toEqualTypeOf<(options?: { readonly timeout?: number }) => Promise<void>>();
    expectTypeOf<TaskService['terminate']>().toEqualTypeOf<() => Promise<void>>();
  });
});

/** For code that is type-checked and not run. */
function declareNothing(_code: (...args: never[]) => unknown): void {}
