/** Parts of the suite that all queues share: a server for each executor, and the differences. */
import { Executor, type ExecutorOptions, type Future } from 'rx-futures';
import type { Backend } from '../../src/backends/backend.js';
import { until } from '../support/until.js';
import type { Opened, Skip } from './describe-backend.js';

/** Size in bytes above that of all arguments and results of the suite. */
export const LARGEST = 32 * 2 ** 20;

/** Promises that a queue can't keep, with the reasons. */
export const differencesOfQueues: readonly Skip[] = [
  {
    reason: 'client and server share no memory',
    tests: ['a SharedArrayBuffer is shared, not copied'],
  },
  {
    reason: 'the threads belong to a server, and their ids mean nothing in another process',
    tests: ['threadId of a future is the id that the thread has itself'],
  },
  {
    reason:
      'a server reports the start of a task when it claims the job, although another task may still hold the thread',
    tests: ['a task that is cancelled while the task before it blocks the worker never runs'],
  },
  {
    reason: 'retries happen on the server, and only its service reports them',
    tests: [
      'a task that exceeded its timeout is retried, even if it had ended before the timeout was noticed',
      'the events report each attempt of a task that is retried',
    ],
  },
  {
    reason:
      'maxQueue also counts the jobs that a server has claimed, because a client cannot know its concurrency slots',
    tests: ['a task beyond maxQueue rejects its future'],
  },
  {
    reason: 'serveTasks() starts the workers and reports their errors; tasks wait for a working server',
    tests: [
      'a missing module breaks the executor',
      'a module that throws breaks the executor, with the thrown error as the cause',
      'an initializer that throws breaks the executor, with the thrown error as the cause',
      'shutdown() lets a starting worker end by itself',
      'a finalizer that the module does not export breaks the executor',
    ],
  },
  {
    reason: 'the workers belong to a server, which runs the finalizer when it closes and reports its errors',
    tests: [
      'shutdown() waits for the finalizer, which runs after the last task',
      'terminate() waits for the finalizer of an idle worker',
      'an error of the finalizer goes to onUnobservedError',
      'a worker is replaced after a task if its heap has reached maxMemoryPerWorker',
    ],
  },
  {
    reason: 'the workers belong to servers in other processes, so broadcast() throws',
    tests: ['a broadcast runs once on each worker that is up'],
  },
  {
    reason: 'the workers belong to servers in other processes, so share() throws',
    tests: [
      'all tasks on a worker receive the same object for a shared value',
      'a shared value arrives as it was when share() was called, and is read-only',
      'large bytes of a shared value arrive, in shared memory',
      'a shared value is an argument of map, stream, retries and tasks with futures',
      'dispose() lets tasks finish that use the value, and a later call throws',
    ],
  },
  {
    reason: 'servers take jobs on their own and know no order among them, so the option "key" throws',
    tests: [
      'tasks of one key run one at a time, in submission order, although workers interleave tasks',
      'tasks of one key run on one worker, and tasks of many keys use all workers',
      'a task that waits for its key does not delay tasks of other keys',
      'a task keeps its place in its key while it waits for an argument that is a Future',
      'a task keeps its place in its key between retries',
      'submission order wins over priority inside a key',
      'a cancelled task that still runs blocks its key until it has ended',
      'a cancelled task of a key that waits never runs, and the later ones run',
      'the end of a worker rejects the started task of a key, and the others run in order on another worker',
      'a task reads its key, which is undefined for a task without one',
      'map runs the inputs of one key in their order, with the option key',
      'the steps that are chained onto a task of a key run before the next task of the key',
      'a stream of a key ends before the next task of the key starts',
      'a paused executor starts no task of a key, and resume() keeps their order',
    ],
  },
  {
    reason: 'servers decide when a task begins, so pause() throws',
    tests: ['a paused executor starts no task, and resume() lets tasks start'],
  },
];

/** Options of a client. All others are options of the server. */
const ofClient: readonly string[] = [
  'maxQueue',
  'context',
  'captureStacks',
  'errorClasses',
  'onUnobservedError',
  'onCallbackError',
];

interface Server {
  terminate(): Promise<void>;
}

/**
 * Opens an executor and starts a server for it, which is terminated after the test. Tasks that are
 * submitted before the server has started wait in the queue.
 */
export function openWithServer(
  options: ExecutorOptions,
  backend: Backend,
  serve: (options: ExecutorOptions) => Promise<Server>,
): Opened {
  const { tasks, name } = options;
  const entries = Object.entries(options);
  const forClient = Object.fromEntries(entries.filter(([option]) => ofClient.includes(option)));
  const forServer = Object.fromEntries(entries.filter(([option]) => !ofClient.includes(option)));
  const executor = new Executor<any>({
    ...(tasks !== undefined && { tasks }),
    ...(name !== undefined && { name }),
    ...forClient,
    backend,
  });
  const serving = serve(forServer);
  serving.catch(() => executor.terminate());
  return {
    executor,
    async close() {
      await executor.terminate();
      await (await serving).terminate();
    },
  };
}

/** Waits for the message that the task has started. */
export async function startReceived(future: Future<unknown>): Promise<void> {
  await until(() => future.state === 'running');
}
