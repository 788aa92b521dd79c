/**
 * `rx-futures/worker`: access to the running task, for task modules. For the files of workers:
 * `serveWorker`.
 *
 * @module rx-futures/worker
 */
import { serveWorker as serve } from '#serve-worker';
import { followTasks, isAmbiguous, runningTask } from './worker/task-context.js';

export { transfer } from './protocol/transfer.js';

followTasks();

/**
 * Lets an executor run the tasks of a module on this worker. Call it in the file that the option
 * `worker` of the executor names. A bundler then finds the tasks and all code that they need.
 *
 * ```ts file: tasks.ts
 * export const square = (n: number) => n * n;
 * ```
 *
 * ```ts file: tasks.worker.ts
 * import { serveWorker } from 'rx-futures/worker';
 * import * as tasks from './tasks.js';
 *
 * serveWorker(tasks);
 * ```
 *
 * ```ts
 * import { Worker } from 'node:worker_threads';
 * import { Executor } from 'rx-futures';
 *
 * const executor = new Executor<typeof import('./tasks.js')>({
 *   worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url)),
 * });
 * console.log(await executor.tasks.square(3));
 * // Output:
 * // 9
 * ```
 *
 * The worker stays alive until the executor ends it. Messages of the program itself may use
 * `parentPort` too.
 *
 * In a browser the file is a module: `new Worker(url, { type: 'module' })`.
 *
 * @param tasks an object whose functions are the tasks, such as all exports of a module
 * @throws TypeError if `tasks` is not an object
 * @throws Error if this code does not run on a worker of its own, or calls `serveWorker` again
 */
export function serveWorker(tasks: object): void {
  serve(tasks);
}

/** The running task: its identity, its signal, and a function to report progress. */
export interface CurrentTask {
  /** The `id` of the task's future. */
  readonly id: number;
  /** The name of the task's function. */
  readonly name: string;
  /** 1 for the first run, 2 for the first retry, and so on. */
  readonly attempt: number;
  /** The name of the worker, `<executor>-<n>`. */
  readonly workerName: string;
  /**
   * Aborts when the future is cancelled, with the reason that was passed to `cancel`. While
   * synchronous code runs, a signal that the task holds does not abort, because no message is
   * received. Read {@link CurrentTask.isCancelled} there.
   */
  readonly signal: AbortSignal;
  /**
   * A copy of the task's context: the value of `with({ context })`, or else of the executor's
   * option `context`. Undefined if neither is set. It stays the same for all retries.
   */
  readonly context: unknown;
  /**
   * The key of `with({ key })`, or of the option `key` of `map`. A step that runs together with a
   * task has the key of that task. Undefined for a task without a key.
   */
  readonly key: string | number | undefined;
  /**
   * True as soon as the task was cancelled or timed out, also in the middle of synchronous code. A
   * read costs some nanoseconds on a worker thread. In a child process, the value changes only when
   * the event loop turns.
   *
   * A task that reads it has the whole `terminateAfter` to stop. A blocked thread whose task has
   * never read it is terminated within 100 ms of the cancel.
   *
   * ```ts file: primes.ts
   * import { currentTask } from 'rx-futures/worker';
   *
   * export function primes(below: number) {
   *   const task = currentTask();
   *   const found: number[] = [];
   *   for (let n = 2; n < below && !task.isCancelled; n++) {
   *     if (found.every((prime) => n % prime !== 0)) found.push(n);
   *   }
   *   return found;
   * }
   * ```
   *
   * ```ts
   * const executor = new Executor<typeof import('./primes.js')>({ tasks: new URL('./primes.js', import.meta.url) });
   * console.log(await executor.tasks.primes(12));
   * // Output:
   * // [ 2, 3, 5, 7, 11 ]
   * ```
   */
  readonly isCancelled: boolean;
  /**
   * Throws `signal.reason` if the task was cancelled or timed out. Otherwise does nothing. Counts
   * as a read of {@link CurrentTask.isCancelled}.
   *
   * @throws the reason that was passed to `cancel`, a CancelledError if there was none, or a
   *   TimeoutError
   */
  throwIfCancelled(): void;
  /**
   * Reports a value to the future's `progress`. Call it as often as you like: only the latest value
   * is sent, about fifty times a second.
   *
   * @throws SerializationError if the value can't be sent
   * @throws TypeError if the value is or contains a Shared of an executor of this task
   */
  progress(value: unknown): void;
}

/**
 * Returns the task that is running. The answer is correct after each `await`, also if the worker
 * runs several tasks at the same time. In a browser that runs several, call it before the first
 * `await`. The object that it returns stays valid.
 *
 * ```ts file: download.ts
 * import { currentTask } from 'rx-futures/worker';
 *
 * export async function download(url: string) {
 *   const response = await fetch(url, { signal: currentTask().signal }); // stops when the future is cancelled
 *   return response.text();
 * }
 * ```
 *
 * ```ts
 * const executor = new Executor<typeof import('./download.js')>({ tasks: new URL('./download.js', import.meta.url) });
 * console.log(await executor.tasks.download('data:,Tea'));
 * // Output:
 * // Tea
 * ```
 *
 * @throws Error if no task is running: on the main thread, at the top of a module, or in a timer
 *   of a finished task. In a browser, also after an `await` if the worker runs several tasks
 */
export function currentTask(): CurrentTask {
  const task = runningTask();
  if (task === undefined) {
    if (isAmbiguous()) {
      throw new Error(
        'currentTask(): several tasks are running on this worker, and a browser does not show which of them made this call. Call it before the first await of the task, as in: const task = currentTask().',
      );
    }
    throw new Error(
      'currentTask(): no task is running here. Call it inside a function that an Executor runs, not at the top of a module and not on the main thread.',
    );
  }
  return {
    id: task.id,
    name: task.name,
    attempt: task.attempt,
    workerName: task.workerName,
    get signal() {
      return task.signal;
    },
    context: task.context,
    key: task.key,
    get isCancelled() {
      return task.isCancelled;
    },
    throwIfCancelled: () => task.throwIfCancelled(),
    progress: (value) => task.progress.report(task, value),
  };
}
