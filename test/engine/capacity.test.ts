/** The number of tasks that an engine accepts, and the number that it holds before they can run. */
import { describe, expect, it } from 'vitest';
import type { Traits } from '../../src/backends/backend.js';
import { Capacity } from '../../src/engine/capacity.js';
import { QueueFullError } from '../../src/errors.js';
import type { Dispatcher } from '../../src/scheduling/dispatcher.js';
import type { Job } from '../../src/scheduling/job/job.js';

interface Given {
  readonly maxQueue?: number;
  readonly windows?: readonly number[];
  readonly unreported?: number;
  readonly queued?: number;
  readonly held?: number;
  readonly blocked?: number;
  /** Undefined for a task without a key. */
  readonly mayStart?: boolean;
  readonly startsAllowed?: number;
  readonly replaced?: number;
  readonly isKnown?: boolean;
  /** Number of waiting calls of actors that may start at once. */
  readonly startableCalls?: number;
}

/** The capacity for two workers with three concurrency slots each. */
function capacity(given: Given) {
  const { maxQueue = Number.POSITIVE_INFINITY, windows = [], replaced = 0, isKnown = true } = given;
  const { queued = 0, unreported = queued, startsAllowed = Number.POSITIVE_INFINITY } = given;
  const options = { name: 'executor', maxQueue, maxWorkers: 2, config: { concurrency: 3 } };
  const receiving = windows.map((size) => ({ window: { size } }));
  const { held = 0, blocked = 0, startableCalls = 0 } = given;
  const counts = { queued, held, blocked, unreported, replaced, startsAllowed, startableCalls };
  const dispatcher = { ...counts, workforce: { receiving } } as unknown as Dispatcher;
  return new Capacity(options, { hasKnownCapacity: isKnown } as Traits, dispatcher);
}

function jobWith(mayStart: boolean | undefined): Job {
  const place = mayStart === undefined ? undefined : { lane: { mayStart: () => mayStart } };
  return { place } as unknown as Job;
}

describe('Capacity', () => {
  it.each<[string, Given, number]>([
    ['two tasks for each slot, if the tasks are slow or not known', { windows: [3, 3] }, 12],
    ['twice the windows of the workers, if the tasks are short', { windows: [100, 50] }, 300],
    ['4,096 tasks at most', { windows: [4_000, 4_000] }, 4_096],
    ['no more than the slots and the queue hold', { windows: [100, 50], maxQueue: 10 }, 16],
    ['1,024 tasks on a queue of other processes', { isKnown: false }, 1_024],
    ['no more than maxQueue on a queue of other processes', { isKnown: false, maxQueue: 5 }, 5],
    ['one task, even if maxQueue is 0', { isKnown: false, maxQueue: 0 }, 1],
    ['no more than the queue holds in a pause', { windows: [3, 3], maxQueue: 4, startsAllowed: 0 }, 4],
    ['one task, even in a pause and if maxQueue is 0', { maxQueue: 0, startsAllowed: 0 }, 1],
  ])('the prefetch limit is %s', (_rule, given, limit) => {
    expect(capacity(given).prefetchLimit).toBe(limit);
  });

  it.each<[string, Given, boolean]>([
    ['the queue has no limit', { unreported: 1_000_000 }, true],
    ['the slots and the queue have room', { maxQueue: 4, unreported: 9 }, true],
    ['the slots and the queue are full', { maxQueue: 4, unreported: 10 }, false],
    ['replacement workers run what lingering tasks displace', { maxQueue: 4, unreported: 10, replaced: 1 }, true],
    ['the slots are free and maxQueue is 0', { maxQueue: 0, unreported: 5 }, true],
    ['no task may start in a pause, although slots are free', { maxQueue: 4, queued: 4, startsAllowed: 0 }, false],
    ['the queue has room in a pause', { maxQueue: 4, queued: 3, unreported: 6, startsAllowed: 0 }, true],
    ['one task may start at once under a rate limit', { maxQueue: 4, queued: 4, startsAllowed: 1 }, true],
    ['that task was submitted', { maxQueue: 4, queued: 5, startsAllowed: 1 }, false],
    ['tasks that wait for their key take no free concurrency slots', { maxQueue: 4, queued: 4, blocked: 4 }, true],
    ['the task would wait for its key, and the queue is full', { maxQueue: 0, mayStart: false }, false],
    ['the task would wait for its key, and the queue has room', { maxQueue: 1, mayStart: false }, true],
    ['tasks that workers hold for their key fill the queue', { maxQueue: 4, held: 4, mayStart: false }, false],
    [
      'a waiting call of an actor that may start takes no room',
      { maxQueue: 4, queued: 5, startsAllowed: 0, startableCalls: 2 },
      true,
    ],
    ['a queue of other processes is full', { isKnown: false, maxQueue: 4, unreported: 4 }, false],
  ])('a task is accepted or refused by the state of the queue: %s', (_state, given, isAccepted) => {
    const refusal = capacity(given).refusal(jobWith(given.mayStart));
    if (isAccepted) expect(refusal).toBeUndefined();
    else expect(refusal).toBeInstanceOf(QueueFullError);
  });
});
