import type { EventType, Executor, ExecutorEvent, ExecutorStats, Percentiles } from 'rx-futures';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';

declare const event: ExecutorEvent;

describe('an ExecutorEvent', () => {
  test('executor.events emits ExecutorEvents, and they are not any', () => {
    expectTypeOf<Executor['events']>().toEqualTypeOf<Observable<ExecutorEvent>>();
    expectTypeOf<ExecutorEvent>().not.toBeAny();
    expectTypeOf<ExecutorEvent['type']>().toEqualTypeOf<EventType>();
  });

  test('every event has type, at and executor', () => {
    expectTypeOf(event.at).toEqualTypeOf<number>();
    expectTypeOf(event.executor).toEqualTypeOf<string>();
    // @ts-expect-error: only an event of a task has an id
    event.id;
    // @ts-expect-error: the properties are read-only
    event.at = 0;
  });

  test('an event is narrowed by its type', () => {
    if (event.type === 'task-settled') {
      expectTypeOf(event.id).toEqualTypeOf<number>();
      expectTypeOf(event.status).toEqualTypeOf<'fulfilled' | 'rejected' | 'cancelled'>();
      expectTypeOf(event.worker).toEqualTypeOf<string | undefined>();
      expectTypeOf(event.waited).toEqualTypeOf<number | undefined>();
      expectTypeOf(event.ran).toEqualTypeOf<number | undefined>();
      expectTypeOf(event.total).toEqualTypeOf<number>();
      expectTypeOf(event.error).toEqualTypeOf<unknown>();
      // @ts-expect-error: only the end of a worker has an exit code
      event.exitCode;
    }
    if (event.type === 'worker-died' || event.type === 'worker-ended') {
      expectTypeOf(event.worker).toEqualTypeOf<string>();
      expectTypeOf(event.exitCode).toEqualTypeOf<number | undefined>();
      expectTypeOf(event.signal).toEqualTypeOf<string | undefined>();
    }
    if (event.type === 'worker-recycled')
      expectTypeOf(event.reason).toEqualTypeOf<
        'max-tasks' | 'max-memory' | 'uncaught-error' | 'unresponsive' | 'requested'
      >();
    if (event.type === 'task-submitted') {
      expectTypeOf(event.upstreamId).toEqualTypeOf<number | undefined>();
      expectTypeOf(event.priority).toEqualTypeOf<number>();
    }
    if (event.type === 'task-retried') {
      expectTypeOf(event.attempt).toEqualTypeOf<number>();
      expectTypeOf(event.delay).toEqualTypeOf<number>();
    }
  });

  test('a switch over the event types can be exhaustive', () => {
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
      case 'actor-started':
      case 'actor-restarted':
      case 'actor-ended':
      case 'actor-died':
        break;
      default:
        expectTypeOf(event).toBeNever();
    }
  });
});

describe('stats()', () => {
  test('stats() returns counts and percentiles', () => {
    expectTypeOf<ReturnType<Executor['stats']>>().toEqualTypeOf<ExecutorStats>();
    expectTypeOf<ExecutorStats['waitTime']>().toEqualTypeOf<Percentiles>();
    expectTypeOf<ExecutorStats['runTime']>().toEqualTypeOf<Percentiles>();
    expectTypeOf<Percentiles['p99']>().toEqualTypeOf<number>();
    expectTypeOf<ExecutorStats['workers']['busy']>().toEqualTypeOf<number>();
  });
});
