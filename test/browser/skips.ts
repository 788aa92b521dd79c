/** The differences of web workers, with their reasons. */
import type { Skip } from '../backends/describe-backend.js';

/** On every page. */
export const skips: readonly Skip[] = [
  {
    reason: 'a browser has no ids of threads',
    tests: ['threadId of a future is the id that the thread has itself'],
  },
  {
    reason: 'nothing follows a task across its awaits, so currentTask() throws there if several tasks run',
    tests: [
      'currentTask() stays correct across the awaits of interleaved tasks',
      'currentTask() stays correct in streams that alternate on one worker',
      'a task reads the context of its submit, before and after an await',
    ],
  },
  {
    reason: 'nothing follows the reader of a map across its awaits',
    tests: ['the runs of a map and of a stream read the context of their reader'],
  },
  {
    reason: 'a worker does not know the size of its heap, so the option is refused',
    tests: ['a worker is replaced after a task if its heap has reached maxMemoryPerWorker'],
  },
];

/** On a page that is cross-origin isolated. */
export const isolatedSkips: readonly Skip[] = [];

/** On a page that shares no memory with its workers. */
export const unsharedSkips: readonly Skip[] = [
  {
    reason: 'the page shares no memory with its workers',
    tests: ['a SharedArrayBuffer is shared, not copied', 'large bytes of a shared value arrive, in shared memory'],
  },
  {
    reason: 'without shared memory there is no ledger, so a sent job counts as started',
    tests: [
      'a step is pending while the step before it runs',
      'a task that is cancelled while the task before it blocks the worker never runs',
      'the end of a worker rejects only those interleaved tasks that have started',
    ],
  },
];

/** Tests of guarantees that do not hold in a browser. They run on the isolated page alone. */
export const guaranteeSkips: readonly Skip[] = [
  {
    reason: 'a worker without memory ends the page',
    tests: ['a worker that runs out of memory rejects its task with a WorkerDiedError'],
  },
  {
    reason: 'a worker has no exit code in a browser',
    tests: [
      'process.exit in a task rejects the task with a WorkerDiedError that has the exit code',
      'a dying worker rejects only the task that it was running',
      'a finalizer that ends its worker with a code is a WorkerDiedError',
      'an idle actor dies with its worker, and later calls reject with ActorDiedError',
    ],
  },
  {
    reason: 'a browser has no ids of threads, which the test needs to distinguish two workers',
    tests: [
      'tasks that a dying worker had not started run on another worker exactly once',
      'tasks that a terminated worker had not started run once on another worker',
      'the future settles at once, while the task still runs',
    ],
  },
  {
    reason: 'the thread of a page can not be blocked',
    tests: ['a task that has ended is never pending again, even while its result is on the way'],
  },
  {
    reason: 'a worker does not know the size of its heap, so the option is refused',
    tests: ['a worker whose heap is full is replaced when its last actor has ended'],
  },
  {
    reason: 'a browser has no process warnings',
    tests: ["a failed cleanup becomes a process warning with the task's name if the executor has no handler"],
  },
];
