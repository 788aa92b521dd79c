import type { EventType, Executor, ExecutorEvent, ExecutorStats, Percentiles } from 'rx-futures';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';

declare const event: ExecutorEvent;

describe('an ExecutorEvent', () => {
  test('is what executor.events gives, and it is not any', () => {
    expectTypeOf<Executor['events']>().toEqualTypeOf<Observable<ExecutorEvent>>();
    expectTypeOf<ExecutorEvent>().not.toBeAny();
    expectTypeOf<ExecutorEvent['type']>().toEqualTypeOf<EventType>();
  });

  test('has type, at and executor, whatever it tells', () => {
    expectTypeOf(event.at).toEqualTypeOf<number>();
    expectTypeOf(event.executor).toEqualTypeOf<string>();
    // @ts-expect-error: only an event of a task has an id
    event.id;
    // @ts-expect-error: it is data, and stays as it is
    event.at = 0;
  });

  test('narrows by its type', () => {
    if (event.type === 'task-settled') {
      expectTypeOf(event.id).toEqualTypeOf<number>();
      expectTypeOf(event.status).toEqualTypeOf<'fulfilled' | 'rejected' | 'cancelled'>();
      expectTypeOf(event.worker).toEqualTypeOf<string | undefined>();
      expectTypeOf(event.waited).toEqualTypeOf<number | undefined>();
      expectTypeOf(event.ran).toEqualTypeOf<number | undefined>();
      expectTypeOf(event.total).toEqualTypeOf<number>();
      expectTypeOf(event.error).toEqualTypeOf<unknown>();
      // @ts-expect-error: that is for the end of a worker
      event.exitCode;
    }
    if (event.type === 'worker-died' || event.type === 'worker-ended') {
      expectTypeOf(event.worker).toEqualTypeOf<string>();
      expectTypeOf(event.exitCode).toEqualTypeOf<number | undefined>();
      expectTypeOf(event.signal).toEqualTypeOf<string | undefined>();
    }
    if (event.type === 'worker-recycled')
      expectTypeOf(event.reason).toEqualTypeOf<'max-tasks' | 'uncaught-error' | 'unresponsive'>();
    if (event.type === 'task-submitted') {
      expectTypeOf(event.upstreamId).toEqualTypeOf<number | undefined>();
      expectTypeOf(event.priority).toEqualTypeOf<number>();
    }
    if (event.type === 'task-retried') {
      expectTypeOf(event.attempt).toEqualTypeOf<number>();
      expectTypeOf(event.delay).toEqualTypeOf<number>();
    }
  });

  test('has no other types than those, so that a switch can be complete', () => {
    switch (event.type) {
      case 'worker-spawned':
      case 'worker-ready':
      case 'worker-recycled':
      case 'worker-ended':
      case 'worker-died':
      case 'task-submitted':
      case 'task-started':
      case 'task-retried':
      case 'task-settled':
        break;
      default:
        expectTypeOf(event).toBeNever();
    }
  });
});

describe('stats()', () => {
  test('are counts and percentiles', () => {
    expectTypeOf<ReturnType<Executor['stats']>>().toEqualTypeOf<ExecutorStats>();
    expectTypeOf<ExecutorStats['waitTime']>().toEqualTypeOf<Percentiles>();
    expectTypeOf<ExecutorStats['runTime']>().toEqualTypeOf<Percentiles>();
    expectTypeOf<Percentiles['p99']>().toEqualTypeOf<number>();
    expectTypeOf<ExecutorStats['workers']['busy']>().toEqualTypeOf<number>();
  });
});
