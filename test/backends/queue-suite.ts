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
    reason: 'the workers belong to servers in other processes, so a maker of actors throws',
    tests: [
      'an actor keeps its state between its calls, which run on one worker',
      'the calls of an actor run one at a time, in submission order, although workers interleave tasks',
      'the option "concurrency" of an actor is the number of its calls that run at the same time',
      'an actor leaves a worker that waits for a stream, so a reader that awaits its calls goes on',
      'a call that waits delays neither tasks nor other actors',
      'a task that waits does not delay the calls of an actor on its worker',
      'a call keeps its place while it waits for an argument that is a Future',
      'a call keeps its place between retries',
      'submission order wins over priority among the calls of an actor',
      'a method that yields values is a stream, and a call after it waits for its end',
      'errors, progress and the running task of a method are those of a task',
      'a method that the class lacks, and a class that the module lacks, reject with a TaskNotFoundError',
      'every call rejects with the error that the constructor has thrown',
      'Actor.end() finishes the calls that were submitted before, then disposes of the object',
      'shutdown() ends the actors after their calls',
      'terminate() disposes of the objects on workers that are free',
      'a call is a step of a chain and of a pipeline, and steps follow a call',
      'map calls a method for each input, in order',
      'a cancelled call that waits never runs, and the later ones run',
      'a cancelled call that still runs blocks its actor until it has ended',
      'a running call receives its cancel, and its timeout',
      'values of an actor are copied, and its object stays where it is',
      'the arguments of a constructor may be values, futures and shared values',
      'an actor can be awaited like any object, and a call of its method "then" rejects with a TypeError',
      'methods may have the names of the functions for actors',
      'a paused executor starts no call, and resume() keeps their order',
      'an actor is dead if its worker ends: started, waiting and later calls reject',
      'calls that had not started run on a new object after a restart, and a started one rejects',
      'a started call with "retry" runs again on the new object after a restart',
    ],
  },
  {
    reason: 'servers can’t read from the process of the client, so a stream as an argument throws',
    tests: [
      'a task reads the stream of another task, through any number of stages',
      'the stages of a stream share one worker',
      'a task reads an iterator, an async iterator, an Observable and a ReadableStream',
      'an error of a stream argument is thrown at its reader, after the values before it',
      'the source of a stream argument ends through its finally when its reader leaves',
      'a retry of a task reads its stream argument anew',
      'the reader of a stream whose worker exits receives a WorkerDiedError',
      'a stream inside another value is a TypeError of the call',
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
    reason: 'servers decide when a task starts, so pause() throws',
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
