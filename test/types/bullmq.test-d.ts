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

const place = { connection: 'redis://localhost:6379', queue: 'pages' };

describe('an executor over a queue', () => {
  declareNothing(() => {
    const executor = new Executor<Module>({ backend: bullmqBackend(place) });
    const { fetchPage, parse, save, count } = executor.tasks;

    test('has the handles of its module, as one of threads has', () => {
      expectTypeOf(executor).toEqualTypeOf<Executor<Module>>();
      expectTypeOf(fetchPage('a')).toEqualTypeOf<Future<string>>();
      expectTypeOf(fetchPage('a').pipe(chain(parse), chain(save))).toEqualTypeOf<Future<Receipt>>();
      expectTypeOf(count.stream(3).forEach).parameter(0).parameter(0).toEqualTypeOf<number>();
      // @ts-expect-error: a number is no string
      fetchPage(5);
      // @ts-expect-error: there is no such task
      executor.tasks.publish;
    });

    test('finds a future again, of the type that is named, unknown without one', () => {
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
  test('takes a URL, options of ioredis or a connection of it', () => {
    expectTypeOf<RedisConnection>().toEqualTypeOf<string | URL | RedisOptions | Redis>();
    expectTypeOf<BullmqOptions['connection']>().toEqualTypeOf<RedisConnection>();
    declareNothing((redis: Redis) => {
      bullmqBackend({ connection: { host: 'localhost', port: 6379, password: 'secret' }, queue: 'pages' });
      bullmqBackend({ connection: redis, queue: 'pages', keepResults: 60_000, giveUpAfter: Number.POSITIVE_INFINITY });
    });
  });

  test('needs to know where the queue is and how it is called, and nothing else', () => {
    expectTypeOf<typeof place>().toExtend<BullmqOptions>();
    expectTypeOf<keyof BullmqOptions>().toEqualTypeOf<
      'connection' | 'queue' | 'prefix' | 'keepResults' | 'maxPayload' | 'connectTimeout' | 'giveUpAfter'
    >();
    declareNothing(() => {
      // @ts-expect-error: no queue
      bullmqBackend({ connection: 'redis://localhost:6379' });
      // @ts-expect-error: no connection
      bullmqBackend({ queue: 'pages' });
      // @ts-expect-error: a number of ms
      bullmqBackend({ ...place, keepResults: '1h' });
      // @ts-expect-error: the tasks are the workers' affair
      bullmqBackend({ ...place, tasks: './tasks.js' });
    });
  });

  test('fits the option of an executor', () => {
    expectTypeOf<ReturnType<typeof bullmqBackend>>().toExtend<NonNullable<ExecutorOptions['backend']>>();
    expectTypeOf<ReturnType<typeof bullmqBackend>>().not.toBeAny();
  });
});

describe('serveTasks', () => {
  test('takes what threads take, and where the queue is', () => {
    declareNothing(() => {
      serveTasks({ ...place, tasks: './tasks.js' });
      serveTasks({ ...place, tasks: new URL('file:///tasks.js'), maxWorkers: 4, concurrency: 8, initializer: 'open' });
      serveTasks({ ...place, tasks: './tasks.js', lostAfter: 10_000, rerunLost: 1, resourceLimits: {} });
    });
    expectTypeOf<ServeOptions['rerunLost']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<ServeOptions['maxWorkers']>().toEqualTypeOf<ExecutorOptions['maxWorkers']>();
  });

  test('refuses what is for clients, and needs tasks', () => {
    declareNothing(() => {
      // @ts-expect-error: the module is missing
      serveTasks(place);
      // @ts-expect-error: its backend are threads
      serveTasks({ ...place, tasks: './tasks.js', backend: bullmqBackend(place) });
      // @ts-expect-error: the queue is Redis's
      serveTasks({ ...place, tasks: './tasks.js', maxQueue: 10 });
      // @ts-expect-error: a client says how long its results are kept
      serveTasks({ ...place, tasks: './tasks.js', keepResults: 60_000 });
    });
  });

  test('gives a service that can be watched and closed, with `await using` too', () => {
    expectTypeOf(serveTasks).returns.toEqualTypeOf<Promise<TaskService>>();
    expectTypeOf<TaskService>().toExtend<AsyncDisposable>();
    expectTypeOf<TaskService['events']>().toEqualTypeOf<Observable<ExecutorEvent>>();
    expectTypeOf<TaskService['stats']>().returns.toEqualTypeOf<ExecutorStats>();
    expectTypeOf<TaskService['close']>().toEqualTypeOf<() => Promise<void>>();
    expectTypeOf<TaskService['terminate']>().toEqualTypeOf<() => Promise<void>>();
  });
});

/** For code that is to be checked and not to be run. */
function declareNothing(_code: (...args: never[]) => unknown): void {}
