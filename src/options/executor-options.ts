/** The options of an Executor, as users pass them. */
import type { Backend, ResourceLimits } from '../backends/backend.js';
import type { WorkerFactory } from '../backends/runtime.js';
import type { Future } from '../future/future.js';
import type { RateLimitOptions } from '../scheduling/queue/rate-limit.js';

/** Options of an {@link Executor}. All times are in milliseconds. */
export interface ExecutorOptions {
  /**
   * The module whose exports are the tasks: its URL, such as
   * `new URL('./tasks.js', import.meta.url)`, or a path. TypeScript works too. Node 22.18 and later
   * strip the types. A module that needs more than that, or an older Node, is loaded through `tsx`.
   * If `./tasks.js` does not exist, `./tasks.ts` is used.
   */
  readonly tasks?: URL | string;
  /**
   * Creates a worker, instead of `tasks`. Use it in programs that are bundled, because bundlers
   * understand this form. The executor calls the function once for each worker.
   *
   * The file of the worker passes the task module to `serveWorker()` of `rx-futures/worker`.
   *
   * ```ts no-run: it needs the file of a worker
   * import { Worker } from 'node:worker_threads';
   *
   * const executor = new Executor<typeof import('./tasks.js')>({
   *   worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url)),
   * });
   * ```
   *
   * The options of the worker, such as `env` and `resourceLimits`, belong to `new Worker()`.
   */
  readonly worker?: WorkerFactory;
  /**
   * The name of the executor. Its workers are called `<name>-<n>` in errors and events.
   *
   * @default 'executor'
   */
  readonly name?: string;
  /**
   * Maximum number of workers.
   *
   * @default os.availableParallelism()
   */
  readonly maxWorkers?: number;
  /**
   * Number of workers that are kept running without work. A worker that is lost soon after its
   * start is replaced after a pause, which grows from 100 ms to 30 s.
   *
   * @default 0
   */
  readonly minWorkers?: number;
  /**
   * Maximum number of async tasks that one worker runs at the same time. Increase it for tasks that
   * wait for I/O. CPU-bound tasks do not become faster.
   *
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * Maximum number of tasks that have not started. The future of a further submit is rejected with
   * a QueueFullError. `0` accepts only tasks that can start immediately.
   *
   * @default Infinity
   */
  readonly maxQueue?: number;
  /**
   * Maximum number of tasks that start in any `interval` of so many ms. Further tasks wait. Each
   * run counts: also a retry, a stream and a part of a broadcast. A chain step that travels with
   * the task before it does not count.
   *
   * @default no limit
   */
  readonly rateLimit?: RateLimitOptions;
  /**
   * Time in ms after which an idle worker above `minWorkers` ends.
   *
   * @default 10_000
   */
  readonly idleTimeout?: number;
  /**
   * Number of tasks that a worker runs before it is replaced. A chain that the worker runs without
   * asking the main thread counts as one task, however many steps it has. If the old worker has
   * streams that wait for their readers, it continues them beside the new worker.
   *
   * @default Infinity
   */
  readonly maxTasksPerWorker?: number;
  /**
   * A worker is replaced if so many bytes of its heap are in use after a task. Garbage that has not
   * been collected counts, and memory outside of the heap (buffers) does not. An empty worker uses
   * some 5 MB. Tasks that are running on the worker finish there.
   *
   * @default Infinity
   */
  readonly maxMemoryPerWorker?: number;
  /**
   * Time in ms that a cancelled task may still run before its worker is replaced. `Infinity`: no
   * limit.
   *
   * @default 5_000; a thread that a cancelled task blocks is terminated within 100 ms, unless the
   *   task has read `currentTask().isCancelled`
   */
  readonly terminateAfter?: number;
  /**
   * Time in ms in which a new worker must load the task module and finish the initializer. After
   * that, the start counts as failed.
   *
   * @default 60_000
   */
  readonly startTimeout?: number;
  /**
   * Name of an export that each worker runs once, before its first task. If it returns a promise,
   * the worker awaits it.
   */
  readonly initializer?: string;
  /** Arguments of the initializer. */
  readonly initArgs?: readonly unknown[];
  /**
   * Name of an export that each worker runs once before it ends, after its last task. It receives
   * no arguments. If it returns a promise, the worker awaits it, at most `finalizeTimeout` ms.
   *
   * It runs when the worker ends in an orderly way: after `idleTimeout`, when the worker is
   * replaced, and at `shutdown()`. At `terminate()` it runs on each worker that becomes free within
   * `finalizeTimeout` ms. It does not run if the initializer failed. `shutdown()` and `terminate()`
   * wait for it, but not after the time of `shutdown({ timeout })`. Its errors go to
   * `onUnobservedError`.
   */
  readonly finalizer?: string;
  /**
   * Time in ms that the finalizer may take. After that, its worker is terminated. `Infinity`: no
   * limit.
   *
   * @default 5_000
   */
  readonly finalizeTimeout?: number;
  /**
   * The kind of worker: `'worker_threads'` or `'child_process'`. A native crash ends only the child
   * process in which it happens. Child processes start more slowly, and each message costs more. A
   * task that was sent to a child process counts as started.
   *
   * @default 'worker_threads'
   */
  readonly runtime?: 'worker_threads' | 'child_process';
  /**
   * Called at each submit, in the async context of the caller. A copy of the value travels with the
   * task, which reads it as `currentTask().context`. Use it for the id of a request, or for a trace
   * context. Promises in the value are not awaited.
   *
   * `with({ context })` takes precedence, and the function is then not called. For a step of a
   * chain, the function is called when the step is added, and for a stream at each subscription. If
   * the function throws, or if its value can't be copied, the future of the task is rejected.
   */
  readonly context?: () => unknown;
  /**
   * Appends the stack of the submit to the stacks of the task's errors. Each submit then costs a
   * stack capture.
   *
   * @default false
   */
  readonly captureStacks?: boolean;
  /**
   * Error classes of the program. A received error with the name of such a class becomes an
   * instance of it, and its constructor is not called. Any other error keeps `name`, `message`,
   * `code` and its other own properties, but is an `instanceof` its built-in base class only.
   */
  readonly errorClasses?: readonly (abstract new (
    ...args: any[]
  ) => Error)[];
  /**
   * Memory limits of each worker, in MiB. `maxOldGenerationSizeMb` must be at least 8 and
   * `stackSizeMb` at least 0.5, because Node can't start a worker with less.
   */
  readonly resourceLimits?: ResourceLimits;
  /** Environment variables of each worker. */
  readonly env?: Record<string, string>;
  /** Command-line arguments of each worker, at the end of its `process.argv`. */
  readonly argv?: readonly string[];
  /**
   * Command-line flags of Node for each worker. Worker threads accept only flags that may differ
   * between threads. The constructor throws for any other flag.
   */
  readonly execArgv?: readonly string[];
  /** Value of `workerData` in each worker. It must be cloneable. */
  readonly workerData?: unknown;
  /**
   * Called once for each rejected future that nothing has observed. The call comes when the future
   * is garbage-collected, or at shutdown.
   *
   * Also called at once in three other cases:
   *
   * - The cleanup of a stream (a generator's `finally`, an iterator's `return`) throws after the
   *   reader has left.
   * - Code that a finished task has left behind throws, such as the callback of a timer.
   * - The `finalizer` of a worker fails. `name` is then the name of the finalizer, and `id` is 0. A
   *   finalizer that takes longer than `finalizeTimeout` fails with a TimeoutError.
   *
   * @default a process warning; for an error of a cleanup, RxJS's config.onUnhandledError first
   */
  readonly onUnobservedError?: (error: unknown, task: { id: number; name: string }) => void;
  /**
   * Called with each error that a done callback throws, and with each reason that rejects the
   * promise of an async done callback.
   *
   * @default RxJS's config.onUnhandledError, else a process warning
   */
  readonly onCallbackError?: (error: unknown, future: Future<unknown>) => void;
  /** The backend that runs the tasks, such as the one of `rx-futures/testing`. */
  readonly backend?: Backend;
}
