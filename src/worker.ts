/**
 * `rx-futures/worker`: what a task can ask and say while it runs. Import it in the task module.
 *
 * @module rx-futures/worker
 */
import { followTasks, runningTask } from './worker/task-context.js';

export { transfer } from './protocol/transfer.js';

followTasks();

/** What a running task knows about itself. */
export interface CurrentTask {
  /** The `id` of its future. */
  readonly id: number;
  /** The name of the function. */
  readonly name: string;
  /** 1 for the first run, 2 for the first retry. */
  readonly attempt: number;
  /** `<executor>-<n>`. */
  readonly workerName: string;
  /** Aborts when the future is cancelled, with the reason that was given. */
  readonly signal: AbortSignal;
  /**
   * Tells the future's `progress` how far the task has come. Call it as often as you like: the latest value is sent, some fifty times a second.
   *
   * @throws SerializationError when the value can't be sent
   */
  progress(value: unknown): void;
}

/**
 * The task that is running: right across its awaits, also where several are interleaved.
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
 * @throws Error where no task is running: on the main thread, or in a timer that a finished task left behind
 */
export function currentTask(): CurrentTask {
  const task = runningTask();
  if (task === undefined) {
    throw new Error(
      'currentTask(): no task is running here. Call it inside a function that an Executor runs, not at the top of its module and not on the main thread.',
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
    progress: (value) => task.progress.report(task, value),
  };
}
